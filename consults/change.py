"""The frame that every verb in triage.py stands in: lock, check, change, one event."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import User
from consults import clock
from consults.models import ConsultRequest, EventKind, Note, Outcome, State
from consults.states import MOVES, NotAllowed, SafetyStep, Stale, record

CHANGED_BY_VERBS = [
    "location", "state", "outcome", "is_flagged", "assignee", "voicemail", "next_action_at",
    "first_response_at", "visit_at", "closed_at", "withdrawn_at", "wrong_channels", "version",
    "claimed_at", "waiting_since", "waited_minutes", "response_minutes", "duplicate_of",
    "kept_open_at", "held_at",
]  # fmt: skip


@dataclass
class Change:
    """One verb at work on one locked row."""

    row: ConsultRequest
    actor: User | None
    kind: EventKind
    detail: dict[str, Any] = field(default_factory=dict)

    def take(self) -> None:
        self.row.assignee = self.actor

    def close(self, outcome: Outcome, safety: str = "") -> None:
        """Closes with an outcome. A flag asks what was done about it first."""
        if self.row.is_flagged and safety not in SafetyStep.values:
            raise NotAllowed(
                _("This request has a safety flag. Say first what was done, then close it.")
            )
        if safety:
            self.detail["safety"] = safety
        self.row.state, self.row.outcome = State.CLOSED, outcome
        self.row.closed_at, self.row.next_action_at = timezone.now(), None

    def add_note(self, body: str) -> None:
        """Seals what staff typed. The event holds its id only."""
        if not body.strip() or self.actor is None:
            return
        note = Note(request=self.row, author=self.actor)
        note.body = body.strip()
        note.save()
        self.detail["note"] = str(note.pk)

    def save(self) -> None:
        """Saves the row and its event. Whatever is done about a claim makes it one that is used."""
        is_new_claim = self.kind in {EventKind.CLAIMED, EventKind.ASSIGNED}
        self.row.claimed_at = timezone.now() if is_new_claim else None
        clock.keep(self.row)
        self.row.version += 1
        self.row.save(update_fields=CHANGED_BY_VERBS)
        record(self.kind, self.row, self.actor, **self.detail)


@contextmanager
def changing(
    verb: str,
    row: ConsultRequest,
    actor: User | None,
    kind: EventKind,
    *,
    seen: int | None = None,
    note: str = "",
) -> Iterator[Change]:
    """Locks the row, lets the caller change it as far as the table allows, and saves it.

    `seen` is the version on the page that was acted on; None asks for no check.
    """
    with transaction.atomic():
        change = Change(locked(row, actor), actor, kind)
        _check(verb, change.row, seen)
        before = change.row.state
        change.row.state = MOVES[verb][before]
        change.detail |= {"from": before, "to": change.row.state}
        change.add_note(note)
        yield change
        change.detail["to"] = change.row.state
        change.save()


def locked(row: ConsultRequest, actor: User | None) -> ConsultRequest:
    """The row as it is now, held until the transaction ends, if the actor's clinics hold it.

    Without select_related: PostgreSQL reads a row again after waiting for its lock, but not the
    rows joined to it, so that everybody who waited would see the assignee of before.
    """
    rows = ConsultRequest.objects.all()
    if actor is not None:
        rows = rows.visible_to(actor)
    try:
        return rows.select_for_update(of=("self",)).get(pk=row.pk)
    except ConsultRequest.DoesNotExist:
        raise NotAllowed(_("This request is no longer with your clinic.")) from None


def _check(verb: str, row: ConsultRequest, seen: int | None) -> None:
    if seen is not None and row.version != seen:
        raise Stale(
            _("%(who)s changed this request while you had it open. It is now: %(state)s.")
            % {"who": _who_changed(row), "state": row.get_state_display()}
        )
    if row.state not in MOVES[verb]:
        raise NotAllowed(
            _("This cannot be done while the request is: %(state)s.")
            % {"state": row.get_state_display()}
        )


LOOKS = (
    EventKind.VIEWED,
    EventKind.QUESTION_SHOWN,
    EventKind.PRINTED,
    EventKind.LOCATED,
    EventKind.REFUSED,
    EventKind.MAILED,
)


def _who_changed(row: ConsultRequest) -> str:
    event = row.events.exclude(kind__in=LOOKS).select_related("actor").last()
    return event.actor.display_name if event and event.actor else _("The person who wrote")
