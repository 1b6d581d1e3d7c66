"""The links under which one revision can be read, and commented on, before it is published."""

import datetime as dt
import uuid

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.revisions import Revision
from clinic.models import User

VALID_FOR = dt.timedelta(days=14)
NAME_LENGTH = 80
COMMENT_LENGTH = 2000
# More than any reader has to say; what goes beyond it comes from no reader.
MOST_COMMENTS = 50


def in_two_weeks() -> dt.datetime:
    return timezone.now() + VALID_FOR


class DraftLinkQuerySet(models.QuerySet["DraftLink"]):
    def of(self, revision: Revision) -> "DraftLinkQuerySet":
        """The links to one revision with who made them, the newest first."""
        return self.filter(revision=revision).select_related("created_by")

    def under(self, token: str) -> "DraftLink | None":
        """The link with this token, ended or not; None for a token that is not ours."""
        try:
            key = uuid.UUID(_signer().unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return self.filter(pk=key).first()


class DraftLink(models.Model):
    """One way to one revision, without an account, until it expires or is revoked.

    Its address holds a random key, signed: reading the database is not enough to follow it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="draft_links")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=in_two_weeks)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)

    objects = DraftLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft link")
        verbose_name_plural = _("draft links")
        default_permissions = ()
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_by__isnull=True, revoked_at__isnull=True)
                | Q(revoked_by__isnull=False, revoked_at__isnull=False),
                name="draft_link_revoked_by_and_at_together",
            )
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        token = _signer().sign(self.pk.hex)
        return reverse("articles:draft", args=[token])

    @property
    def address(self) -> str:
        """The whole address, to be sent to somebody."""
        return f"{settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def revoke(self, by: User) -> None:
        """Ends the link at once. Whoever ended it first stays on record."""
        mine = DraftLink.objects.filter(pk=self.pk, revoked_at__isnull=True)
        mine.update(revoked_by=by, revoked_at=timezone.now())

    def comment(self, name: str, text: str) -> "DraftComment":
        """Keeps what a reader says. Raises ValidationError once the link has ended or is full."""
        with transaction.atomic():
            link = DraftLink.objects.select_for_update().get(pk=self.pk)
            if not link.is_open:
                raise ValidationError(_("This link has ended, so nothing more can be said here."))
            if link.comments.count() >= MOST_COMMENTS:
                raise ValidationError(
                    _("This link holds all the comments it can. Ask for a new link.")
                )
            return link.comments.create(name=name, text=text)


def _signer() -> signing.Signer:
    return signing.Signer(salt="articles.draft", sep=".")


class DraftCommentQuerySet(models.QuerySet["DraftComment"]):
    def on(self, revision: Revision) -> "DraftCommentQuerySet":
        """What was said to one revision, by whatever link, the newest first."""
        return self.filter(link__revision=revision).select_related("link__created_by")


class DraftComment(models.Model):
    """What somebody without an account says to one revision. The name is what they typed."""

    link = models.ForeignKey(DraftLink, on_delete=models.CASCADE, related_name="comments")
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    text = models.TextField(_("comment"))
    at = models.DateTimeField(auto_now_add=True)

    objects = DraftCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a draft")
        verbose_name_plural = _("comments on drafts")
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
