"""The verbs: the only ways from one state of a request to the next (table in states.py).

Each verb is one transaction: it locks the row, checks the table, stamps who and when and writes
one event (codes only) for each request it touches. Admin, command and shell all come through here.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import User
from consults import clock, contacts
from consults.assigning import assign
from consults.change import Change, changing
from consults.clock import at_clinic, first_action_due, next_try, promise, start_of_work
from consults.contacts import correct, owe_mail
from consults.duplicates import give_to_holder_of_first, mark_duplicate, unmark_duplicate
from consults.keeping import hold, keep_open, unhold
from consults.models import ConsultRequest, EventKind, Outbox, Outcome, State, Stop
from consults.states import (
    MOVES,
    ContactResult,
    DeclineReason,
    NotAllowed,
    SafetyStep,
    Stale,
    Taken,
    allowed,
    record,
)
from locations.models import Location

# Callers ask this module alone: the table and the clock are behind it.
__all__ = [
    "MOVES",
    "ContactResult",
    "DeclineReason",
    "NotAllowed",
    "SafetyStep",
    "Stale",
    "Taken",
    "add_note",
    "allowed",
    "assign",
    "attended",
    "book",
    "claim",
    "correct",
    "decline",
    "first_action_due",
    "give_up",
    "hold",
    "keep_open",
    "log_contact",
    "mark_duplicate",
    "no_show",
    "owe_mail",
    "promise",
    "record",
    "release",
    "release_all_of",
    "release_from_quarantine",
    "reopen",
    "transfer",
    "unhold",
    "unmark_duplicate",
    "wait",
    "withdraw",
]

WAKE_UP_DAYS = 7


def claim(
    row: ConsultRequest, actor: User, *, take_over: bool = False, seen: int | None = None
) -> ConsultRequest:
    """Takes the request. Raises Taken when somebody else has it, unless it is taken over.

    Only taking over asks what was `seen`: whom it was meant to be taken from.
    """
    seen = seen if take_over else None
    with changing("claim", row, actor, EventKind.CLAIMED, seen=seen) as change:
        holder = change.row.assignee
        if holder is not None and not take_over:
            raise Taken(_("%(who)s has this request already.") % {"who": holder.display_name})
        if holder is not None:
            change.detail["from_user"] = holder.pk
        change.take()
    return change.row


def release(row: ConsultRequest, actor: User, *, seen: int | None = None) -> ConsultRequest:
    """Gives the request back, so that anyone may take it."""
    with changing("release", row, actor, EventKind.RELEASED, seen=seen) as change:
        if change.row.assignee is None:
            raise NotAllowed(_("Nobody has this request."))
        change.detail["from_user"] = change.row.assignee.pk
        change.row.assignee = None
    return change.row


def transfer(
    row: ConsultRequest, actor: User, to: Location, *, seen: int | None = None, note: str = ""
) -> ConsultRequest:
    """Moves the request to another clinic. The clock and the promise stay as they are."""
    with changing("transfer", row, actor, EventKind.TRANSFERRED, seen=seen, note=note) as change:
        if to == change.row.location:
            raise NotAllowed(_("This request is with that clinic already."))
        change.detail |= {"from_clinic": change.row.location.slug, "to_clinic": to.slug}
        change.row.location, change.row.assignee = to, None
    return change.row


def log_contact(
    row: ConsultRequest,
    actor: User,
    result: str,
    *,
    channel: str = "",
    next_at: dt.datetime | None = None,
    seen: int | None = None,
    note: str = "",
    safety: str = "",
) -> ConsultRequest:
    """Records one attempt to reach the person, and takes the request for who made it.

    `channel` is the way that was tried: phone, unless given. `next_at` is when to try again.
    """
    channel = channel or ConsultRequest.Channel.PHONE
    with changing("log_contact", row, actor, EventKind.CONTACT, seen=seen, note=note) as change:
        fresh, now = change.row, timezone.now()
        _check_contact(fresh, result, channel, note, next_at)
        change.take()
        change.detail |= {"result": result, "channel": channel}
        if fresh.first_response_at is None:
            fresh.first_response_at, fresh.response_minutes = now, clock.read(fresh, now)
        if result == ContactResult.WRONG_NUMBER:
            contacts.strike_out(fresh, channel)
        if fresh.state != State.BOOKED:
            fresh.next_action_at = _in_future(next_at or next_try(fresh))
        elif next_at and fresh.visit_at:
            fresh.next_action_at = min(_in_future(next_at), fresh.visit_at)
        if result == ContactResult.ASKED_TO_STOP:
            _end_contact(change, safety)
    return change.row


def _check_contact(
    row: ConsultRequest, result: str, channel: str, note: str, next_at: dt.datetime | None
) -> None:
    contacts.check_not_stopped(row)
    if result not in ContactResult.values:
        raise NotAllowed(_("Say how it went: for example No answer."))
    if result == ContactResult.CALL_BACK and next_at is None:
        raise NotAllowed(_("Say when they asked to be called, for example tomorrow at 10:30."))
    if channel == ConsultRequest.Channel.TEXT and not row.may_text:
        raise NotAllowed(_("This person did not agree to text messages. Call or write instead."))
    no_voicemail = row.voicemail == ConsultRequest.Voicemail.NO and not note.strip()
    if result == ContactResult.LEFT_VOICEMAIL and no_voicemail:
        raise NotAllowed(
            _("This person asked for no voicemail. If you left one, say why in the note.")
        )
    if not note.strip() and contacts.needs_reason_now(row, result, channel):
        raise NotAllowed(
            _("They asked for other times. Say in the note why now: for example They called us.")
        )


def _end_contact(change: Change, safety: str) -> None:
    """Notes that the person wants no contact, and closes unless a flag still needs someone.

    The flag outlives the withdrawal: the request stays on the desk until it is closed with a step.
    """
    fresh = change.row
    fresh.withdrawn_at = fresh.withdrawn_at or timezone.now()
    Stop.objects.note(fresh)
    if fresh.is_flagged and not safety:
        fresh.state = State(change.detail["from"])
        return
    change.close(Outcome.WITHDRAWN, safety)


def _in_future(moment: dt.datetime) -> dt.datetime:
    if moment <= timezone.now():
        raise NotAllowed(_("Choose a day and time that is still to come."))
    return moment


def wait(
    row: ConsultRequest,
    actor: User,
    *,
    until: dt.date | None = None,
    seen: int | None = None,
    note: str = "",
) -> ConsultRequest:
    """Waits for their reply, and wakes up in the morning of `until` (in 7 days unless given).

    A visit that was booked is dropped.
    """
    with changing("wait", row, actor, EventKind.WAITING, seen=seen, note=note) as change:
        fresh = change.row
        _check_wanted(fresh)
        today = timezone.localdate(timezone=fresh.location.zone)
        day = until or today + dt.timedelta(days=WAKE_UP_DAYS)
        fresh.next_action_at = _in_future(start_of_work(fresh.location, day))
        change.take()
        change.detail["until"] = day.isoformat()
        fresh.visit_at = None
    return change.row


def _check_wanted(row: ConsultRequest) -> None:
    if row.withdrawn_at:
        raise NotAllowed(_("This person withdrew the request. It can only be closed."))
    contacts.check_not_stopped(row)


def book(
    row: ConsultRequest,
    actor: User,
    *,
    day: dt.date,
    time: dt.time,
    seen: int | None = None,
    note: str = "",
) -> ConsultRequest:
    """Books a visit, or moves it. Day and time are the clinic's own."""
    with changing("book", row, actor, EventKind.BOOKED, seen=seen, note=note) as change:
        fresh = change.row
        _check_wanted(fresh)
        fresh.visit_at = fresh.next_action_at = _in_future(at_clinic(fresh.location, day, time))
        change.take()
        change.detail["visit_at"] = fresh.visit_at.isoformat()
    return change.row


