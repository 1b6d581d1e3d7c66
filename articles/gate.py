"""What a revision needs before readers may see it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from articles.models import Article, Revision


def require(article: "Article", revision: "Revision") -> None:
    """Raises ValidationError with one sentence for each thing that is missing."""
    missing = list(missing_from(article, revision))
    if missing:
        raise ValidationError(missing)


def require_approval(article: "Article", revision: "Revision") -> None:
    missing = list(missing_approval(article, revision))
    if missing:
        raise ValidationError(missing)


def missing_from(article: "Article", revision: "Revision") -> Iterator[str]:
    yield from missing_approval(article, revision)
    if revision.pk == article.visible_id and article.next_revision_id is None:
        yield _("Readers see this revision already.")
    if not revision.summary.strip():
        yield _("Write the plain summary.")
    if not revision.rendered["references"]:
        yield _("Cite at least one source, for example [@fda2023].")
    yield from missing_review(revision)


def missing_approval(article: "Article", revision: "Revision") -> Iterator[str]:
    if revision.article_id != article.pk:
        yield _("This revision belongs to another article.")
    if not revision.is_approved():
        yield _("A medical reviewer must approve this revision first.")


def missing_review(revision: "Revision") -> Iterator[str]:
    """A reviewer who is named is another person than the author, with a date that has come."""
    if revision.reviewer_id is None:
        return
    if revision.reviewer_id == revision.author_id:
        yield _("Name a medical reviewer who is not the author.")
    if revision.reviewed_on is None:
        yield _("Give the day of the medical review.")
    elif revision.reviewed_on > timezone.localdate():
        yield _("The day of the medical review is in the future.")
