"""Requests for a consult: what was asked, what happened, what is still to be sent.

Patient text is sealed (clinic.crypto) and found again by keyed hashes. `__str__` is a reference.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clinic.crypto import sealed
from consults.chain import Link, Seal
from consults.corrections import Correction
from consults.events import Event, EventKind
from consults.notes import Note
from consults.outbox import Outbox
from consults.search_keys import SearchKey
from consults.stops import Stop
from consults.tallies import Tally
from locations.models import Location, Membership

if TYPE_CHECKING:
    from clinic.models import User

__all__ = [
    "ConsultRequest",
    "Correction",
    "Event",
    "EventKind",
    "Link",
    "Note",
    "Outbox",
    "Outcome",
    "Seal",
    "SearchKey",
    "State",
    "Stop",
    "Tally",
]

# No vowels and nothing that is read as something else aloud or in print.
REFERENCE_ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"


def new_reference() -> str:
    """A short reference people can read over the phone: about 387 million of them."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _place in range(6))
    return f"{letters[:3]}-{letters[3:]}"


QUEUE_ORDER = ("-is_flagged", "next_action_at", "received_at")
# Nothing stays open longer without a reason.
LONGEST_OPEN_DAYS = 60
# What is read on the request page only: a list never loads it.
SEALED_COLUMNS = ("name_sealed", "phone_sealed", "email_sealed", "question_sealed")


