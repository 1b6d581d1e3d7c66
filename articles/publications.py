"""The moves of what is live: which revision, who, from which moment, and why when it corrects."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PublicationQuerySet(models.QuerySet["Publication"]):
    def reached(self, now: dt.datetime) -> "PublicationQuerySet":
        """The moves that readers saw by `now`; a schedule that was dropped is none of them."""
        later = Publication.objects.filter(
            article=OuterRef("article"), at__gt=OuterRef("at"), at__lt=OuterRef("takes_effect")
        )
        return self.exclude(kind=Publication.Kind.WITHDRAWN).filter(
            ~models.Exists(later), takes_effect__lte=now
        )

    def corrections(self) -> "PublicationQuerySet":
        """The moves that readers are told of, newest first: corrected on a day, because."""
        return self.reached(timezone.now()).exclude(because="").order_by("-takes_effect", "-pk")


class Publication(models.Model):
    """One move of what is live: who did it, when, and from which moment it counts."""

    class Kind(models.TextChoices):
        PUBLISHED = "published", _("Published")
        SCHEDULED = "scheduled", _("Scheduled")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ROLLED_BACK = "rolled_back", _("Rolled back")
        CORRECTED = "corrected", _("Corrected at once")

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="publications"
    )
    revision = models.ForeignKey(
        "articles.Revision", on_delete=models.CASCADE, related_name="publications"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    takes_effect = models.DateTimeField()
    because = models.CharField(
        _("because"),
        max_length=200,
        blank=True,
        help_text=_("What readers are told of a correction, after the word “because”."),
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["published", "scheduled", "withdrawn", "rolled_back", "corrected"]
                ),
                name="publication_kind_known",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
