"""What stays longer than usual, and why: requests open beyond 60 days, requests kept from erasure.

Each asks for a reason, sealed as a note.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import User
from consults.change import changing
from consults.models import ConsultRequest, EventKind
from consults.states import NotAllowed


def keep_open(
    row: ConsultRequest, actor: User, reason: str, *, seen: int | None = None
) -> ConsultRequest:
    """Says why a request is open for so long. Counts for 60 days."""
    with changing("keep_open", row, actor, EventKind.KEPT_OPEN, seen=seen, note=reason) as change:
        _need(reason, _("Say why it stays open, for example Waits for a place in March."))
        change.row.kept_open_at = timezone.now()
    return change.row


def hold(
    row: ConsultRequest, actor: User, reason: str, *, seen: int | None = None
) -> ConsultRequest:
    """Keeps the request from erasure until somebody takes that away."""
    with changing("hold", row, actor, EventKind.HELD, seen=seen, note=reason) as change:
        _need(reason, _("Say why it is kept, for example A records request is open."))
        if change.row.erased_at:
            raise NotAllowed(_("What this person wrote was erased: nothing is left to keep."))
        change.row.held_at = timezone.now()
    return change.row


def unhold(
    row: ConsultRequest, actor: User, *, seen: int | None = None, note: str = ""
) -> ConsultRequest:
    """Lets the request be erased again when its time comes."""
    with changing("unhold", row, actor, EventKind.UNHELD, seen=seen, note=note) as change:
        if change.row.held_at is None:
            raise NotAllowed(_("This request is not kept from erasure."))
        change.row.held_at = None
    return change.row


def _need(reason: str, advice: str) -> None:
    if not reason.strip():
        raise NotAllowed(advice)
