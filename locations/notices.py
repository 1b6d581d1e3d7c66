"""Lines that stand on every page for a while."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from locations.clinics import Location


class SiteNoticeQuerySet(models.QuerySet["SiteNotice"]):
    def showing(self, now: dt.datetime | None = None) -> "SiteNoticeQuerySet":
        """What stands on every page at `now`; nothing about a clinic that is closed for good."""
        now = now or timezone.now()
        showing = self.filter(starts_at__lte=now, ends_at__gt=now).order_by("starts_at")
        return showing.exclude(location__state=Location.State.CLOSED)


class SiteNotice(models.Model):
    """A line on every page (weather, phones down), for one clinic or all; it ends by itself."""

    text = models.CharField(_("text"), max_length=300)
    location = models.ForeignKey(
        Location,
        verbose_name=_("clinic"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("Blank: all clinics."),
    )
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))

    objects = SiteNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("site notice")
        verbose_name_plural = _("site notices")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=models.F("ends_at")),
                name="site_notice_ends_after_it_starts",
                violation_error_message=_("The end must be after the start."),
            )
        ]

    def __str__(self) -> str:
        return self.text
