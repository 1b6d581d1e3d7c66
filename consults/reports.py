"""What the staff home counts: rows of the user's own clinics only, in one query."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from clinic.models import User
from consults.models import OPEN_STATES, ConsultRequest, ConsultRequestQuerySet, State
from locations.models import Location

OPEN = Q(state__in=OPEN_STATES)
ERASED_SOON = dt.timedelta(days=2)


@dataclass(frozen=True)
class DeskCounts:
    """One clinic's desk, now."""

    clinic: Location
    waiting: int = 0  # open and not yet booked
    due_today: int = 0
    overdue: int = 0
    flagged: int = 0
    quarantined: int = 0
    visits_today: int = 0
    erased_soon: int = 0  # within two days, unless somebody keeps it
    oldest: dt.datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing that a digest would have to say."""
        return not (self.waiting or self.visits_today or self.erased_soon or self.overdue)


def desk_counts(user: User, clinics: Iterable[Location]) -> list[DeskCounts]:
    """One row a clinic, in the order given. A day is the clinic's own."""
    return _counted(ConsultRequest.objects.visible_to(user), list(clinics))


def counts_of(clinic: Location) -> DeskCounts:
    """The desk of one clinic, for its digest."""
    counts = _counted(ConsultRequest.objects.filter(location=clinic), [clinic])[0]
    soon = timezone.now() + ERASED_SOON
    due = ConsultRequest.objects.filter(location=clinic).due_for_erasure(soon)
    return replace(counts, erased_soon=due.count())


def _counted(rows: ConsultRequestQuerySet, clinics: list[Location]) -> list[DeskCounts]:
    now = timezone.now()
    due = OPEN & Q(next_action_at__gte=now) & _today(clinics, "next_action_at")
    waiting = OPEN & ~Q(state=State.BOOKED)
    # Closed rows are most of them, and no number here counts them.
    counts = (
        rows.at_clinics(clinics)
        .on_the_desk()
        .order_by()
        .values("location")
        .annotate(
            waiting=Count("pk", filter=waiting),
            due_today=Count("pk", filter=due),
            overdue=Count("pk", filter=OPEN & Q(next_action_at__lt=now)),
            flagged=Count("pk", filter=OPEN & Q(is_flagged=True)),
            quarantined=Count("pk", filter=Q(state=State.QUARANTINED)),
            visits_today=Count("pk", filter=Q(state=State.BOOKED) & _today(clinics, "visit_at")),
            oldest=Min("received_at", filter=waiting),
        )
    )
    found: dict[int, dict[str, Any]] = {row["location"]: {**row} for row in counts}
    for row in found.values():
        del row["location"]
    return [DeskCounts(clinic=clinic, **found.get(clinic.pk, {})) for clinic in clinics]


def _today(clinics: Iterable[Location], column: str) -> Q:
    """Whether `column` falls on today, as the row's own clinic counts days."""
    condition = Q(pk__in=[])
    for clinic in clinics:
        day = timezone.localdate(timezone=clinic.zone)
        start = dt.datetime.combine(day, dt.time(), tzinfo=clinic.zone)
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=clinic.zone)
        within = {f"{column}__gte": start, f"{column}__lt": end}
        condition |= Q(location=clinic, **within)
    return condition
