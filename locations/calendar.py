"""The one calendar of a clinic: is it open, when does it open next, add working time.

The clinic's page, the promise to a patient and the response clock all ask this. Every moment given
is aware, in any zone; every moment returned is in the clinic's zone. A stretch is half open: at its
end the clinic is closed.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import holidays
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from locations.models import Location

Span = tuple[dt.time, dt.time]  # on the clock on the wall
Stretch = tuple[dt.datetime, dt.datetime]  # real moments
Week = tuple[tuple[Span, ...], ...]  # by weekday, Monday first

NO_HOURS: Week = ((),) * 7
OFFICE_DAY = ((dt.time(9), dt.time(17)),)
# What the clock counts at a clinic whose hours nobody has entered. Never shown.
ASSUMED_WEEK: Week = (OFFICE_DAY,) * 5 + ((),) * 2
# What a special day can be; the first wins.
KINDS = ("closed", "hours", "usual")
# How far the calendar looks before it says that a clinic does not open.
HORIZON = dt.timedelta(days=2 * 366)


class NeverOpen(Exception):
    """Working time was asked of a clinic that does not open within the horizon."""


@dataclass(frozen=True)
class Special:
    """A run of days that differs from the week. Kind: closed, usual or hours."""

    first_day: dt.date
    last_day: dt.date
    kind: str
    opens: dt.time | None = None
    closes: dt.time | None = None
    label: str = ""

    def covers(self, day: dt.date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Calendar:
    """When one clinic is open. A value: it knows no database and no current time."""

    zone: ZoneInfo
    week: Week = NO_HOURS
    by_appointment: frozenset[int] = frozenset()  # weekdays
    special: tuple[Special, ...] = ()

    @classmethod
    def of(cls, location: "Location") -> "Calendar":
        """Reads the clinic's rows: two queries, none after `LocationQuerySet.with_calendar()`."""
        rows = list(location.opening_hours.all())
        spans: list[list[Span]] = [[] for _weekday in range(7)]
        for row in rows:
            if row.opens and row.closes:
                spans[row.weekday].append((row.opens, row.closes))
        return cls(
            zone=location.zone,
            week=tuple(map(tuple, spans)),
            by_appointment=frozenset(row.weekday for row in rows if row.by_appointment),
            special=tuple(_special(location)),
        )

    @property
    def has_known_hours(self) -> bool:
        """Whether hours may be shown. Without, the clock counts an assumed week."""
        return any(self.week)

    @property
    def counted_week(self) -> Week:
        """The week that the clock counts.

        A day by appointment is closed, unless nothing else is left: then the desk is taken to
        answer in office hours, because a promise needs an end.
        """
        if self.has_known_hours:
            return self.week
        open_days = set(range(5)) - self.by_appointment
        if not open_days:
            return ASSUMED_WEEK
        return tuple(OFFICE_DAY if day in open_days else () for day in range(7))

    def kind(self, day: dt.date) -> str:
        """What holds on this day: closed, hours or usual; in this order where rows overlap.

        A federal holiday that nobody has decided is closed.
        """
        kinds = [special.kind for special in self.special if special.covers(day)]
        undecided = "closed" if federal_holiday(day) else "usual"
        return min(kinds, key=KINDS.index, default=undecided)

    def is_undecided(self, day: dt.date) -> bool:
        """Whether a federal holiday closes what would be a working day, and nobody said so."""
        is_decided = any(special.covers(day) for special in self.special)
        would_work = bool(self.counted_week[day.weekday()])
        return bool(federal_holiday(day)) and would_work and not is_decided

    def spans(self, day: dt.date) -> tuple[Span, ...]:
        """Open from and to on the clock on the wall."""
        kind = self.kind(day)
        if kind == "closed":
            return ()
        if kind == "hours":
            decided = (special for special in self.special if special.covers(day))
            return _merged((row.opens, row.closes) for row in decided if row.opens and row.closes)
        return _merged(self.counted_week[day.weekday()])

    def stretches(self, day: dt.date) -> list[Stretch]:
        """The same as real moments: where a clock change falls inside, longer or shorter."""
        moments = (
            (_moment(day, opens, self.zone), _moment(day, closes, self.zone))
            for opens, closes in self.spans(day)
        )
        return [(start, end) for start, end in moments if _utc(start) < _utc(end)]

    def is_open(self, at: dt.datetime) -> bool:
        return self.closes_at(at) is not None

    def closes_at(self, at: dt.datetime) -> dt.datetime | None:
        """When the stretch around `at` ends; None while closed."""
        moment = _utc(at)
        for start, end in self.stretches(self._day(at)):
            if _utc(start) <= moment < _utc(end):
                return end
        return None

    def next_opening(self, at: dt.datetime) -> dt.datetime | None:
        """The first opening after `at`; None when there is none within two years."""
        moment = _utc(at)
        return next((start for start, _end in self._from(at) if _utc(start) > moment), None)

    def next_change(self, at: dt.datetime) -> dt.datetime:
        """Until when what a page says of now and today holds: opening, closing or midnight."""
        tomorrow = _moment(self._day(at) + dt.timedelta(days=1), dt.time(0), self.zone)
        moments = (tomorrow, self.closes_at(at), self.next_opening(at))
        return min((moment for moment in moments if moment), key=_utc)

    def add_working_time(self, start: dt.datetime, amount: dt.timedelta) -> dt.datetime:
        """The moment by which `amount` of open time has passed since `start`.

        Time that runs out just at closing ends there, not at the next opening. Raises NeverOpen,
        and ValueError for a negative amount.
        """
        if amount < dt.timedelta(0):
            raise ValueError("Working time is added, never taken away.")
        moment = _utc(start)
        for opens, closes in self._from(start):
            begins, ends = max(moment, _utc(opens)), _utc(closes)
            if begins <= ends and amount <= ends - begins:
                return (begins + amount).astimezone(self.zone)
            amount -= max(ends - begins, dt.timedelta(0))
        raise NeverOpen(
            "This clinic does not open often enough in the next two years: check its opening "
            "hours and special days."
        )

    def opening_line(self, at: dt.datetime) -> str:
        """As “open until 5 p.m.” or “opens Monday at 9 a.m.”; empty while hours are unknown."""
        if not self.has_known_hours:
            return ""
        closes = self.closes_at(at)
        if closes:
            return _("open until %(time)s") % {"time": clock(closes)}
        opens = self.next_opening(at)
        if opens is None:
            return ""
        return _opens_words(opens, days_away=(opens.date() - self._day(at)).days)

    def _day(self, at: dt.datetime) -> dt.date:
        return _utc(at).astimezone(self.zone).date()

    def _from(self, at: dt.datetime) -> Iterator[Stretch]:
        """Every stretch from the day of `at` to the horizon, in order."""
        day = self._day(at)
        last = day + HORIZON
        while day <= last:
            yield from self.stretches(day)
            day += dt.timedelta(days=1)


