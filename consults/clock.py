"""The response clock: by when a request is answered, and when to try again.

Working time comes from locations.calendar, in the clinic's zone.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils import timezone

from consults.models import ConsultRequest, State
from locations.calendar import Calendar, NeverOpen
from locations.models import Location

Time = ConsultRequest.Time
# What the form offers, on weekdays in the clinic's own time.
WINDOWS: dict[str, tuple[dt.time, dt.time]] = {
    Time.MORNING: (dt.time(9), dt.time(12)),
    Time.MIDDAY: (dt.time(12), dt.time(14)),
    Time.AFTERNOON: (dt.time(14), dt.time(17)),
}
LOOK_AHEAD_DAYS = 60
# For a clinic whose hours are entered so that it never opens: the request must not be lost for it.
FALLBACK = dt.timedelta(days=7)


def promise(location: Location, received_at: dt.datetime, good_times: list[str]) -> dt.datetime:
    """By when the person who wrote is told that someone will be in touch."""
    return _due(location, received_at, good_times, settings.PROMISE_WORKING_HOURS)


def first_action_due(
    location: Location, received_at: dt.datetime, good_times: list[str]
) -> dt.datetime:
    """By when the desk aims to make its first attempt."""
    return _due(location, received_at, good_times, settings.AIM_WORKING_HOURS)


def _due(
    location: Location, received_at: dt.datetime, good_times: list[str], hours: int
) -> dt.datetime:
    """After so many working hours, at the end of the first chosen window from then on."""
    calendar = Calendar.of(location)
    try:
        moment = calendar.add_working_time(received_at, dt.timedelta(hours=hours))
    except NeverOpen:
        return received_at + FALLBACK
    ends = (end for _start, end in _windows(location, calendar, moment, good_times))
    return next((end for end in ends if end >= moment), moment)


def _windows(
    location: Location, calendar: Calendar, moment: dt.datetime, good_times: list[str]
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The chosen windows, from the day of `moment` on, in which the clinic is open at all."""
    chosen = [WINDOWS[name] for name in Time.values if name in good_times]
    first_day = moment.astimezone(location.zone).date()
    for days in range(LOOK_AHEAD_DAYS if chosen else 0):
        day = first_day + dt.timedelta(days=days)
        for start, end in chosen:
            is_open = any(opens < end and start < closes for opens, closes in calendar.spans(day))
            if day.weekday() < 5 and is_open:
                yield at_clinic(location, day, start), at_clinic(location, day, end)


def at_clinic(location: Location, day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=location.zone)


def start_of_work(location: Location, day: dt.date) -> dt.datetime:
    """When the clinic opens on `day`, or on the first working day after it."""
    midnight = at_clinic(location, day, dt.time())
    return Calendar.of(location).next_opening(midnight) or midnight + FALLBACK


def next_try(row: ConsultRequest) -> dt.datetime:
    """The next working day, at another good time than now."""
    location = row.location
    now = timezone.localtime(timezone=location.zone)
    opening = start_of_work(location, now.date() + dt.timedelta(days=1))
    times = row.good_times or Time.values
    others = [name for name in times if not is_in_window(now.time(), name)]
    windows = _windows(location, Calendar.of(location), opening, others or times)
    start, _end = next(windows, (opening, opening))
    return max(start, opening)


def is_good_time(row: ConsultRequest, at: dt.datetime | None = None) -> bool:
    """Whether the person said that they may be called now. The windows are on weekdays."""
    now = timezone.localtime(at, timezone=row.location.zone)
    in_window = any(is_in_window(now.time(), name) for name in row.good_times)
    return not row.good_times or (now.weekday() < 5 and in_window)


def working_minutes(location: Location, start: dt.datetime | None, end: dt.datetime) -> int:
    """How long the clinic was open between two moments; nothing since a moment that is not."""
    if start is None:
        return 0
    calendar, total = Calendar.of(location), dt.timedelta()
    day, last = (moment.astimezone(location.zone).date() for moment in (start, end))
    while day <= last:
        for opens, closes in calendar.stretches(day):
            begins, ends = (
                max(opens.astimezone(dt.UTC), start),
                min(closes.astimezone(dt.UTC), end),
            )
            total += max(ends - begins, dt.timedelta())
        day += dt.timedelta(days=1)
    return int(total.total_seconds() // 60)


def keep(row: ConsultRequest) -> None:
    """Keeps the response clock of a row about to be saved: stopped while it waits for a reply.

    Only what passed before the first contact counts: after it the clock has been read.
    """
    now, is_waiting = timezone.now(), row.state == State.WAITING
    if row.first_response_at is None and row.waiting_since and not is_waiting:
        row.waited_minutes += working_minutes(row.location, row.waiting_since, now)
    if not is_waiting:
        row.waiting_since = None
    elif row.waiting_since is None:
        row.waiting_since = now


def read(row: ConsultRequest, at: dt.datetime) -> int:
    """Working minutes from the request to `at`, without those spent waiting for a reply."""
    waited = row.waited_minutes
    if row.waiting_since:
        waited += working_minutes(row.location, row.waiting_since, at)
    return max(working_minutes(row.location, row.received_at, at) - waited, 0)


def promises_at_risk(rows: Iterable[ConsultRequest]) -> list[ConsultRequest]:
    """Those of `rows` that today's hours would promise later than was promised.

    The rows come with their clinic's calendar (LocationQuerySet.with_calendar).
    """
    return [
        row for row in rows
        if promise(row.location, row.received_at, row.good_times) > row.promised_by
    ]  # fmt: skip


def is_in_window(time: dt.time, name: str) -> bool:
    start, end = WINDOWS[name]
    return start <= time < end
