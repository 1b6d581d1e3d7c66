"""What the worker does for desk and editors every minute, and the daily look at the events."""

import datetime as dt
import json
import logging
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from articles import reviews
from articles.models import Approval
from consults import chain, clock, spam
from consults.change import changing
from consults.models import ConsultRequest, ConsultRequestQuerySet, EventKind, Outbox, Tally
from consults.reports import counts_of
from consults.states import NotAllowed
from locations.calendar import Calendar
from locations.models import Location

log = logging.getLogger("clinic.desk")

UNTOUCHED_HOURS = 4
OVERDUE_MINUTES = 60
# A word on a text that nobody was told of for so long is found on the staff home instead.
NEWS_FOR = dt.timedelta(days=7)
MONDAY, DIGEST_FROM_HOUR = 0, 8
# Later than this after opening a digest is no morning's news: a worker that was down skips it.
HELD_FROM_HOUR = 8  # of the clinic's own day
DIGEST_WITHIN = dt.timedelta(minutes=30)


def keep_up() -> None:
    """One round. Raises django.db.Error when the database is away."""
    done = {"freed": free_untouched(), "overdue": owe_overdue(), "digests": owe_digests()}
    done |= {"held": owe_held(), "surges": owe_surge()}
    done |= {"reviews": owe_review_mail(), "review digests": owe_review_digest()}
    Tally.objects.forget_old()
    while chain.seal_batch() == chain.BATCH:
        pass
    for what, count in done.items():
        if count:
            log.info(what, extra={"count": count})


def free_untouched() -> int:
    """Gives back claims about which nothing was done for 4 working hours."""
    freed, now = 0, timezone.now()
    limit = now - dt.timedelta(hours=UNTOUCHED_HOURS)
    rows = ConsultRequest.objects.untouched_claims().filter(claimed_at__lte=limit)
    for row in rows.select_related("location"):
        if clock.working_minutes(row.location, row.claimed_at, now) >= UNTOUCHED_HOURS * 60:
            freed += _free(row)
    return freed


def _free(row: ConsultRequest) -> bool:
    with suppress(NotAllowed), changing("release", row, None, EventKind.RELEASED) as change:
        if change.row.claimed_at != row.claimed_at or change.row.assignee_id is None:
            raise NotAllowed  # touched between the two looks
        change.detail |= {"from_user": change.row.assignee_id, "why": "untouched"}
        change.row.assignee = None
        return True
    return False


def owe_overdue() -> int:
    """Owes the leads a mail for what is one working hour overdue and nobody's, once a request."""
    owed, now = 0, timezone.now()
    limit = now - dt.timedelta(minutes=OVERDUE_MINUTES)
    told = Outbox.objects.filter(kind=Outbox.Kind.OVERDUE).values("request")
    rows = ConsultRequest.objects.unclaimed().filter(next_action_at__lte=limit)
    for row in rows.exclude(pk__in=told).select_related("location"):
        if clock.working_minutes(row.location, row.next_action_at, now) >= OVERDUE_MINUTES:
            Outbox.objects.owe(Outbox.Kind.OVERDUE, row)
            owed += 1
    return owed


def owe_digests() -> int:
    """Owes each clinic that has just opened its digest: none on closed days, none on zero."""
    return sum(_owe_digest(where) for where in Location.objects.listed().with_calendar())


def _owe_digest(where: Location) -> bool:
    now = timezone.localtime(timezone=where.zone)
    opening = next((start for start, _end in Calendar.of(where).stretches(now.date())), None)
    if opening is None or not opening <= now < opening + DIGEST_WITHIN:
        return False
    owed: dict[str, Any] = {"kind": Outbox.Kind.DIGEST, "location": where, "day": now.date()}
    if Outbox.objects.filter(**owed).exists() or counts_of(where).is_empty:
        return False
    Outbox.objects.get_or_create(**owed)
    return True


def owe_held() -> int:
    """Owes each clinic the count of what is held: once a day from 8 on, closed or not.

    Somebody may be waiting there, and nobody was told.
    """
    return sum(
        _owe_once(Outbox.Kind.HELD, where)
        for where in Location.objects.all()
        if timezone.localtime(timezone=where.zone).hour >= HELD_FROM_HOUR
        and ConsultRequest.objects.at_clinics([where]).quarantined().exists()
    )


def owe_surge() -> int:
    """Owes word of a surge to each clinic where one has held requests in the last hour."""
    return sum(
        _owe_once(Outbox.Kind.SURGE, where)
        for where in Location.objects.all()
        if spam.held_by_surge_among(_of_last_hour(where)).exists()
    )


def _of_last_hour(where: Location) -> ConsultRequestQuerySet:
    now = timezone.now()
    rows = ConsultRequest.objects.at_clinics([where])
    return rows.received_between(now - dt.timedelta(hours=1), now + dt.timedelta(minutes=1))


def _owe_once(kind: str, where: Location) -> bool:
    """Owes a clinic one mail of this kind on this day of its own; whether it is owed anew."""
    day = timezone.localdate(timezone=where.zone)
    _row, is_new = Outbox.objects.get_or_create(kind=kind, location=where, day=day)
    return is_new


# --- Reviews of texts -------------------------------------------------------------------------


def owe_review_mail() -> int:
    """Owes a mail for each word on a text that somebody waits to hear, once a word.

    The word itself is what is owed: it was written with the decision, in one transaction.
    """
    told = Outbox.objects.filter(approval__isnull=False).values("approval")
    words = Approval.objects.to_tell().filter(at__gte=timezone.now() - NEWS_FOR)
    owed = 0
    for word in words.exclude(pk__in=told):
        kind = Outbox.Kind(f"review_{word.decision}")
        _row, is_new = Outbox.objects.get_or_create(kind=kind, approval=word)
        owed += is_new
    return owed


def owe_review_digest() -> int:
    """Owes editors and reviewers the list of reviews due: on Mondays from 8 on, none on zero."""
    now = timezone.localtime()
    if now.weekday() != MONDAY or now.hour < DIGEST_FROM_HOUR:
        return 0
    owed: dict[str, Any] = {"kind": Outbox.Kind.REVIEW_DIGEST, "day": now.date()}
    if Outbox.objects.filter(**owed).exists() or not reviews.queue():
        return 0
    _row, is_new = Outbox.objects.get_or_create(**owed)
    return int(is_new)


# --- The chain of events ------------------------------------------------------------------------


def verdict_file() -> Path:
    """Where the last verification is left for the staff home."""
    return settings.VAR_DIR / "events.json"


def verify() -> chain.Verdict:
    """Verifies every event and leaves word for the staff home."""
    verdict = chain.verify()
    if not verdict.is_whole:
        log.error("events altered", extra={"count": len(verdict.problems)})
    with suppress(OSError):
        facts = asdict(verdict) | {"problems": len(verdict.problems)}
        at = timezone.now().isoformat()
        verdict_file().write_text(json.dumps(facts | {"at": at}))
    return verdict


def last_verdict() -> dict[str, Any] | None:
    """What the last verification found; None before the first."""
    try:
        found: dict[str, Any] = json.loads(verdict_file().read_text())
        return found | {"at": dt.datetime.fromisoformat(found["at"])}
    except (OSError, ValueError, KeyError):
        return None