def _special(location: "Location") -> Iterator[Special]:
    for row in location.special_days.all():
        yield Special(row.first_day, row.last_day, row.kind, row.opens, row.closes, row.label)
    if location.closed_on:
        yield Special(location.closed_on, location.closed_on, "closed")


def clock(moment: dt.time | dt.datetime) -> str:
    """A time of day as people write it: 9 a.m., 9:30 a.m., noon."""
    return formatted(moment, "P")


@cache
def federal_holidays(year: int) -> dict[dt.date, str]:
    """The name of each US federal holiday of the year (observed days included), in order."""
    return dict(sorted(holidays.country_holidays("US", years=year).items()))


def federal_holiday(day: dt.date) -> str:
    """The name of the US federal holiday kept on this day (observed days included), or empty."""
    return federal_holidays(day.year).get(day, "")


def _opens_words(opens: dt.datetime, days_away: int) -> str:
    words = {"time": clock(opens), "day": formatted(opens, "l"), "date": formatted(opens, "F j")}
    if days_away == 0:
        return _("opens at %(time)s") % words
    if days_away < 7:
        return _("opens %(day)s at %(time)s") % words
    return _("opens %(day)s, %(date)s, at %(time)s") % words


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, with those that touch or overlap made one: no minute counts twice."""
    merged: list[Span] = []
    for opens, closes in sorted(spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _moment(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """When the clock on the wall first reaches `time` on that day.

    An hour that comes twice counts as its first; a time that is skipped is the moment of the
    switch, which in the US falls on a full hour.
    """
    wall = dt.datetime.combine(day, time, tzinfo=zone)
    real = _utc(wall).astimezone(zone)
    if real.replace(tzinfo=None) == wall.replace(tzinfo=None):
        return wall
    return _utc(wall.replace(minute=0, second=0, microsecond=0)).astimezone(zone)


def _utc(moment: dt.datetime) -> dt.datetime:
    """In UTC, where differences are real time. Raises ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return moment.astimezone(dt.UTC)
