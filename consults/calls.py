"""A phone call taken by staff, entered with the visitors' form. Consent was given by word."""

from typing import Any

from django.db import transaction

from clinic.models import User
from consults import consent, intake
from consults.models import ConsultRequest, EventKind, Outbox
from consults.states import record


@transaction.atomic
def enter(answers: dict[str, Any], nonce: str, actor: User) -> ConsultRequest:
    """Stores the call as a request of whoever took it. Pressed twice it is one request."""
    row = intake.receive(answers, nonce, signals=[])
    if row.events.filter(kind=EventKind.ENTERED).exists():
        return row
    row.consent_version = f"{consent.CURRENT.version}-verbal"
    is_theirs = ConsultRequest.objects.visible_to(actor).filter(pk=row.pk).exists()
    if is_theirs and row.assignee is None:
        # They have it and know of it: nobody needs a notice.
        row.assignee = actor
        row.outbox.filter(kind=Outbox.Kind.STAFF_NOTICE).delete()
    row.save(update_fields=["consent_version", "assignee"])
    record(EventKind.ENTERED, row, actor, consent="verbal")
    return row
