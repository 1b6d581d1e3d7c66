"""The numbers of the reports: counted by the database, a bounded number of rows each.

`clinics` are those whose rows the reader may see; editors get every clinic, small numbers hidden.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Q
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from consults.models import ConsultRequest, ConsultRequestQuerySet, Outcome
from locations.models import Location

WEEKS = 26
SMALL = 5  # what an editor sees of 1 to 4 is that it is fewer than this


def since(weeks: int = WEEKS) -> dt.datetime:
    """Monday morning, so many weeks ago."""
    now = timezone.localtime()
    monday = now.date() - dt.timedelta(days=now.weekday(), weeks=weeks - 1)
    return dt.datetime.combine(monday, dt.time(), now.tzinfo)


def _rows(clinics: Iterable[Location]) -> ConsultRequestQuerySet:
    return ConsultRequest.objects.at_clinics(clinics).order_by()


@dataclass(frozen=True)
class Weeks:
    days: list[dt.date]  # the Mondays
    counts: dict[int, list[int]]  # by clinic


def by_week(clinics: Sequence[Location]) -> Weeks:
    """Requests a week at each clinic; weeks begin on Monday, as the reader counts days."""
    start, now = since(), timezone.now()
    rows = _rows(clinics).received_between(start, now + dt.timedelta(minutes=1))
    found = rows.annotate(week=TruncWeek("received_at")).values("week", "location")
    days = [start.date() + dt.timedelta(weeks=week) for week in range(WEEKS)]
    counts = {clinic.pk: [0] * WEEKS for clinic in clinics}
    for row in found.annotate(count=Count("*")):
        week = timezone.localtime(row["week"]).date()
        counts[row["location"]][days.index(week)] = row["count"]
    return Weeks(days, counts)


@dataclass(frozen=True)
class Times:
    """Working minutes to the first contact attempt."""

    clinic: Location
    count: int
    median: int | None
    ninetieth: int | None


def to_first_contact(clinics: Sequence[Location]) -> list[Times]:
    """From a histogram by minute: the database counts, whatever the number of requests."""
    rows = _rows(clinics).received_between(since(), timezone.now()).contacted()
    histograms: dict[int, list[tuple[int, int]]] = defaultdict(list)
    found = rows.values("location", "response_minutes").annotate(count=Count("*"))
    for row in found.order_by("response_minutes"):
        minutes: int = row["response_minutes"] or 0
        histograms[row["location"]].append((minutes, row["count"]))
    return [_times(clinic, histograms[clinic.pk]) for clinic in clinics]


def _times(clinic: Location, histogram: list[tuple[int, int]]) -> Times:
    count = sum(number for _minutes, number in histogram)
    return Times(clinic, count, percentile(histogram, 50), percentile(histogram, 90))


def percentile(histogram: Sequence[tuple[int, int]], percent: int) -> int | None:
    """The smallest value that at least `percent` of all do not exceed; None of nothing."""
    needed = sum(number for _value, number in histogram) * percent
    seen = 0
    for value, number in sorted(histogram):
        seen += number * 100
        if seen >= needed:
            return value
    return None


def outcomes(clinics: Sequence[Location]) -> dict[str, dict[int, int]]:
    """How what was closed in these weeks ended: by outcome, then by clinic."""
    found = _rows(clinics).closed().closed_since(since()).values("outcome", "location")
    counts = {outcome: {clinic.pk: 0 for clinic in clinics} for outcome in Outcome.values}
    for row in found.annotate(count=Count("*")):
        counts[row["outcome"]][row["location"]] = row["count"]
    return counts


# --- By source article --------------------------------------------------------------------------


@dataclass(frozen=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> "Quarter":
        return cls(day.year, (day.month - 1) // 3 + 1)

    def __str__(self) -> str:
        return f"{self.year} Q{self.number}"

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        zone = timezone.get_current_timezone()
        start = dt.datetime(self.year, self.number * 3 - 2, 1, tzinfo=zone)
        last = self.number == 4
        year, month = (self.year + 1, 1) if last else (self.year, self.number * 3 + 1)
        return start, dt.datetime(year, month, 1, tzinfo=zone)


def by_source(clinics: Sequence[Location], quarter: Quarter) -> list[dict[str, Any]]:
    """Requests, contacts and visits by the article that people came from."""
    rows = _rows(clinics).received_between(*quarter.moments).filter(source__isnull=False)
    visit = Q(outcome=Outcome.ATTENDED)
    name = Coalesce(
        "source__live_revision__title", "source__slug", output_field=CharField()
    )  # withdrawn since, an article has no title that anybody may read
    counted = (
        rows.annotate(article=name)
        .values("article", "source__slug")
        .annotate(
            requests=Count("*"),
            contacts=Count("source", filter=Q(first_response_at__isnull=False)),
            visits=Count("source", filter=visit),
        )
    )
    return [{**row} for row in counted.order_by("article", "source__slug")]


def hidden(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with 1 to 4 as “<5”, in the order of the names: neither order nor sum tells."""
    return [{name: _hide(value) for name, value in row.items()} for row in rows]


def _hide(value: Any) -> Any:
    return f"<{SMALL}" if isinstance(value, int) and 0 < value < SMALL else value
