"""What the request page shows of one request: opened texts, scripts and the timeline."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from phonenumber_field.phonenumber import to_python

from clinic.crypto import CannotOpen
from clinic.models import User
from consults import clock, contacts
from consults.change import LOOKS
from consults.models import ConsultRequest, Correction, Event, EventKind, Note, Outbox, Outcome
from consults.triage import ContactResult, DeclineReason, SafetyStep
from locations.models import Location

Channel = ConsultRequest.Channel
Voicemail = ConsultRequest.Voicemail
SECOND_OPENER = dt.timedelta(minutes=15)
MOST_DUPLICATES = 10


@dataclass(frozen=True)
class Opened:
    """A sealed text, opened as far as it can be. Falsy where nothing was written."""

    text: str
    is_readable: bool = True

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text


def opened(row: models.Model, name: str) -> Opened:
    try:
        return Opened(getattr(row, name))
    except CannotOpen:
        return Opened(_("Cannot be opened with the keys of this site."), is_readable=False)


@dataclass(frozen=True)
class Way:
    """One way to reach the person, as it stands on the page."""

    channel: str
    label: str
    text: Opened
    href: str = ""
    is_first: bool = False
    is_wrong: bool = False
    rule: str = ""


def ways(row: ConsultRequest) -> list[Way]:
    """How to reach them, the way they chose first. Nothing to press once they said stop."""
    found = []
    if row.phone_sealed:
        found += _phone_ways(row, opened(row, "phone"))
    if row.email_sealed:
        email = opened(row, "email")
        found.append(_way(row, Channel.EMAIL, email, f"mailto:{email}", ""))
    return corrected_ways(row) + sorted(found, key=lambda way: not way.is_first)


def corrected_ways(row: ConsultRequest) -> list[Way]:
    """What was added since, the newest first, with who added it."""
    return [_corrected(row, correction) for correction in reversed(row.corrections.all())]


def _corrected(row: ConsultRequest, correction: Correction) -> Way:
    value = opened(correction, "value")
    is_phone = correction.kind == Correction.Kind.PHONE
    number = to_python(value.text) if is_phone and value.is_readable else None
    is_open = value.is_readable and not correction.is_wrong and not row.withdrawn_at
    scheme = "tel" if is_phone else "mailto"
    words = {
        "who": correction.author.display_name,
        "day": f"{correction.at:%b} {correction.at.day}",
    }
    return Way(
        channel=correction.kind,
        label=str(_("Corrected phone") if is_phone else _("Corrected email")),
        text=Opened(number.as_national) if number else value,
        href=f"{scheme}:{value}" if is_open else "",
        is_wrong=correction.is_wrong,
        rule=_("Added by %(who)s, %(day)s.") % words,
    )


def _phone_ways(row: ConsultRequest, phone: Opened) -> list[Way]:
    number = to_python(phone.text) if phone.is_readable else None
    shown = Opened(number.as_national) if number else phone
    call = _way(row, Channel.PHONE, shown, f"tel:{phone}", voicemail_rule(row))
    if not row.may_text:
        return [call]
    return [call, _way(row, Channel.TEXT, shown, f"sms:{phone}", _("They agreed to texts."))]


def _way(row: ConsultRequest, channel: Any, text: Opened, href: str, rule: str) -> Way:
    is_wrong = contacts.written_is_wrong(row, channel)
    is_open = text.is_readable and not is_wrong and not row.withdrawn_at
    return Way(
        channel=channel.value,
        label=str(channel.label),
        text=text,
        href=href if is_open else "",
        is_first=channel == row.channel,
        is_wrong=is_wrong,
        rule=rule,
    )


def voicemail_rule(row: ConsultRequest) -> str:
    rules = {
        Voicemail.NO: _("Leave no voicemail."),
        Voicemail.UNNAMED: _("Voicemail: yes, without the clinic's name."),
        Voicemail.NAMED: _("Voicemail: yes, with the clinic's name."),
    }
    return rules[Voicemail(row.voicemail)]


def voicemail_script(row: ConsultRequest, name: Opened, user: User) -> str:
    """What to say to a machine; nothing where they want no message."""
    if row.voicemail == Voicemail.NO:
        return ""
    words = {
        "name": name.text if name.is_readable else _("(their first name)"),
        "me": user.first_name or _("(your first name)"),
        "clinic": row.location.practice_name,
        "phone": row.location.phone_display,
    }
    if row.voicemail == Voicemail.NAMED:
        hello = _("Hello, this message is for %(name)s. This is %(me)s from %(clinic)s.") % words
    else:
        hello = _("Hello, this message is for %(name)s. This is %(me)s.") % words
    if row.location.phone:
        return f"{hello} " + _("Please call me back at %(phone)s. Thank you.") % words
    return f"{hello} " + _("I will try you again. Thank you.")


@dataclass
class Entry:
    """One line of the timeline."""

    at: dt.datetime
    who: str
    what: str
    note: Opened | None = None


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
    duplicates: list[ConsultRequest] = field(default_factory=list)
    another_clinic_has_one: bool = False

    def __post_init__(self) -> None:
        self.events = list(self.row.events.select_related("actor").order_by("-at", "-pk"))
        notes = self.row.notes.select_related("author")
        self.notes = {str(note.pk): note for note in notes}
        self.name = opened(self.row, "name")
        self.next_try = clock.next_try(self.row)
        same = ConsultRequest.objects.same_person_as(self.row)
        here = same.visible_to(self.user)
        self.duplicates = list(here.only("reference", "state")[:MOST_DUPLICATES])
        mine = Location.objects.worked_at_by(self.user)
        self.another_clinic_has_one = same.exclude(location__in=list(mine)).exists()

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
            if event.kind == EventKind.VIEWED and event.at > since
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
    "why": {"untouched": _lazy("nothing was done for 4 working hours")},
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
