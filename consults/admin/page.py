"""What the request page shows of one request: who it may be too, what happened, who looked."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _lazy

from clinic.models import User
from consults import clock
from consults.admin.ways import Opened, Way, opened, voicemail_script, ways
from consults.change import LOOKS
from consults.models import (
    OPEN_STATES,
    SEALED_COLUMNS,
    ConsultRequest,
    ConsultRequestQuerySet,
    Correction,
    Event,
    EventKind,
    Note,
    Outbox,
    Outcome,
    SearchKey,
)
from consults.signposts import SIGNPOSTS
from consults.triage import ContactResult, DeclineReason, SafetyStep
from locations.models import Location

Channel = ConsultRequest.Channel

SECOND_OPENER = dt.timedelta(minutes=15)
MOST_DUPLICATES = 10


@dataclass
class Entry:
    """One line of the timeline."""

    at: dt.datetime
    who: str
    what: str
    note: Opened | None = None


@dataclass(frozen=True)
class Twin:
    """Another request here that may be the same person's."""

    row: ConsultRequest
    has_other_name: bool

    @property
    def can_be_kept(self) -> bool:
        return self.row.state in OPEN_STATES and self.row.withdrawn_at is None


@dataclass
class Page:
    row: ConsultRequest
    user: User
    question_asked: bool = False
    events: list[Event] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    name: Opened = field(init=False)
    next_try: dt.datetime = field(init=False)
    # Requests here that may be the same person's, and whether another clinic has one.
    duplicates: list[Twin] = field(default_factory=list)
    another_clinic_has_one: bool = False

    def __post_init__(self) -> None:
        self.events = list(self.row.events.select_related("actor").order_by("-at", "-pk"))
        notes = self.row.notes.select_related("author")
        self.notes = {str(note.pk): note for note in notes}
        self.name = opened(self.row, "name")
        self.next_try = clock.next_try(self.row)
        same = ConsultRequest.objects.same_person_as(self.row)
        here = same.visible_to(self.user)
        self.duplicates = self._twins(here)
        mine = Location.objects.worked_at_by(self.user)
        self.another_clinic_has_one = same.exclude(location__in=list(mine)).exists()

    def _twins(self, here: ConsultRequestQuerySet) -> list[Twin]:
        shown = here.select_related("assignee").defer(*SEALED_COLUMNS).order_by("received_at")
        rows = list(shown[:MOST_DUPLICATES])
        other_names = SearchKey.with_other_name(self.row, rows) if rows else set()
        return [Twin(row, row.pk in other_names) for row in rows]

    @property
    def signpost(self) -> str:
        """Where someone can turn whom the clinic does not see, once that was decided."""
        declined = (event for event in self.events if event.kind == EventKind.DECLINED)
        reason = next((event.detail.get("reason", "") for event in declined), "")
        is_declined = self.row.outcome == Outcome.NOT_A_FIT and reason in SIGNPOSTS
        return str(SIGNPOSTS[reason]) if is_declined else ""

    @property
    def original(self) -> ConsultRequest | None:
        """What this is a duplicate of, unless that has moved to another clinic since."""
        if self.row.duplicate_of_id is None:
            return None
        rows = ConsultRequest.objects.visible_to(self.user).only("reference")
        return rows.filter(pk=self.row.duplicate_of_id).first()

    @property
    def ways(self) -> list[Way]:
        return ways(self.row)

    @property
    def script(self) -> str:
        return voicemail_script(self.row, self.name, self.user)

    @property
    def question(self) -> Opened:
        return opened(self.row, "question")

    @property
    def shows_question(self) -> bool:
        """At once where it is flagged or theirs; else when it is asked for."""
        is_theirs = self.row.assignee_id == self.user.pk
        return self.question_asked or self.row.is_flagged or is_theirs

    @property
    def good_times(self) -> list[str]:
        return [
            str(ConsultRequest.Time(name).label)
            for name in ConsultRequest.Time.values
            if name in self.row.good_times
        ]

    @property
    def is_good_time(self) -> bool:
        return clock.is_good_time(self.row)

    @property
    def is_overdue(self) -> bool:
        return bool(self.row.next_action_at and self.row.next_action_at < timezone.now())

    @property
    def attempts(self) -> int:
        return sum(event.kind == EventKind.CONTACT for event in self.events)

    @property
    def others_looking(self) -> list[str]:
        """Who else opened this in the last 15 minutes."""
        since = timezone.now() - SECOND_OPENER
        names = {
            event.actor.display_name: None
            for event in self.events
            if event.kind in (EventKind.VIEWED, EventKind.QUESTION_SHOWN) and event.at > since
            if event.actor and event.actor != self.user
        }
        return list(names)

    @property
    def timeline(self) -> list[Entry]:
        return [self.entry(event) for event in self.events if event.kind not in LOOKS]

    @property
    def looks(self) -> list[Entry]:
        return [self.entry(event) for event in self.events if event.kind in LOOKS]

    def entry(self, event: Event) -> Entry:
        note = self.notes.get(str(event.detail.get("note", "")))
        return Entry(
            at=event.at,
            who=event.actor.display_name if event.actor else "",
            what=sentence(event, self.row.location),
            note=opened(note, "body") if note else None,
        )


CODES: dict[str, dict[str, Any]] = {
    "result": dict(ContactResult.choices),
    "reason": dict(DeclineReason.choices),
    "safety": dict(SafetyStep.choices),
    "outcome": dict(Outcome.choices),
    "channel": dict(Channel.choices),
    "corrected": dict(Correction.Kind.choices),
    "mail": dict(Outbox.Kind.choices),
    "why": {
        "untouched": _lazy("nothing was done for 4 working hours"),
        "same_person": _lazy("by whoever has the other request of this number or address"),
    },
}


def sentence(event: Event, location: Location) -> str:
    """The event in words, from its codes."""
    parts = [str(event.get_kind_display()), *coded(event.detail)]
    moment = parse_datetime(event.detail.get("visit_at", ""))
    if moment:
        local = moment.astimezone(location.zone)
        parts.append(f"{local:%a %b} {local.day}, {local:%I:%M %p}".replace(" 0", " "))
    if event.kind == EventKind.TRANSFERRED:
        parts.append(f"{event.detail.get('from_clinic')} → {event.detail.get('to_clinic')}")
    return " · ".join(parts)


def coded(detail: dict[str, Any]) -> Iterable[str]:
    for name, labels in CODES.items():
        label = labels.get(detail.get(name, ""))
        if label:
            yield str(label)
