"""What a revision needs before readers may see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from articles import claims
from articles.findings import Finding, findings, texts_of
from articles.library import Person, Treatment
from articles.phrases import pattern_of
from articles.sentences import read

if TYPE_CHECKING:
    from articles.models import Article, Revision

__all__ = ["Finding", "Missing", "findings", "missing", "require"]

PICTURE_WITHOUT_ALT = re.compile(r"!\[\s*\]")
# What the page around the text says on every article.
SAID_BY_THE_PAGE = "988"
# The field in which an editor mends what a page must say and does not.
FIELD_OF = {"off_label_box": "main_treatment", "not_approved": "main_treatment"}


@dataclass(frozen=True)
class Missing:
    """One thing that stands in the way of publishing."""

    field: str
    """The field of the article form to mend it in; empty for the article as a whole."""
    message: str


def require(article: "Article", revision: "Revision") -> None:
    """Raises ValidationError with one sentence for each thing that is missing."""
    refuse([*missing_place(article, revision), *missing(revision)])


def require_approval(article: "Article", revision: "Revision") -> None:
    refuse([*missing_article(article, revision), *missing_approval(revision)])


def refuse(found: list[Missing]) -> None:
    if found:
        raise ValidationError([item.message for item in found])


def missing(revision: "Revision") -> list[Missing]:
    """What this revision lacks, in the order of the form; nothing when it may be published."""
    return [
        *missing_text(revision),
        *missing_claims(revision),
        *missing_treatments(revision),
        *missing_people(revision),
        *missing_approval(revision),
    ]


def missing_place(article: "Article", revision: "Revision") -> Iterator[Missing]:
    yield from missing_article(article, revision)
    if revision.pk == article.visible_id and article.next_revision_id is None:
        yield Missing("", _("Readers see this revision already."))


def missing_article(article: "Article", revision: "Revision") -> Iterator[Missing]:
    if revision.article_id != article.pk:
        yield Missing("", _("This revision belongs to another article."))


# --- The text -----------------------------------------------------------------------------------


def missing_text(revision: "Revision") -> Iterator[Missing]:
    if not revision.summary.strip():
        yield Missing("summary", _("Write the plain summary."))
    for field, text in texts_of(revision).items():
        if PICTURE_WITHOUT_ALT.search(text):
            yield Missing(
                field,
                _("Say what each picture shows, for example ![A chair by a window](chair)."),
            )
    if not revision.rendered["references"]:
        yield Missing("body", _("Cite at least one source, for example [@fda2023]."))


def missing_claims(revision: "Revision") -> Iterator[Missing]:
    """A finding that blocks, or a claim without its source."""
    for finding in findings(revision):
        if finding.level != "warn":
            yield Missing(
                finding.field,
                _("“%(sentence)s” %(why)s Use instead: %(use)s")
                % {
                    "sentence": finding.sentence,
                    "why": finding.message,
                    "use": finding.suggestion,
                },
            )


# --- Treatments ---------------------------------------------------------------------------------


def missing_treatments(revision: "Revision") -> Iterator[Missing]:
    declared = declared_treatments(revision)
    words = words_of(revision)
    for treatment in Treatment.objects.exclude(pk__in=[row.pk for row in declared]):
        name = named_in(treatment, words)
        if name:
            yield Missing(
                "other_treatments",
                _("The text names “%(name)s”: tick %(treatment)s among the treatments it names.")
                % {"name": name, "treatment": treatment},
            )
    box = [f"{row.statement}\n\nRisks: {row.risks}" for row in declared]
    for required in claims.missing_blocks(*texts_of(revision).values(), *box, SAID_BY_THE_PAGE):
        # What has no source is said of its own sentence.
        if required.id != "sources":
            yield Missing(FIELD_OF.get(required.id, "body"), required.say)


def declared_treatments(revision: "Revision") -> list[Treatment]:
    main = [revision.main_treatment] if revision.main_treatment else []
    return [*main, *revision.other_treatments.all()]


def words_of(revision: "Revision") -> str:
    """All the words of a revision, folded, one sentence a line."""
    return "\n".join(
        sentence.text for text in texts_of(revision).values() for sentence in read(text)
    )


def named_in(treatment: Treatment, words: str) -> str:
    """The name by which folded words name this treatment, or nothing."""
    names = [treatment.name.split(" (")[0], *treatment.other_names]
    folded = [re.escape(name.lower().replace("-", " ")) + "s?" for name in names if name.strip()]
    found = pattern_of(folded, {}).search(words)
    return found[0] if found else ""


# --- People and review --------------------------------------------------------------------------


def missing_people(revision: "Revision") -> Iterator[Missing]:
    author, reviewer = revision.author, revision.reviewer
    yield from missing_person("author", author, _("Name the author."))
    yield from missing_person("reviewer", reviewer, _("Name the medical reviewer."))
    if author and reviewer and is_same(author, reviewer):
        yield Missing("reviewer", _("Name a medical reviewer who is not the author."))


def missing_person(field: str, person: Person | None, ask: str) -> Iterator[Missing]:
    if person is None:
        yield Missing(field, ask)
    elif not person.credentials.strip():
        yield Missing(field, _("Give the credentials of %(name)s.") % {"name": person.name})


def is_same(one: Person, other: Person) -> bool:
    return one.pk == other.pk or (one.user_id is not None and one.user_id == other.user_id)


def missing_approval(revision: "Revision") -> Iterator[Missing]:
    from articles.revisions import date_errors

    if not revision.is_approved():
        yield Missing("", _("A medical reviewer must approve this revision first."))
        return
    for field, message in date_errors(revision.reviewed_on, revision.review_due):
        yield Missing(field, str(message))