def attended(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = "", safety: str = ""
) -> ConsultRequest:
    with changing("attended", row, actor, EventKind.ATTENDED, seen=seen, note=note) as change:
        change.close(Outcome.ATTENDED, safety)
    return change.row


def no_show(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = "", safety: str = ""
) -> ConsultRequest:
    with changing("no_show", row, actor, EventKind.NO_SHOW, seen=seen, note=note) as change:
        change.close(Outcome.NO_SHOW, safety)
    return change.row


def decline(
    row: ConsultRequest,
    actor: User,
    reason: str,
    *,
    clinician: str = "",
    seen: int | None = None,
    note: str = "",
    safety: str = "",
) -> ConsultRequest:
    """Closes because it does not fit. When a clinician decided, their name opens the note."""
    if reason == DeclineReason.CLINICIAN and clinician.strip():
        note = f"{_('Decided by %(who)s.') % {'who': clinician.strip()}} {note}"
    with changing("decline", row, actor, EventKind.DECLINED, seen=seen, note=note) as change:
        if reason not in DeclineReason.values:
            raise NotAllowed(_("Say why it is not a fit: for example Lives outside our area."))
        if reason == DeclineReason.CLINICIAN and not clinician.strip():
            raise NotAllowed(_("Name the clinician who decided, for example Dr. Rivera."))
        change.detail["reason"] = reason
        change.close(Outcome.NOT_A_FIT, safety)
    return change.row


