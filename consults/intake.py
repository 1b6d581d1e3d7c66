"""Takes a request in: once, sealed, with its first events and the mails owed, or not at all."""

import json
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from clinic import safety
from clinic.crypto import lookup_hash
from consults import consent, spam, triage
from consults.duplicates import give_to_holder_of_first
from consults.models import ConsultRequest, EventKind, Outbox, SearchKey, State, Stop

Answers = dict[str, Any]  # ConsultForm.cleaned_data
DERIVED = {"location", "location_was_chosen", "source"}
SEALED = ("name", "phone", "email", "question")


def receive(answers: Answers, nonce: str, signals: list[str], follows: str = "") -> ConsultRequest:
    """Stores what the form brought. The same form sent again gives the row of the first time.

    `follows` is the id of the request that this one puts right, where there is one.
    """
    digest = submission_hash(answers, nonce)
    known = ConsultRequest.objects.filter(submission_hash=digest)
    try:
        return known.first() or _store(answers, digest, signals, follows)
    except IntegrityError:
        # Another thread stored the same form between the two lines; or something else is wrong.
        stored = known.first()
        if stored is None:
            raise
        return stored


def submission_hash(answers: Answers, nonce: str) -> str:
    """One hash for one form and one content, however often and from wherever it is sent."""
    content = {name: str(value) for name, value in answers.items() if name not in DERIVED}
    return lookup_hash(f"submission {nonce}", json.dumps(content, sort_keys=True))


@transaction.atomic
def _store(answers: Answers, digest: str, signals: list[str], follows: str) -> ConsultRequest:
    consult = _build(answers, digest)
    if follows:
        consult.follows = ConsultRequest.objects.filter(pk=follows, erased_at=None).first()
    consult.is_flagged = safety.reads_like_crisis(answers["question"])
    is_held = spam.holds(signals) and not consult.is_flagged
    if is_held:
        consult.state = State.QUARANTINED
    consult.save(force_insert=True)
    _file(consult, answers)
    triage.record(EventKind.RECEIVED, consult, chosen=consult.location_was_chosen)
    if is_held:
        triage.record(EventKind.QUARANTINED, consult, reasons=signals)
    else:
        Stop.objects.lift(consult)
        give_to_holder_of_first(consult)
        _owe_mails(consult)
    return consult


def _build(answers: Answers, digest: str) -> ConsultRequest:
    location, now = answers["location"], timezone.now()
    prefetch_related_objects([location], "opening_hours", "special_days")  # read twice below
    consult = ConsultRequest(
        submission_hash=digest,
        received_at=now,
        location=location,
        location_was_chosen=answers["location_was_chosen"],
        source=answers["source"],
        for_whom=answers["for_whom"],
        channel=answers["channel"],
        may_text=answers["may_text"],
        voicemail=answers["voicemail"],
        good_times=answers["good_times"],
        consent_version=consent.CURRENT.version,
        consent_hash=consent.CURRENT.digest,
        promised_by=triage.promise(location, now, answers["good_times"]),
        next_action_at=triage.first_action_due(location, now, answers["good_times"]),
    )
    for name in SEALED:
        setattr(consult, name, answers[name])
    return consult


def _file(consult: ConsultRequest, answers: Answers) -> None:
    """Files the request under the keyed hashes by which staff find it."""
    kinds = SearchKey.Kind
    values = {kinds.NAME: answers["name"], kinds.PHONE: answers["phone"].partition(";")[0]}
    values[kinds.EMAIL] = answers["email"]
    SearchKey.objects.bulk_create(
        SearchKey(request=consult, kind=kind, digest=digest)
        for kind, value in values.items()
        for digest in SearchKey.digests(kind, value)
    )


def _owe_mails(consult: ConsultRequest) -> None:
    Outbox.objects.owe(Outbox.Kind.STAFF_NOTICE, consult)
    if consult.email_sealed:
        Outbox.objects.owe(Outbox.Kind.CONFIRMATION, consult)
