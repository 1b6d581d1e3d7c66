"""What editors and medical reviewers are written about texts: titles and links, nothing else.

Sent by consults.notifications, like all mail. The subject names no title: it is seen on a locked
screen.
"""

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import reviews
from articles.decisions import Approval
from articles.publications import Publication
from articles.revisions import Revision
from clinic.models import User

Letter = tuple[list[str], str, str]  # recipients, subject, body


def please_review(word: Approval) -> Letter:
    revision = word.revision
    if revision.publications.filter(kind=Publication.Kind.CORRECTED).exists():
        subject = _("A correction is live and needs your review")
        told = _("An urgent correction is on the site without a review. Please look at it:")
    else:
        subject = _("A text waits for your review")
        told = _("An editor asks for your word on this text:")
    return reviewers_of(revision), subject, _body(told, revision)


def approved(word: Approval) -> Letter:
    told = _("A medical reviewer approved this text. It can be published:")
    return writers_of(word), _("A text is approved"), _body(told, word.revision)


def changes_asked(word: Approval) -> Letter:
    told = _("A medical reviewer asks for changes in this text. What to change stands there:")
    return writers_of(word), _("Changes to a text are asked for"), _body(told, word.revision)


def digest() -> Letter:
    """The titles of what is due for review, to everyone who reviews or edits."""
    path = reverse("admin:articles_article_reviews")
    context = {"parts": reviews.queue(), "url": f"{settings.SITE_URL}{path}"}
    people = {*who_may("articles.approve_revision"), *who_may("articles.change_article")}
    body = render_to_string("articles/mail/digest.txt", context)
    return sorted(person.email for person in people), _("Reviews that are due"), body


def _body(told: str, revision: Revision) -> str:
    path = reverse("admin:articles_article_review", args=[revision.article_id, revision.number])
    context = {"told": told, "title": revision.title, "url": f"{settings.SITE_URL}{path}"}
    return render_to_string("articles/mail/word.txt", context)


# --- To whom ------------------------------------------------------------------------------------


def who_may(permission: str) -> set[User]:
    """Whoever holds it by their group and can be written to."""
    people = User.objects.with_perm(permission, include_superusers=False)
    return set(people.filter(is_staff=True).exclude(email=""))


def reviewers_of(revision: Revision) -> list[str]:
    """The reviewer whom the text names, if they have an account; else whoever may say yes to it."""
    able = {person.pk: person.email for person in who_may("articles.approve_revision")}
    author = revision.author.user_id if revision.author else None
    for own in (revision.saved_by_id, author):
        able.pop(own or 0, None)
    named = revision.reviewer.user_id if revision.reviewer else None
    return [able[named]] if named in able else sorted(able.values())


def writers_of(word: Approval) -> list[str]:
    """Who saved the text and who asked for the word on it, but for whoever gave it."""
    asked = Approval.objects.filter(revision=word.revision_id, decision=Approval.Decision.ASKED)
    wrote = Q(pk=word.revision.saved_by_id) | Q(pk__in=asked.values("by"))
    people = User.objects.filter(wrote, is_active=True, is_staff=True)
    return sorted(people.exclude(Q(pk=word.by_id) | Q(email="")).values_list("email", flat=True))
