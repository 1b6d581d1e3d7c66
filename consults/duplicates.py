"""Two requests of one person: who gets the second, which goes into which, and back in 30 days.

Nothing is joined by itself: a phone number or an address may belong to a whole family.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import User
from consults import clock
from consults.change import Change, changing, locked
from consults.models import (
    OPEN_STATES,
    ConsultRequest,
    Event,
    EventKind,
    Outcome,
    SearchKey,
    State,
)
from consults.states import NotAllowed, record

DAYS_TO_UNDO = 30
STRICTEST_VOICEMAIL_FIRST = list(ConsultRequest.Voicemail.values)


def give_to_holder_of_first(row: ConsultRequest) -> None:
    """Hands a request that has just come to whoever has this person's first one at the clinic."""
    same = ConsultRequest.objects.same_person_as(row).at_clinics([row.location])
    first = same.held_by_members().select_related("assignee").order_by("received_at").first()
    if first is None or first.assignee is None:
        return
    row.assignee, row.claimed_at = first.assignee, timezone.now()
    row.save(update_fields=["assignee", "claimed_at"])
    record(EventKind.CLAIMED, row, why="same_person", to_user=first.assignee.pk)


# --- Marking ------------------------------------------------------------------------------------


def mark_duplicate(
    row: ConsultRequest,
    actor: User,
    of: ConsultRequest,
    *,
    seen: int | None = None,
    note: str = "",
) -> ConsultRequest:
    """Closes `row` as another request of the same person as `of`.

    The flag, a withdrawal and the stricter voicemail rule carry over to `of`.
    """
    if row.pk == of.pk:
        raise NotAllowed(_("A request is no duplicate of itself. Give the other reference."))
    kind = EventKind.DUPLICATE
    with (
        _locked_in_order(row, of, actor),
        changing("mark_duplicate", row, actor, kind, seen=seen, note=note) as change,
    ):
        copy, original = change.row, Change(locked(of, actor), actor, kind)
        _check_original(original.row)
        _check_names(copy, original.row, note)
        change.detail |= {"part": "copy", "other": str(of.pk), "flag": copy.is_flagged}
        original.detail |= {"part": "original", "other": str(row.pk), "had": _had(original.row)}
        _carry_over(copy, original.row)
        # The flag lives on with the original, so that closing the copy asks for no step.
        copy.is_flagged, copy.duplicate_of = False, original.row
        change.close(Outcome.DUPLICATE)
        original.save()
    return change.row


def _check_original(row: ConsultRequest) -> None:
    """Only a request that somebody still works on can take over a flag."""
    if row.state not in OPEN_STATES or row.withdrawn_at:
        raise NotAllowed(
            _("%(reference)s is closed. Open it again first, or close this one as what it is.")
            % {"reference": row.reference}
        )


def _check_names(copy: ConsultRequest, original: ConsultRequest, note: str) -> None:
    """Two names are two people until somebody says why not: closing one would lose a patient."""
    if original.pk in SearchKey.with_other_name(copy, [original]) and not note.strip():
        raise NotAllowed(
            _("They gave different names. Say in the note how you know that it is one person.")
        )


@contextmanager
def _locked_in_order(
    one: ConsultRequest, two: ConsultRequest | None, actor: User | None
) -> Iterator[None]:
    """Locks both rows in one order: two people marking both ways must not block each other."""
    with transaction.atomic():
        for row in sorted({one, two or one}, key=lambda row: row.pk):
            locked(row, actor)
        yield


def _had(original: ConsultRequest) -> dict[str, object]:
    """What the original was before it took anything over, to give it back."""
    return {
        "flag": original.is_flagged,
        "withdrawn": original.withdrawn_at is not None,
        "voicemail": original.voicemail,
    }


def _carry_over(copy: ConsultRequest, original: ConsultRequest) -> None:
    original.is_flagged = original.is_flagged or copy.is_flagged
    original.withdrawn_at = original.withdrawn_at or copy.withdrawn_at
    original.voicemail = min(
        original.voicemail, copy.voicemail, key=STRICTEST_VOICEMAIL_FIRST.index
    )


# --- And back -----------------------------------------------------------------------------------


def unmark_duplicate(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = ""
) -> ConsultRequest:
    """Opens a request again that was no duplicate, with its own flag, for 30 days.

    The other one gets back what it was, unless a second copy was joined to it.
    """
    kind = EventKind.NOT_DUPLICATE
    with (
        _locked_in_order(row, row.duplicate_of, None),
        changing("unmark_duplicate", row, actor, kind, seen=seen, note=note) as change,
    ):
        fresh = change.row
        marked = fresh.events.filter(kind=EventKind.DUPLICATE, detail__part="copy").last()
        _check_undo(fresh, marked)
        fresh.is_flagged = bool(marked and marked.detail.get("flag"))
        _give_back(fresh, actor)
        fresh.duplicate_of, fresh.outcome, fresh.closed_at = None, "", None
        fresh.state = State.TRYING if fresh.first_response_at else State.NEW
        now = timezone.now()
        fresh.next_action_at = clock.first_action_due(fresh.location, now, fresh.good_times)
    return change.row


def can_undo(row: ConsultRequest) -> bool:
    """Whether a duplicate may still be opened as a request of its own."""
    limit = timezone.now() - dt.timedelta(days=DAYS_TO_UNDO)
    is_recent = row.closed_at is not None and row.closed_at >= limit
    return row.outcome == Outcome.DUPLICATE and is_recent and not row.erased_at


def _check_undo(row: ConsultRequest, marked: Event | None) -> None:
    if row.outcome != Outcome.DUPLICATE:
        raise NotAllowed(_("This request was not closed as a duplicate."))
    withdrew_since = row.withdrawn_at and not (marked and row.withdrawn_at <= marked.at)
    if row.erased_at or withdrew_since:
        raise NotAllowed(_("This person withdrew, or what they wrote was erased."))
    if not can_undo(row):
        raise NotAllowed(_("This can be undone for 30 days. Open it again instead."))


def _give_back(copy: ConsultRequest, actor: User) -> None:
    """Undoes what the original took over from this copy, where the actor still sees it."""
    if copy.duplicate_of is None:
        return
    original = ConsultRequest.objects.visible_to(actor).filter(pk=copy.duplicate_of.pk).first()
    others = ConsultRequest.objects.filter(duplicate_of=original).exclude(pk=copy.pk)
    if original is None or others.exists():
        return
    marks = original.events.filter(kind=EventKind.DUPLICATE, detail__other=str(copy.pk))
    marked = marks.last()
    if marked is None or "had" not in marked.detail:
        return
    had = marked.detail["had"]
    original.voicemail = had["voicemail"]
    if not had["withdrawn"] and original.withdrawn_at == copy.withdrawn_at:
        original.withdrawn_at = None
    if original.state in OPEN_STATES:
        original.is_flagged = had["flag"]
    change = Change(original, actor, EventKind.NOT_DUPLICATE)
    change.detail |= {"part": "original", "other": str(copy.pk)}
    change.save()
