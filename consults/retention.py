"""Erasing what patients wrote when it has served.

The worker purges every hour. What stays of a request is its reference, dates, clinic, outcome and
events, which hold codes only.
"""

import secrets
import uuid

from django.db import transaction
from django.utils import timezone

from clinic.models import User
from consults import triage
from consults.models import ConsultRequest, EventKind, Outcome, State, Stop

SEALED = ["name_sealed", "phone_sealed", "email_sealed", "question_sealed"]


def purge() -> int:
    """Erases everything that is due, a row at a time; returns how many."""
    due = ConsultRequest.objects.due_for_erasure().values_list("pk", flat=True)
    return sum(_erase_if_still_due(key) for key in list(due))


@transaction.atomic
def _erase_if_still_due(key: uuid.UUID) -> bool:
    """Looks again under lock: the request may have been opened again meanwhile."""
    row = (
        ConsultRequest.objects.due_for_erasure()
        .select_for_update(of=("self",))
        .filter(pk=key)
        .first()
    )
    if row is None:
        return False
    erase(row)
    return True


@transaction.atomic
def erase_for_person(row: ConsultRequest, actor: User) -> bool:
    """Erases one request of a person who asked, looked at again under lock."""
    rows = ConsultRequest.objects.erasable_by(actor)
    fresh = rows.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if fresh is None or not fresh.may_be_erased_by_staff:
        return False
    erase(fresh, actor)
    return True


def erase(row: ConsultRequest, actor: User | None = None) -> None:
    """Removes every word of the person from a locked row, its notes, its hashes and unsent mail."""
    digests = row.contact_digests()
    row.search_keys.all().delete()
    Stop.objects.forget(digests)
    row.corrections.all().delete()
    row.notes.all().delete()
    row.outbox.waiting().delete()
    for column in SEALED:
        setattr(row, column, None)
    # The same form sent once more is a new request, not this empty one.
    row.submission_hash = secrets.token_hex(20)
    row.good_times, row.assignee, row.next_action_at = [], None, None
    row.claimed_at = row.waiting_since = None
    if row.state not in {State.CLOSED, State.QUARANTINED}:
        row.state, row.outcome = State.CLOSED, Outcome.COULD_NOT_REACH
        row.closed_at = timezone.now()
    row.erased_at = timezone.now()
    row.version += 1
    row.save()
    triage.record(EventKind.ERASED, row, actor)
