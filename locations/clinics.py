"""A clinic, and who works there."""

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import US_TIME_ZONES

if TYPE_CHECKING:
    from clinic.models import User


class LocationQuerySet(models.QuerySet["Location"]):
    def listed(self) -> "LocationQuerySet":
        """The clinics that visitors see, in the order staff gave them."""
        return self.exclude(state=Location.State.CLOSED).order_by("position", "name")

    def taking_requests(self) -> "LocationQuerySet":
        """Clinics on the form that can be picked, the rows of which `takes_requests()` is true.

        A pause ends by itself, at midnight of the clinic's own zone.
        """
        over = Q()
        for name, _label in US_TIME_ZONES:
            today = timezone.localdate(timezone=ZoneInfo(name))
            over |= Q(time_zone=name, paused_until__lt=today)
        is_open = Q(state=Location.State.OPEN)
        return self.listed().filter(is_open | Q(over, state=Location.State.PAUSED))

    def touch(self) -> None:
        """Says that their pages changed, though their own rows did not: hours, days or facts."""
        self.update(changed_at=timezone.now())

    def with_calendar(self) -> "LocationQuerySet":
        """With what locations.calendar.Calendar.of reads: two queries, however many clinics."""
        return self.prefetch_related("opening_hours", "special_days")

    def worked_at_by(self, user: "User") -> "LocationQuerySet":
        return self.filter(memberships__user=user)

    def led_by(self, user: "User") -> "LocationQuerySet":
        return self.filter(memberships__user=user, memberships__role=Membership.Role.LEAD)

    def changeable_by(self, user: "User") -> "LocationQuerySet":
        """Every clinic for those who may add one, else the clinics that the user leads."""
        return self if user.has_perm("locations.add_location") else self.led_by(user)

    def default(self) -> "Location":
        """Where a request goes that names no clinic. Raises DoesNotExist without any clinic."""
        first = self.taking_requests().order_by("-is_default", "position").first()
        first = first or self.listed().order_by("-is_default", "position").first()
        if first is None:
            raise Location.DoesNotExist("There is no clinic yet: add one in the admin.")
        return first


class Location(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Not taking requests for now")
        COMING = "coming", _("Coming soon")
        CLOSED = "closed", _("Closed for good")

    slug = models.SlugField(_("address on the site"), unique=True)
    name = models.CharField(
        _("town"), max_length=80, help_text=_("Write it as people call the place: Vestavia Hills.")
    )
    practice_name = models.CharField(
        _("practice name"), max_length=120, help_text=_("This is the name on the door.")
    )
    area = models.CharField(
        _("area it is known by"),
        max_length=120,
        blank=True,
        help_text=_("Name the place people know, for example Auburn, AL."),
    )
    blurb = models.TextField(
        _("about this clinic"),
        blank=True,
        help_text=_("Write one short paragraph. If blank, it is left out."),
    )
    street = models.CharField(_("street"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=80)
    region = models.CharField(_("state"), max_length=2, help_text=_("Write two letters: AL."))
    postal_code = models.CharField(_("ZIP code"), max_length=10, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    phone = PhoneNumberField(
        _("phone"),
        blank=True,
        help_text=_(
            "Without one, this clinic's page offers the form and no other clinic's number."
        ),
    )
    texting_phone = PhoneNumberField(
        _("texting line"),
        blank=True,
        help_text=_("If blank, text message is not offered as a way to be reached."),
    )
    notice_email = models.EmailField(
        _("mailbox for notices"),
        blank=True,
        help_text=_(
            "Give the clinic's shared mailbox. Notices name no person, condition or treatment."
        ),
    )
    time_zone = models.CharField(_("time zone"), max_length=40, choices=US_TIME_ZONES)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    paused_until = models.DateField(
        _("paused until"),
        null=True,
        blank=True,
        help_text=_("This is the last day of the pause. It ends by itself."),
    )
    pause_message = models.CharField(_("message while paused"), max_length=300, blank=True)
    safety_protocol = models.TextField(
        _("safety protocol"),
        max_length=2000,
        blank=True,
        help_text=_(
            "What staff here do when a request reads like a crisis: whom to tell, and in what "
            "order. Shown on every request with a safety flag, beside 911 and 988."
        ),
    )
    closed_on = models.DateField(_("closed today"), null=True, blank=True, editable=False)
    area_codes = models.CharField(
        _("area codes"),
        max_length=120,
        blank=True,
        help_text=_("Requests that name no clinic come here by these, for example 205, 659."),
    )
    is_default = models.BooleanField(_("takes requests that name no clinic"), default=False)
    position = models.PositiveSmallIntegerField(_("order in lists"), default=0)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "paused", "coming", "closed"]),
                name="location_state_known",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="location_both_coordinates_or_none",
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="location_one_default",
                violation_error_message=_(
                    "Another clinic already takes these requests: take the tick away there first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("locations:detail", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def phone_display(self) -> str:
        return self.phone.as_national if self.phone else ""

    @property
    def address_lines(self) -> list[str]:
        """What is known of the address, a line each: an unknown part leaves no gap."""
        town = f"{self.city}, {self.region} {self.postal_code}".strip()
        return [line for line in (self.street, town) if line]

    def takes_requests(self) -> bool:
        """True while the form offers this clinic; a pause ends after its last day."""
        return self.state == self.State.OPEN or (
            self.state == self.State.PAUSED and not self.is_paused()
        )

    def close_today(self) -> None:
        """Shut for the whole of the clinic's own day; it ends at midnight by itself."""
        self.closed_on = timezone.localdate(timezone=self.zone)
        self.save(update_fields=["closed_on", "changed_at"])

    def reopen(self) -> None:
        self.closed_on = None
        self.save(update_fields=["closed_on", "changed_at"])

    @property
    def page_changed_at(self) -> dt.datetime:
        """When what its page says last changed: by hand, or because a pause or closing ended."""
        today = timezone.localdate(timezone=self.zone)
        ended = [day for day in (self.paused_until, self.closed_on) if day and day < today]
        midnights = (
            dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), tzinfo=self.zone)
            for day in ended
        )
        return max([self.changed_at, *midnights])

    @property
    def is_closed_today(self) -> bool:
        return self.closed_on == timezone.localdate(timezone=self.zone)

    def is_paused(self) -> bool:
        """True until the last day of the pause is over; without a last day, until staff end it."""
        today = timezone.localdate(timezone=self.zone)
        over = self.paused_until is not None and self.paused_until < today
        return self.state == self.State.PAUSED and not over


class Membership(models.Model):
    """Who works at which clinic. This alone decides whose requests a person sees."""

    class Role(models.TextChoices):
        STAFF = "staff", _("Staff")
        LEAD = "lead", _("Lead")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    location = models.ForeignKey(
        Location, verbose_name=_("clinic"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.STAFF)
    wants_notices = models.BooleanField(
        _("gets notices by mail"), default=False, help_text=_("As well as the clinic's mailbox.")
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "location"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["staff", "lead"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.location}"