class ConsultRequestQuerySet(models.QuerySet["ConsultRequest"]):
    def visible_to(self, user: "User") -> "ConsultRequestQuerySet":
        """The requests of the clinics where `user` works. There is no other way in."""
        if not (user.is_active and user.is_staff):
            return self.none()
        return self.filter(location__memberships__user=user)

    def erasable_by(self, user: "User") -> "ConsultRequestQuerySet":
        """What a person may erase on request: a lead's own clinics; every clinic's rows for the
        site administrator, who finds them by phone or email and sees references only.
        """
        rows = self.filter(erased_at__isnull=True)
        if user.has_perm("consults.erase_person"):
            return rows
        lead = {"memberships__user": user, "memberships__role": Membership.Role.LEAD}
        return rows.visible_to(user).at_clinics(Location.objects.filter(**lead))

    def clinic_of(self, reference: str) -> "ConsultRequest | None":
        """Which clinic has the request of this exact reference, and no more, for leads."""
        rows = self.select_related("location").only("reference", "location__name")
        return rows.filter(reference=reference).first()

    def at_clinics(self, clinics: "Iterable[Location]") -> "ConsultRequestQuerySet":
        return self.filter(location__in=clinics)

    def received_between(self, start: dt.datetime, end: dt.datetime) -> "ConsultRequestQuerySet":
        """From `start` on and before `end`."""
        return self.filter(received_at__gte=start, received_at__lt=end)

    def open(self) -> "ConsultRequestQuerySet":
        """Everything somebody still has to do something about, quarantine apart."""
        return self.filter(state__in=OPEN_STATES)

    def quarantined(self) -> "ConsultRequestQuerySet":
        return self.filter(state=State.QUARANTINED, erased_at__isnull=True)

    def in_queue_order(self) -> "ConsultRequestQuerySet":
        """Safety first, then by when the next thing is due, then by who waits longest."""
        return self.order_by(*QUEUE_ORDER)

    def overdue(self) -> "ConsultRequestQuerySet":
        return self.open().filter(next_action_at__lt=timezone.now())

    def due_for_erasure(self, now: dt.datetime | None = None) -> "ConsultRequestQuerySet":
        """What has been kept as long as the privacy page says (settings.RETENTION_DAYS).

        Held requests wait until somebody has looked at them; nothing waits longer than a year.
        """
        now = now or timezone.now()

        def before(kind: str) -> dt.datetime:
            return now - dt.timedelta(days=settings.RETENTION_DAYS[kind])

        visit = Q(outcome__in=[Outcome.ATTENDED, Outcome.NO_SHOW])
        looked_at = Event.objects.filter(
            request=models.OuterRef("pk"), kind=EventKind.VIEWED, actor__isnull=False
        )
        return self.filter(
            Q(visit, state=State.CLOSED, visit_at__lt=before("visit"))
            | Q(~visit, state=State.CLOSED, closed_at__lt=before("closed"))
            | Q(
                models.Exists(looked_at),
                state=State.QUARANTINED,
                received_at__lt=before("quarantine"),
            )
            | Q(received_at__lt=before("longest")),
            erased_at__isnull=True,
            held_at__isnull=True,
        )

    def due_today(self) -> "ConsultRequestQuerySet":
        """What is still to be done before midnight, as the person who looks counts days."""
        now = timezone.localtime()
        midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
        return self.open().filter(next_action_at__gte=now, next_action_at__lt=midnight)

    def open_too_long(self) -> "ConsultRequestQuerySet":
        """Open for more than 60 days, and no reason given in the last 60."""
        limit = timezone.now() - dt.timedelta(days=LONGEST_OPEN_DAYS)
        explained = Q(kept_open_at__gte=limit)
        return self.open().filter(~explained | Q(kept_open_at=None), received_at__lt=limit)

    def untouched_claims(self) -> "ConsultRequestQuerySet":
        """Taken by somebody who has done nothing about it since."""
        return self.open().filter(assignee__isnull=False, claimed_at__isnull=False)

    def closed_since(self, start: dt.datetime) -> "ConsultRequestQuerySet":
        return self.filter(closed_at__gte=start)

    def contacted(self) -> "ConsultRequestQuerySet":
        return self.filter(response_minutes__isnull=False)

    def promised(self) -> "ConsultRequestQuerySet":
        """Still within the time that was promised, and nobody has tried yet."""
        still_open = self.open().exclude(state=State.WAITING)
        return still_open.filter(
            promised_by__gt=timezone.now(), first_response_at=None, withdrawn_at=None
        )

    def unclaimed(self) -> "ConsultRequestQuerySet":
        return self.open().filter(assignee__isnull=True)

    def held_by(self, user: "User") -> "ConsultRequestQuerySet":
        return self.open().filter(assignee=user)

    def held_by_members(self) -> "ConsultRequestQuerySet":
        """Open requests of somebody who works at their clinic today."""
        return self.open().filter(
            assignee__is_active=True,
            assignee__is_staff=True,
            assignee__memberships__location=models.F("location"),
        )

    def standing(self, state: "State") -> "ConsultRequestQuerySet":
        return self.filter(state=state)

    def taken_by(self, key: int | None) -> "ConsultRequestQuerySet":
        """Whatever has this assignee, closed or not; None is nobody."""
        return self.filter(assignee=key)

    def from_article(self, slug: str) -> "ConsultRequestQuerySet":
        return self.filter(source__slug=slug)

    def on_the_desk(self) -> "ConsultRequestQuerySet":
        """Open or held for a look. Written so that each half is read through its own index."""
        held = Q(state=State.QUARANTINED, erased_at__isnull=True)
        return self.filter(Q(state__in=OPEN_STATES) | held)

    def waiting(self) -> "ConsultRequestQuerySet":
        return self.filter(state=State.WAITING)

    def booked(self) -> "ConsultRequestQuerySet":
        return self.filter(state=State.BOOKED)

    def closed(self) -> "ConsultRequestQuerySet":
        return self.filter(state=State.CLOSED)

    def filed_under(self, digests: list[str]) -> "ConsultRequestQuerySet":
        """Requests that have every one of these keyed hashes (SearchKey.digests)."""
        keys = SearchKey.objects.having_all(digests).values_list("request_id", flat=True)
        # Several hashes leave few requests, which PostgreSQL does not foresee: they are read first.
        return self.filter(pk__in=list(keys) if len(digests) > 1 else keys)

    def same_person_as(self, row: "ConsultRequest") -> "ConsultRequestQuerySet":
        """Other requests with the same phone or email, or written because those were wrong.

        At any clinic: ask visible_to() first.
        """
        contacts = SearchKey.objects.exclude(kind=SearchKey.Kind.NAME)
        # Read first: as a subquery or beside an OR, PostgreSQL would go through all there is.
        keys = contacts.filter(digest__in=row.contact_digests()).values_list("request_id")
        followers = ConsultRequest.objects.order_by().filter(follows=row).values_list("pk")
        found = {key for (key,) in keys.union(followers)}
        return self.filter(pk__in=(found | {row.follows_id}) - {row.pk, None})

    def reached_at(self, digests: list[str]) -> "ConsultRequestQuerySet":
        """The requests with this phone number or address (SearchKey.digests)."""
        contacts = SearchKey.objects.exclude(kind=SearchKey.Kind.NAME)
        return self.filter(pk__in=contacts.filter(digest__in=digests).values("request_id"))


