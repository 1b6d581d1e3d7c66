"""What the claim rules find in a revision, field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.db import models

from articles import claims
from articles.approvals import KnownTreatment
from articles.claims import Kind, Level
from articles.judgements import Judgement
from articles.library import Treatment

if TYPE_CHECKING:
    from articles.revisions import Revision

# How each field is read: which kind of text it is for the rules.
KINDS: dict[str, Kind] = {
    "title": "title",
    "short_title": "title",
    "description": "description",
    "summary": "summary",
    "body": "body",
    "questions": "body",
}


@dataclass(frozen=True)
class Finding:
    """One rule that one sentence of a field breaks."""

    level: Level
    rule: str
    field: str
    sentence: str
    start: int
    """Where the words found begin in the text of the field (see `text_of`)."""
    end: int
    message: str
    suggestion: str
    fingerprint: str
    """Of the rule and the sentence: the same wherever the sentence stands."""
    judgement: Judgement | None = None
    """What a person said to it, if anybody did."""

    @property
    def label(self) -> str:
        """The name of the field, as the form has it."""
        column = apps.get_model("articles", "Revision")._meta.get_field(self.field)
        return str(cast("models.Field[Any, Any]", column).verbose_name)

    @property
    def stands_in_the_way(self) -> bool:
        """A warning never does; anything else until it is changed or overridden."""
        is_overridden = self.judgement and self.judgement.kind == Judgement.Kind.OVERRIDDEN
        return self.level != "warn" and not is_overridden

    @property
    def is_unread(self) -> bool:
        return self.level == "warn" and self.judgement is None


def findings(revision: "Revision") -> list[Finding]:
    """Everything the rules find in a revision, in the order of its fields."""
    rows = Judgement.objects.filter(article=revision.article_id).select_related("by")
    judged = {row.fingerprint: row for row in rows}
    return [
        replace(found, judgement=judged.get(found.fingerprint))
        for found in findings_in(texts_of(revision), Treatment.objects.all())
    ]


def findings_in(
    texts: Mapping[str, str], treatments: Iterable[KnownTreatment] = ()
) -> Iterator[Finding]:
    """The same for texts that nobody has saved yet, by the name of their field."""
    known = list(treatments)
    for field, kind in KINDS.items():
        for found in claims.check(texts.get(field, ""), kind=kind, treatments=known):
            yield Finding(
                level=found.level,
                rule=found.rule,
                field=field,
                sentence=found.sentence,
                start=found.start,
                end=found.end,
                message=found.why,
                suggestion=found.use,
                fingerprint=found.fingerprint,
            )


def texts_of(revision: "Revision") -> dict[str, str]:
    return {field: text_of(getattr(revision, field)) for field in KINDS}


def text_of(value: str | Sequence[Mapping[str, str]]) -> str:
    """A field as one text: questions as the form shows them, each on a line that begins with ##."""
    if isinstance(value, str):
        return value
    return "\n\n".join(f"## {item['question']}\n\n{item['answer']}" for item in value)
