"""The calendar as a clinic's page prints it: the usual week, and the days that differ."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.dateformat import format as formatted
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from locations.calendar import Calendar, Span, clock, federal_holiday

# How far ahead a clinic's page announces days that differ.
ANNOUNCED = dt.timedelta(days=60)


@dataclass(frozen=True)
class DayHours:
    """One day of the week: Monday, 9 a.m. to 5 p.m."""

    day: str
    lines: tuple[str, ...]  # one a stretch
    is_today: bool


@dataclass(frozen=True)
class OtherDay:
    """A day, or a run of days, that differs from the week."""

    first_day: dt.date
    last_day: dt.date
    label: str
    kind: str  # closed, hours or usual
    spans: tuple[Span, ...] = ()

    @property
    def days(self) -> str:
        """Such as “Thursday, November 26”, or “December 24 to January 1”."""
        if self.first_day == self.last_day:
            return formatted(self.first_day, "l, F j")
        return _("%(first)s to %(last)s") % {
            "first": formatted(self.first_day, "F j"),
            "last": formatted(self.last_day, "F j"),
        }

    @property
    def words(self) -> str:
        fixed = {"closed": _("Closed"), "usual": _("Open as usual")}
        return fixed.get(self.kind) or span_words(self.spans)


def usual_week(calendar: Calendar, today: dt.date) -> list[DayHours]:
    """The week from Monday; only what is known, so an empty list where nothing is.

    Where only days by appointment are known, the others are left out: nobody said they are closed.
    """
    return [
        DayHours(str(name), _day_lines(calendar, weekday), weekday == today.weekday())
        for weekday, name in WEEKDAYS.items()
        if calendar.has_known_hours or weekday in calendar.by_appointment
    ]


def other_days(calendar: Calendar, today: dt.date) -> list[OtherDay]:
    """What is announced from today on: what staff decided, and holidays the calendar keeps."""
    decided = list(_decided(calendar, today))
    return sorted([*decided, *_holidays(calendar, today)], key=lambda day: day.first_day)


def _decided(calendar: Calendar, today: dt.date) -> Iterator[OtherDay]:
    coming = [
        special
        for special in calendar.special
        if special.last_day >= today and special.first_day <= today + ANNOUNCED
    ]
    coming.sort(key=lambda row: (row.first_day, row.last_day, row.kind, row.label))
    for (first, last, kind, label), rows in groupby(
        coming, key=lambda row: (row.first_day, row.last_day, row.kind, row.label)
    ):
        spans = sorted((row.opens, row.closes) for row in rows if row.opens and row.closes)
        label = label or _holiday_in(first, last)
        if not (first == last and kind != calendar.kind(first)):  # outdone by another row
            yield OtherDay(first, last, label, kind, tuple(spans))


def _holidays(calendar: Calendar, today: dt.date) -> Iterator[OtherDay]:
    """Federal holidays nobody has decided, on days that the clinic is otherwise known to work."""
    if not calendar.has_known_hours:
        return
    for offset in range(ANNOUNCED.days + 1):
        day = today + dt.timedelta(days=offset)
        name = federal_holiday(day)
        decided = any(special.covers(day) for special in calendar.special)
        if name and not decided and calendar.week[day.weekday()]:
            yield OtherDay(day, day, name, "closed")


def _holiday_in(first: dt.date, last: dt.date) -> str:
    return federal_holiday(first) if first == last else ""


def _day_lines(calendar: Calendar, weekday: int) -> tuple[str, ...]:
    lines = [span_words([span]) for span in sorted(calendar.week[weekday])]
    if weekday in calendar.by_appointment:
        lines.append(_("By appointment"))
    return tuple(lines) or (_("Closed"),)


def span_words(spans: Iterable[Span]) -> str:
    """Such as “9 a.m. to noon, 1 p.m. to 5 p.m.”."""
    return ", ".join(
        _("%(opens)s to %(closes)s") % {"opens": clock(opens), "closes": clock(closes)}
        for opens, closes in spans
    )