ATTEMPTS_BEFORE_GIVING_UP = 3
DAYS_BEFORE_GIVING_UP = 2


def give_up(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = "", safety: str = ""
) -> ConsultRequest:
    """Closes as not reached: after 3 attempts on 2 days, or with a reason in the note."""
    with changing("give_up", row, actor, EventKind.GIVEN_UP, seen=seen, note=note) as change:
        days = attempt_days(change.row)
        enough = len(days) >= ATTEMPTS_BEFORE_GIVING_UP
        if not (enough and len(set(days)) >= DAYS_BEFORE_GIVING_UP) and not note.strip():
            raise NotAllowed(
                _("Try three times on two different days first, or say in the note why not.")
            )
        change.detail["attempts"] = len(days)
        change.close(Outcome.COULD_NOT_REACH, safety)
    return change.row


def attempt_days(row: ConsultRequest) -> list[dt.date]:
    """The clinic's date of each contact attempt."""
    times = row.events.contacts().values_list("at", flat=True)
    return [at.astimezone(row.location.zone).date() for at in times]


def withdraw(
    row: ConsultRequest,
    actor: User | None = None,
    *,
    seen: int | None = None,
    note: str = "",
    safety: str = "",
) -> ConsultRequest:
    """Ends contact for good. Works from any state, once; `actor` None is the person who wrote.

    With a safety flag the request stays open, for a named person to say what was done. What a
    duplicate was joined to is withdrawn with it: it is the same person's.
    """
    with changing("withdraw", row, actor, EventKind.WITHDRAWN, seen=seen, note=note) as change:
        fresh, was_closed = change.row, change.detail["from"] == State.CLOSED
        if fresh.withdrawn_at and (was_closed or actor is None):
            raise NotAllowed(_("This request was withdrawn already."))
        if was_closed:
            fresh.withdrawn_at = timezone.now()
            Stop.objects.note(fresh)
        else:
            _end_contact(change, safety)
        if fresh.duplicate_of and not fresh.duplicate_of.withdrawn_at:
            withdraw(fresh.duplicate_of)
    return change.row


def reopen(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = ""
) -> ConsultRequest:
    """Puts a closed request back on the desk, for whoever reopens it."""
    with changing("reopen", row, actor, EventKind.REOPENED, seen=seen, note=note) as change:
        fresh = change.row
        if fresh.withdrawn_at:
            raise NotAllowed(
                _("This person withdrew. If they want a visit after all, they write again.")
            )
        if fresh.erased_at:
            raise NotAllowed(_("What this person wrote was erased. There is nobody to reach."))
        contacts.check_not_stopped(fresh)
        change.detail["outcome"] = fresh.outcome
        fresh.outcome, fresh.closed_at, fresh.visit_at = "", None, None
        fresh.duplicate_of = None
        fresh.next_action_at = first_action_due(fresh.location, timezone.now(), fresh.good_times)
        change.take()
    return change.row


def release_from_quarantine(
    row: ConsultRequest, actor: User, *, seen: int | None = None
) -> ConsultRequest:
    """Lets a held request through. Its due time is kept; mails that are owed are owed once."""
    kind = EventKind.RELEASED_FROM_QUARANTINE
    with transaction.atomic():
        with changing("release_from_quarantine", row, actor, kind, seen=seen) as change:
            fresh = change.row
            fresh.next_action_at = fresh.next_action_at or first_action_due(
                fresh.location, fresh.received_at, fresh.good_times
            )
            Stop.objects.lift(fresh)
            Outbox.objects.owe(Outbox.Kind.STAFF_NOTICE, fresh)
            if fresh.email_sealed:
                Outbox.objects.owe(Outbox.Kind.CONFIRMATION, fresh)
        give_to_holder_of_first(change.row)
    return change.row


def add_note(row: ConsultRequest, actor: User, body: str) -> ConsultRequest:
    """Adds a sealed note. Two people may write at once: nothing is overwritten."""
    if not body.strip():
        raise NotAllowed(_("Write the note first."))
    with changing("add_note", row, actor, EventKind.NOTE, note=body) as change:
        pass
    return change.row


def release_all_of(person: User, actor: User) -> int:
    """Gives back everything `person` has, for example when their account is closed."""
    rows = ConsultRequest.objects.open().held_by(person)
    with transaction.atomic():
        held = rows.select_for_update(of=("self",))
        for row in held:
            row.assignee = None
            Change(row, actor, EventKind.RELEASED, {"from_user": person.pk}).save()
    return len(held)
