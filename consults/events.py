"""What happened to a request, and who looked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.chain import LATE_BY, AppendOnly, AppendOnlyModel, Link


class EventKind(models.TextChoices):
    RECEIVED = "received", _("Request received")
    QUARANTINED = "quarantined", _("Held as possible spam")
    RELEASED_FROM_QUARANTINE = "unheld", _("Released from quarantine")
    VIEWED = "viewed", _("Opened")
    QUESTION_SHOWN = "question_shown", _("Question shown")
    LISTED = "listed", _("Listed")
    SEARCHED = "searched", _("Searched")
    REFUSED = "refused", _("Refused")
    CLAIMED = "claimed", _("Taken")
    ASSIGNED = "assigned", _("Given to a colleague")
    RELEASED = "released", _("Given back")
    TRANSFERRED = "transferred", _("Moved to another clinic")
    CONTACT = "contact", _("Contact attempt")
    WAITING = "waiting", _("Waiting for a reply")
    BOOKED = "booked", _("Visit booked")
    ATTENDED = "attended", _("Attended the visit")
    NO_SHOW = "no_show", _("Did not come")
    DECLINED = "declined", _("Not a fit")
    GIVEN_UP = "given_up", _("Could not be reached")
    WITHDRAWN = "withdrawn", _("Withdrawn by the person")
    DUPLICATE = "duplicate", _("Marked as a duplicate")
    REOPENED = "reopened", _("Opened again")
    NOTE = "note", _("Note added")
    CORRECTED = "corrected", _("Phone or address corrected")
    MAIL_ASKED = "mail_asked", _("Mail asked for")
    MAILED = "mailed", _("Mail sent")
    ENTERED = "entered", _("Entered from a phone call")
    NOT_DUPLICATE = "not_duplicate", _("No duplicate after all")
    KEPT_OPEN = "kept_open", _("Kept open beyond 60 days")
    HELD = "held", _("Kept from erasure")
    UNHELD = "no_longer_held", _("No longer kept from erasure")
    PRINTED = "printed", _("Copy opened for printing")
    EXPORTED = "exported", _("Exported")
    LOCATED = "located", _("Asked which clinic has it")
    REPORTED = "reported", _("Looks of a person listed")
    ERASED = "erased", _("Erased")


class EventQuerySet(AppendOnly):
    """Append-only: rows are added and read."""

    def contacts(self) -> "EventQuerySet":
        return self.filter(kind=EventKind.CONTACT)

    def unsealed(self) -> "EventQuerySet":
        """What is in no chain yet, oldest first (chain.LATE_BY says how far back this looks)."""
        newest = Link.objects.aggregate(newest=models.Max("event_id"))["newest"] or 0
        recent = self.filter(pk__gt=newest - LATE_BY, link__isnull=True)
        return recent.order_by("pk")


class Event(AppendOnlyModel):
    """What happened to a request, and who looked: append-only, codes only, no patient text."""

    # Null for what concerns no single request, such as a search or a list.
    request = models.ForeignKey(
        "consults.ConsultRequest", on_delete=models.PROTECT, null=True, related_name="events"
    )
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    at = models.DateTimeField(default=timezone.now)
    # Null for the person who wrote, and for the site itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Codes, counts, dates and ids; never anything a patient wrote.
    detail = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ("view",)
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["actor", "at"], name="event_actor_at")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="event_kind_known")
        ]

    def __str__(self) -> str:
        return self.kind
