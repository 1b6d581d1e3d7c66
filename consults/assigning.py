"""Giving a request to a colleague, which leads do."""

from django.utils.translation import gettext as _

from clinic.models import User
from consults.change import changing
from consults.models import ConsultRequest, EventKind
from consults.states import NotAllowed
from locations.models import Location


def assign(
    row: ConsultRequest, actor: User, to: User, *, seen: int | None = None
) -> ConsultRequest:
    """Gives the request to `to`, whoever has it now. Only a lead of its clinic may."""
    with changing("assign", row, actor, EventKind.ASSIGNED, seen=seen) as change:
        fresh = change.row
        _check(fresh, actor, to)
        if fresh.assignee is not None:
            change.detail["from_user"] = fresh.assignee.pk
        change.detail["to_user"] = to.pk
        fresh.assignee = to
    return change.row


def _check(row: ConsultRequest, actor: User, to: User) -> None:
    here = Location.objects.filter(pk=row.location_id)
    if not here.led_by(actor).exists():
        raise NotAllowed(_("Only a lead of the clinic gives requests to others."))
    names = {"who": to.display_name, "clinic": row.location.name}
    may = to.is_active and to.is_staff and to.has_perm("consults.change_consultrequest")
    if not (may and here.worked_at_by(to).exists()):
        raise NotAllowed(_("%(who)s does not take requests of %(clinic)s.") % names)
    if row.assignee == to:
        raise NotAllowed(_("%(who)s has this request already.") % names)
