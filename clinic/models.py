"""The people who work here and the words of the site itself."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.index import SearchEntry, SearchMiss, SearchWord

__all__ = [
    "US_TIME_ZONES",
    "SearchEntry",
    "SearchMiss",
    "SearchWord",
    "SiteText",
    "User",
]

US_TIME_ZONES = [
    ("America/New_York", _("Eastern")),
    ("America/Chicago", _("Central")),
    ("America/Denver", _("Mountain")),
    ("America/Phoenix", _("Arizona")),
    ("America/Los_Angeles", _("Pacific")),
    ("America/Anchorage", _("Alaska")),
    ("Pacific/Honolulu", _("Hawaii")),
]


class User(AbstractUser):
    """Someone who signs in. Which clinics' requests they see is in locations.Membership."""

    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        choices=US_TIME_ZONES,
        default="America/Chicago",
        help_text=_("Times on staff pages are shown in this zone."),
    )
    is_sample = models.BooleanField(_("demo account"), default=False, editable=False)

    class Meta(AbstractUser.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(time_zone__in=[zone for zone, _label in US_TIME_ZONES]),
                name="user_time_zone_known",
            )
        ]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class SiteTextQuerySet(models.QuerySet["SiteText"]):
    def current(self) -> "SiteText":
        """The texts in force: the newest revision, or empty ones on a site without any."""
        return self.order_by("-pk").first() or SiteText()


class SiteText(models.Model):
    """The site's texts that are no article. Each save adds a revision; blank is omitted."""

    name = models.CharField(_("site name"), max_length=80)
    tagline = models.CharField(
        _("tagline"), max_length=120, blank=True, help_text=_("Printed small, under the name.")
    )
    description = models.CharField(
        _("description"),
        max_length=160,
        blank=True,
        help_text=_("One sentence for search engines, of 50 to 160 characters."),
    )
    hero_title = models.CharField(_("home page heading"), max_length=120, blank=True)
    hero_text = models.TextField(
        _("home page sentence"),
        blank=True,
        help_text=_(
            "Say who this is for, that it is off-label, and that it helps some people and not "
            "others."
        ),
    )
    about = models.TextField(_("about us"), blank=True, help_text=_("Markdown."))
    privacy_practices = models.TextField(
        _("Notice of Privacy Practices"), blank=True, help_text=_("Markdown.")
    )
    accessibility = models.TextField(
        _("accessibility statement"), blank=True, help_text=_("Markdown.")
    )
    nondiscrimination = models.TextField(
        _("nondiscrimination and language notice"), blank=True, help_text=_("Markdown.")
    )
    mail_sender = models.CharField(
        _("name that mail comes from"),
        max_length=60,
        default="Front desk",
        help_text=_("Neutral: it is seen on a locked screen. No condition, no treatment."),
    )
    saved_at = models.DateTimeField(_("saved"), auto_now_add=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("saved by"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
    )

    objects = SiteTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("site text")
        verbose_name_plural = _("site texts")
        get_latest_by = "pk"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes a new revision. Raises ValueError on an attempt to change an old one."""
        if self.pk is not None:
            raise ValueError("A revision of the site texts is never changed: save a new one.")
        super().save(*args, **kwargs)

    def save_as_new(self, by: "User | None") -> "SiteText":
        """Writes these texts, an old revision's too, as the revision in force from now on."""
        self.pk = None
        self._state.adding = True
        self.saved_by = by
        self.save()
        return self
