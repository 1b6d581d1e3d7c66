"""The table of states and moves, the codes that events hold, and how a refusal is said."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults.models import OPEN_STATES, ConsultRequest, Event, State

ACTIVE = (State.NEW, State.TRYING, State.WAITING)


def _stays(*states: State) -> dict[str, State]:
    return {state: state for state in states}


def _to(target: State, *states: State) -> dict[str, State]:
    return dict.fromkeys(states, target)


# Verb: {state it is allowed in: state it leads to}. What is not here is refused.
MOVES: dict[str, dict[str, State]] = {
    "claim": _stays(*OPEN_STATES),
    "assign": _stays(*OPEN_STATES),
    "release": _stays(*OPEN_STATES),
    "transfer": _stays(*OPEN_STATES, State.QUARANTINED),
    "log_contact": _to(State.TRYING, *ACTIVE) | _stays(State.BOOKED),
    "wait": _to(State.WAITING, *OPEN_STATES),
    "book": _to(State.BOOKED, *OPEN_STATES),
    "attended": _to(State.CLOSED, State.BOOKED),
    "no_show": _to(State.CLOSED, State.BOOKED),
    "decline": _to(State.CLOSED, *OPEN_STATES),
    "give_up": _to(State.CLOSED, *ACTIVE),
    "withdraw": _to(State.CLOSED, *State),
    "reopen": _to(State.TRYING, State.CLOSED),
    "mark_duplicate": _to(State.CLOSED, *OPEN_STATES),
    "release_from_quarantine": _to(State.NEW, State.QUARANTINED),
    "unmark_duplicate": _to(State.NEW, State.CLOSED),
    "correct": _stays(*OPEN_STATES),
    "owe_mail": _stays(*OPEN_STATES, State.CLOSED),
    "keep_open": _stays(*OPEN_STATES),
    "hold": _stays(*State),
    "unhold": _stays(*State),
    "add_note": _stays(*State),
}


def allowed(row: ConsultRequest) -> set[str]:
    """The verbs that the table allows now; one may still be refused for what it was given."""
    return {verb for verb, moves in MOVES.items() if row.state in moves}


class NotAllowed(Exception):
    """This cannot be done as asked. Its text is a sentence for staff and names no patient."""


class Taken(NotAllowed):
    """Somebody else has the request."""


class Stale(NotAllowed):
    """Somebody changed the request after this page was opened."""


class ContactResult(models.TextChoices):
    REACHED = "reached", gettext_lazy("Reached them")
    CALL_BACK = "call_back", gettext_lazy("Asked for a call at another time")
    NO_ANSWER = "no_answer", gettext_lazy("No answer")
    LEFT_VOICEMAIL = "left_voicemail", gettext_lazy("Left a voicemail")
    SENT_MESSAGE = "sent_message", gettext_lazy("Sent a text or email")
    WRONG_NUMBER = "wrong_number", gettext_lazy("Wrong number")
    SOMEONE_ELSE = "someone_else", gettext_lazy("Someone else answered")
    ASKED_TO_STOP = "asked_to_stop", gettext_lazy("They asked us to stop")


class DeclineReason(models.TextChoices):
    OUT_OF_AREA = "out_of_area", gettext_lazy("Lives outside our area")
    UNDER_18 = "under_18", gettext_lazy("Under 18")
    COST = "cost", gettext_lazy("Cost")
    CHOSE_ANOTHER = "chose_another", gettext_lazy("Chose another clinic")
    CHANGED_MIND = "changed_mind", gettext_lazy("Changed their mind")
    CLINICIAN = "clinician", gettext_lazy("A clinician decided")


class SafetyStep(models.TextChoices):
    """What must have been done before a request with a safety flag is closed."""

    SPOKE = "spoke", gettext_lazy("Spoke with them")
    EMERGENCY = "emergency", gettext_lazy("Called 911 or asked for a welfare check")
    LEAD_TOLD = "lead_told", gettext_lazy("Not reached, told the lead")
    NOT_A_CRISIS = "not_a_crisis", gettext_lazy("Read it: not a crisis")


def record(
    kind: str, request: ConsultRequest | None = None, actor: User | None = None, **detail: Any
) -> Event:
    """Writes one event. `detail` holds codes, counts, dates and ids only."""
    return Event.objects.create(kind=kind, request=request, actor=actor, detail=detail)