class State(models.TextChoices):
    NEW = "new", _("New")
    TRYING = "trying", _("Trying to reach")
    WAITING = "waiting", _("Waiting for reply")
    BOOKED = "booked", _("Visit booked")
    CLOSED = "closed", _("Closed")
    QUARANTINED = "quarantined", _("Quarantined")


OPEN_STATES = (State.NEW, State.TRYING, State.WAITING, State.BOOKED)


class Outcome(models.TextChoices):
    ATTENDED = "attended", _("Attended")
    NO_SHOW = "no_show", _("Did not come")
    NOT_A_FIT = "not_a_fit", _("Not a fit")
    COULD_NOT_REACH = "could_not_reach", _("Could not reach")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DUPLICATE = "duplicate", _("Duplicate")


class ConsultRequest(models.Model):
    class ForWhom(models.TextChoices):
        SELF = "self", _("Me, and I am 18 or over")
        ADULT = "adult", _("Another adult")

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone call")
        TEXT = "text", _("Text message")
        EMAIL = "email", _("Email")

    class Voicemail(models.TextChoices):
        NO = "no", _("No message")
        UNNAMED = "unnamed", _("Yes, but do not name the clinic")
        NAMED = "named", _("Yes, you may name the clinic")

    class Time(models.TextChoices):
        MORNING = "morning", _("Morning, 9 to 12")
        MIDDAY = "midday", _("Midday, 12 to 2")
        AFTERNOON = "afternoon", _("Late afternoon, 2 to 5")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(
        _("reference"), max_length=9, unique=True, default=new_reference, editable=False
    )
    # HMAC over the form's token and its content: the same send twice is one row.
    submission_hash = models.CharField(max_length=40, unique=True, editable=False)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    location = models.ForeignKey(
        "locations.Location", verbose_name=_("clinic"), on_delete=models.PROTECT
    )
    location_was_chosen = models.BooleanField(_("named the clinic"), default=True)
    source = models.ForeignKey(
        "articles.Article",
        verbose_name=_("came from article"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    for_whom = models.CharField(_("for"), max_length=10, choices=ForWhom.choices)
    channel = models.CharField(_("reach by"), max_length=10, choices=Channel.choices)
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    email_sealed = models.BinaryField(null=True)
    question_sealed = models.BinaryField(null=True)
    may_text = models.BooleanField(_("agreed to texts"), default=False)
    voicemail = models.CharField(
        _("voicemail"), max_length=10, choices=Voicemail.choices, default=Voicemail.NO
    )
    good_times = models.JSONField(_("good times"), default=list)  # values of Time; none is any
    consent_version = models.CharField(max_length=20)
    consent_hash = models.CharField(max_length=64)

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.NEW)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    is_flagged = models.BooleanField(_("safety flag"), default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who has it"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    # When it was taken, until something is done about it: an untouched claim frees itself.
    claimed_at = models.DateTimeField(null=True)
    promised_by = models.DateTimeField(_("promised by"))
    next_action_at = models.DateTimeField(_("next action"), null=True)
    first_response_at = models.DateTimeField(_("first contact attempt"), null=True)
    # Waiting for a reply pauses the clock. Both in working minutes of the clinic.
    waiting_since = models.DateTimeField(null=True)
    waited_minutes = models.PositiveIntegerField(default=0)
    response_minutes = models.PositiveIntegerField(_("minutes to first attempt"), null=True)
    visit_at = models.DateTimeField(_("visit"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    # Ends contact on every channel. A flagged request stays open until someone says what was done.
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    # Values of Channel that turned out to be somebody else's: never offered again.
    wrong_channels = models.JSONField(default=list)
    duplicate_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    # The request whose confirmation said something wrong, for which this one was written.
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    # When somebody last said why it is open for more than 60 days.
    kept_open_at = models.DateTimeField(null=True)
    # Stops erasure until it is taken away; the reason is a note.
    held_at = models.DateTimeField(_("kept from erasure"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)
    # Counts every change: a save that saw an older number is refused.
    version = models.PositiveIntegerField(default=1)
    is_sample = models.BooleanField(_("sample"), default=False)

    name = sealed("name_sealed")
    phone = sealed("phone_sealed")  # E.164
    email = sealed("email_sealed")
    question = sealed("question_sealed")

    objects = ConsultRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("consult request")
        verbose_name_plural = _("consult requests")
        default_permissions = ("view", "change")
        permissions = [("erase_person", "Can erase one person at every clinic")]
        ordering = ["-received_at"]
        indexes = [
            # In the order of a list, so that its first page is read and no more. The clinic comes
            # last: it is looked at in the index, whether the reader has one clinic or all.
            models.Index(
                fields=["-is_flagged", "next_action_at", "received_at", "location"],
                name="consult_open",
                condition=Q(state__in=["new", "trying", "waiting", "booked"]),
            ),
            models.Index(
                fields=["received_at", "location"],
                name="consult_open_since",
                condition=Q(state__in=["new", "trying", "waiting", "booked"]),
            ),
            models.Index(
                fields=["-closed_at", "location", "outcome"],
                name="consult_closed",
                condition=Q(state="closed"),
            ),
            models.Index(
                fields=["-received_at", "location"],
                name="consult_quarantine",
                condition=Q(state="quarantined", erased_at__isnull=True),
            ),
            # What the reports count stands in the index itself.
            models.Index(
                fields=["received_at", "location", "response_minutes"], name="consult_received"
            ),
            models.Index(
                fields=["received_at", "source", "location", "outcome", "first_response_at"],
                name="consult_by_source",
                condition=Q(source__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="consult_state_known"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(state="closed") & Q(closed_at__isnull=True, outcome=""),
                name="consult_closed_with_outcome_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | Q(visit_at__isnull=False),
                name="consult_booked_with_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["new", "trying", "waiting", "booked"])
                | Q(next_action_at__isnull=False),
                name="consult_open_with_next_action",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def contact_keys(self) -> models.QuerySet[SearchKey]:
        """Every phone number and address of this request, those corrected since too."""
        return self.search_keys.exclude(kind=SearchKey.Kind.NAME)

    def contact_digests(self) -> list[str]:
        return list(self.contact_keys().values_list("digest", flat=True))

    @cached_property
    def stopped_at(self) -> dt.datetime | None:
        """When the person ended contact, in this request or another; None where we may write."""
        return self.withdrawn_at or Stop.objects.since(self)

    @property
    def may_be_erased_by_person(self) -> bool:
        """Withdrawn and closed; one with a safety flag stays open until staff say what was done."""
        return bool(self.withdrawn_at) and self.state == State.CLOSED and not self.erased_at

    @property
    def may_be_erased_by_staff(self) -> bool:
        """Not while somebody keeps it, nor while a safety flag still needs someone."""
        needs_someone = self.is_flagged and self.state != State.CLOSED
        return not (self.erased_at or self.held_at or needs_someone)

    @property
    def is_open_too_long(self) -> bool:
        """Open for more than 60 days, and no reason given in the last 60."""
        limit = timezone.now() - dt.timedelta(days=LONGEST_OPEN_DAYS)
        explained = self.kept_open_at is not None and self.kept_open_at >= limit
        return self.state in OPEN_STATES and self.received_at < limit and not explained
