"""Two requests of one person: which goes into which, and back within 30 days."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import User
from consults import clock
from consults.change import Change, changing, locked
from consults.models import OPEN_STATES, ConsultRequest, EventKind, Outcome, State
from consults.states import NotAllowed

DAYS_TO_UNDO = 30
STRICTEST_VOICEMAIL_FIRST = list(ConsultRequest.Voicemail.values)


def mark_duplicate(
    row: ConsultRequest, actor: User, of: ConsultRequest, *, seen: int | None = None
) -> ConsultRequest:
    """Closes `row` as another request of the same person as `of`.

    The flag, a withdrawal and the stricter voicemail rule carry over to `of`.
    """
    if row.pk == of.pk:
        raise NotAllowed(_("A request is no duplicate of itself. Give the other reference."))
    with (
        _locked_in_order(row, of, actor),
        changing("mark_duplicate", row, actor, EventKind.DUPLICATE, seen=seen) as change,
    ):
        original = Change(locked(of, actor), actor, EventKind.DUPLICATE)
        _check_original(original.row)
        change.detail |= {"part": "copy", "other": str(of.pk)}
        original.detail |= {"part": "original", "other": str(row.pk)}
        _carry_over(change.row, original.row)
        # The flag lives on with the original, so that closing the copy asks for no step.
        change.detail["flag"], change.row.is_flagged = change.row.is_flagged, False
        change.row.duplicate_of = original.row
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


@contextmanager
def _locked_in_order(one: ConsultRequest, two: ConsultRequest, actor: User) -> Iterator[None]:
    """Locks both rows in one order: two people marking both ways must not block each other."""
    with transaction.atomic():
        for row in sorted((one, two), key=lambda row: row.pk):
            locked(row, actor)
        yield


def _carry_over(copy: ConsultRequest, original: ConsultRequest) -> None:
    original.is_flagged = original.is_flagged or copy.is_flagged
    original.withdrawn_at = original.withdrawn_at or copy.withdrawn_at
    original.voicemail = min(
        original.voicemail, copy.voicemail, key=STRICTEST_VOICEMAIL_FIRST.index
    )


def unmark_duplicate(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = ""
) -> ConsultRequest:
    """Opens a request again that was no duplicate, with its own flag, for 30 days.

    What the other request took over (flag, withdrawal, voicemail rule) stays there: the safer side.
    """
    kind = EventKind.NOT_DUPLICATE
    with changing("unmark_duplicate", row, actor, kind, seen=seen, note=note) as change:
        fresh = change.row
        _check_undo(fresh)
        marked = fresh.events.filter(kind=EventKind.DUPLICATE).last()
        fresh.is_flagged = bool(marked and marked.detail.get("flag"))
        fresh.duplicate_of, fresh.outcome, fresh.closed_at = None, "", None
        fresh.state = State.TRYING if fresh.first_response_at else State.NEW
        now = timezone.now()
        fresh.next_action_at = clock.first_action_due(fresh.location, now, fresh.good_times)
    return change.row


def _check_undo(row: ConsultRequest) -> None:
    if row.outcome != Outcome.DUPLICATE:
        raise NotAllowed(_("This request was not closed as a duplicate."))
    if row.erased_at or row.withdrawn_at:
        raise NotAllowed(_("This person withdrew, or what they wrote was erased."))
    limit = dt.timedelta(days=DAYS_TO_UNDO)
    if row.closed_at is None or timezone.now() - row.closed_at > limit:
        raise NotAllowed(_("This can be undone for 30 days. Open it again instead."))
