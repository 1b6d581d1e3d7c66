"""What a revision needs before readers may see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import claims
from articles.findings import Finding, findings, texts_of
from articles.library import Person, Treatment
from articles.phrases import pattern_of
from articles.sentences import read
from articles.weights import Weight, weight

if TYPE_CHECKING:
    from articles.models import Article, Revision

__all__ = ["Finding", "Missing", "findings", "missing", "require"]

PICTURE_WITHOUT_ALT = re.compile(r"!\[\s*\]")
# What the page around the text says on every article.
SAID_BY_THE_PAGE = "988"
# The field in which an editor mends what a page must say and does not.
FIELD_OF = {"off_label_box": "main_treatment", "not_approved": "main_treatment"}
NO_CORRECTION = gettext_lazy(
    "Only an edit that takes a claim out, or makes it smaller, can be published before a medical "
    "reviewer has approved it. Ask for approval instead."
)


@dataclass(frozen=True)
class Missing:
    """One thing that stands in the way of publishing."""

    field: str
    """The field of the article form to mend it in; empty for the article as a whole."""
    message: str


def require(article: "Article", revision: "Revision", because: str = "") -> None:
    """Raises ValidationError with one sentence for each thing that is missing."""
    told = missing_reason(because) if needs_reason(revision) else ()
    refuse([*missing_place(article, revision), *missing(revision), *told])


def require_correction(article: "Article", revision: "Revision", because: str) -> None:
    """Raises as `require`, for a text that only takes back what the live one claims."""
    if article.visible_id is None:
        raise ValidationError(_("Only what readers see now can be corrected at once."))
    refuse([*missing_place(article, revision), *missing_reason(because)])
    if not is_correction(revision):
        raise ValidationError(NO_CORRECTION)


def require_not_refused(article: "Article", revision: "Revision") -> None:
    refuse(list(missing_article(article, revision)))
    if revision.is_refused():
        raise ValidationError(_("A medical reviewer asked for changes in this revision."))


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
        if finding.stands_in_the_way:
            told = sentence_of(finding.sentence, finding.message, finding.suggestion)
            yield Missing(finding.field, told)


def sentence_of(sentence: str, why: str, use: str) -> str:
    words = {"sentence": sentence, "why": why, "use": use}
    return _("“%(sentence)s” %(why)s Use instead: %(use)s") % words


# --- Treatments ---------------------------------------------------------------------------------


def missing_treatments(revision: "Revision") -> Iterator[Missing]:
    declared = revision.declared()
    words = words_of(revision)
    for treatment in Treatment.objects.exclude(pk__in=[row.pk for row in declared]):
        name = named_in(treatment, words)
        if name:
            yield Missing(
                "other_treatments",
                _("The text names “%(name)s”: tick %(treatment)s among the treatments it names.")
                % {"name": name, "treatment": treatment},
            )
    yield from missing_verification(revision, declared)
    box = [f"{row.statement}\n\nRisks: {row.risks}" for row in declared]
    for required in claims.missing_blocks(*texts_of(revision).values(), *box, SAID_BY_THE_PAGE):
        # What has no source is said of its own sentence.
        if required.id != "sources":
            yield Missing(FIELD_OF.get(required.id, "body"), required.say)


def missing_verification(revision: "Revision", declared: list[Treatment]) -> Iterator[Missing]:
    """A status that nobody has verified of late. What readers see already may go on naming it."""
    visible = revision.article.revision_at()
    shown = set(visible.declared()) if visible else set()
    for treatment in declared:
        if treatment.is_overdue and treatment not in shown:
            field = "main_treatment" if treatment == declared[0] else "other_treatments"
            yield Missing(
                field,
                _(
                    "The status of %(treatment)s is not verified: a medical reviewer checks its "
                    "record before anything new names it."
                )
                % {"treatment": treatment},
            )


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

    approved = revision if revision.is_approved() else basis_of(revision)
    if approved is None:
        yield Missing("", _("A medical reviewer must approve this revision first."))
        return
    for field, message in date_errors(approved.reviewed_on, approved.review_due):
        yield Missing(field, str(message))


# --- Editing what is live -----------------------------------------------------------------------


def basis_of(revision: "Revision") -> "Revision | None":
    """The approved revision that a neutral edit of a live article may stand for, or None.

    Neither it nor what readers see now may say anything else that weighs: a claim that was taken
    back at once does not come back that way.
    """
    visible, approved = revision.article.revision_at(), approved_before(revision)
    if visible is None or approved is None or revision.is_refused():
        return None
    weights = (weight(other, revision) for other in {visible, approved})
    return approved if max(weights) == Weight.NEUTRAL else None


def approved_before(revision: "Revision") -> "Revision | None":
    return type(revision).objects.approved_before(revision)


def is_correction(revision: "Revision") -> bool:
    """Whether it only takes back, or makes smaller, what readers see now."""
    visible = revision.article.revision_at()
    return visible is not None and weight(visible, revision) <= Weight.SOFTER


def needs_reason(revision: "Revision") -> bool:
    """Whether readers must be told why the text they may have read has changed."""
    visible = revision.article.revision_at()
    return visible is not None and weight(visible, revision) > Weight.NEUTRAL


def missing_reason(because: str) -> Iterator[Missing]:
    if not because.strip():
        yield Missing(
            "because",
            _(
                "Say for readers why the text has changed. For example: a larger study did not "
                "find the same."
            ),
        )
    for found in claims.check(because, kind="plain"):
        if found.level == "block":
            yield Missing("because", sentence_of(found.sentence, found.why, found.use))
