"""Working time, opening and closing, in both zones and across everything that bends a week."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locations.calendar import Calendar, NeverOpen, Special, Week, federal_holiday
from locations.models import Location, OpeningHours, SpecialDay
from tests import build

CENTRAL = ZoneInfo("America/Chicago")
EASTERN = ZoneInfo("America/New_York")
BOTH_ZONES = pytest.mark.parametrize("zone", [CENTRAL, EASTERN], ids=["central", "eastern"])

NINE, NOON, ONE, FIVE = dt.time(9), dt.time(12), dt.time(13), dt.time(17)
WEEKDAYS: Week = (((NINE, FIVE),),) * 5 + ((),) * 2
SPLIT_DAYS: Week = (((NINE, NOON), (ONE, FIVE)),) * 5 + ((),) * 2
EVERY_NIGHT: Week = (((dt.time(0), dt.time(4)),),) * 7
EVERY_DAY: Week = (((NINE, FIVE),),) * 7

HOUR = dt.timedelta(hours=1)


def at(
    zone: ZoneInfo, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, second, tzinfo=zone)


def closed(first: dt.date, last: dt.date | None = None) -> Special:
    return Special(first, last or first, "closed")


def hours(day: dt.date, opens: dt.time, closes: dt.time) -> Special:
    return Special(day, day, "hours", opens, closes)


# --- Adding working time --------------------------------------------------------------------


@BOTH_ZONES
def test_working_time_on_friday_before_an_undecided_holiday_runs_out_on_tuesday(
    zone: ZoneInfo,
) -> None:
    calendar = Calendar(zone, WEEKDAYS)
    friday = at(zone, 2026, 9, 4, 16, 45)
    assert calendar.add_working_time(friday, 4 * HOUR) == at(zone, 2026, 9, 8, 12, 45)


@BOTH_ZONES
def test_working_time_over_a_holiday_worked_as_usual_runs_out_on_monday(zone: ZoneInfo) -> None:
    labor_day = dt.date(2026, 9, 7)
    calendar = Calendar(zone, WEEKDAYS, special=(Special(labor_day, labor_day, "usual"),))
    friday = at(zone, 2026, 9, 4, 16, 45)
    assert calendar.add_working_time(friday, 4 * HOUR) == at(zone, 2026, 9, 7, 12, 45)


def test_working_time_that_runs_out_at_closing_ends_at_closing() -> None:
    calendar = Calendar(CENTRAL, WEEKDAYS)
    assert calendar.add_working_time(at(CENTRAL, 2026, 3, 3, 16), HOUR) == at(
        CENTRAL, 2026, 3, 3, 17
    )


def test_working_time_from_a_night_starts_at_opening() -> None:
    calendar = Calendar(CENTRAL, WEEKDAYS)
    night = at(CENTRAL, 2026, 3, 3, 2)
    assert calendar.add_working_time(night, dt.timedelta(0)) == at(CENTRAL, 2026, 3, 3, 9)
    assert calendar.add_working_time(night, HOUR) == at(CENTRAL, 2026, 3, 3, 10)


def test_working_time_given_in_another_zone_is_answered_in_the_clinics() -> None:
    answer = Calendar(EASTERN, WEEKDAYS).add_working_time(
        dt.datetime(2026, 3, 3, 14, 30, tzinfo=dt.UTC), HOUR
    )
    assert answer == at(EASTERN, 2026, 3, 3, 10, 30)
    assert answer.tzinfo == EASTERN


def test_working_time_skips_the_break_of_a_split_day() -> None:
    calendar = Calendar(CENTRAL, SPLIT_DAYS)
    answer = calendar.add_working_time(at(CENTRAL, 2026, 3, 3, 11, 30), HOUR)
    assert answer == at(CENTRAL, 2026, 3, 3, 13, 30)


@BOTH_ZONES
def test_working_time_across_the_spring_switch_loses_the_skipped_hour(zone: ZoneInfo) -> None:
    calendar = Calendar(zone, EVERY_NIGHT)
    answer = calendar.add_working_time(at(zone, 2026, 3, 8, 1), 2 * HOUR)
    assert answer == at(zone, 2026, 3, 8, 4)
    assert answer - at(zone, 2026, 3, 8, 1).astimezone(dt.UTC) == 2 * HOUR


@BOTH_ZONES
def test_working_time_across_the_autumn_switch_counts_the_hour_that_comes_twice(
    zone: ZoneInfo,
) -> None:
    calendar = Calendar(zone, EVERY_NIGHT)
    answer = calendar.add_working_time(at(zone, 2026, 11, 1, 0), 3 * HOUR)
    assert answer.astimezone(dt.UTC) == at(zone, 2026, 11, 1, 2).astimezone(dt.UTC)


@BOTH_ZONES
@pytest.mark.parametrize("monday", [dt.date(2026, 3, 9), dt.date(2026, 11, 2)])
def test_working_time_over_a_weekend_with_a_switch_keeps_the_wall_clock(
    zone: ZoneInfo, monday: dt.date
) -> None:
    friday = dt.datetime.combine(monday - dt.timedelta(days=3), dt.time(16), tzinfo=zone)
    answer = Calendar(zone, WEEKDAYS).add_working_time(friday, 2 * HOUR)
    assert answer == dt.datetime.combine(monday, dt.time(10), tzinfo=zone)


def test_working_time_at_a_clinic_without_known_hours_counts_weekdays_nine_to_five() -> None:
    calendar = Calendar(CENTRAL)
    answer = calendar.add_working_time(at(CENTRAL, 2026, 3, 6, 16), 2 * HOUR)
    assert answer == at(CENTRAL, 2026, 3, 9, 10)


def test_working_time_at_a_clinic_that_never_opens_raises_in_words() -> None:
    calendar = Calendar(CENTRAL, WEEKDAYS, special=(closed(dt.date(2020, 1, 1), dt.date.max),))
    with pytest.raises(NeverOpen, match="check its opening hours"):
        calendar.add_working_time(at(CENTRAL, 2026, 3, 6, 16), HOUR)


def test_working_time_taken_away_is_refused() -> None:
    with pytest.raises(ValueError, match="never taken away"):
        Calendar(CENTRAL, WEEKDAYS).add_working_time(at(CENTRAL, 2026, 3, 6, 16), -HOUR)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its time zone"):
        Calendar(CENTRAL, WEEKDAYS).is_open(dt.datetime(2026, 3, 6, 16))  # noqa: DTZ001


# --- Open, closed, next ---------------------------------------------------------------------


def test_is_open_at_its_edges_counts_the_opening_and_not_the_closing() -> None:
    calendar = Calendar(CENTRAL, WEEKDAYS)
    assert not calendar.is_open(at(CENTRAL, 2026, 3, 3, 8, 59, 59))
    assert calendar.is_open(at(CENTRAL, 2026, 3, 3, 9))
    assert calendar.is_open(at(CENTRAL, 2026, 3, 3, 16, 59, 59))
    assert not calendar.is_open(at(CENTRAL, 2026, 3, 3, 17))


def test_is_open_asked_in_another_zone_answers_for_the_clinics_clock() -> None:
    half_past_four_in_alabama = at(EASTERN, 2026, 3, 3, 17, 30)
    assert Calendar(CENTRAL, WEEKDAYS).is_open(half_past_four_in_alabama)
    assert not Calendar(EASTERN, WEEKDAYS).is_open(half_past_four_in_alabama)


@pytest.mark.parametrize("day", [1, 8])  # both switches fall at 2 a.m. on a Sunday
def test_is_open_through_the_whole_switch_when_the_clinic_works_that_night(day: int) -> None:
    month = {1: 11, 8: 3}[day]
    calendar = Calendar(CENTRAL, EVERY_NIGHT)
    ((opens, closes),) = calendar.stretches(dt.date(2026, month, day))
    length = closes.astimezone(dt.UTC) - opens.astimezone(dt.UTC)
    assert length == {11: 5 * HOUR, 3: 3 * HOUR}[month]
    quarters = int(length / HOUR) * 4
    assert all(calendar.is_open(opens.astimezone(dt.UTC) + n * HOUR / 4) for n in range(quarters))


@pytest.mark.parametrize(
    ("opens", "closes", "real_opens", "real_closes"),
    [
        (dt.time(1), dt.time(2, 30), dt.time(1), dt.time(3)),
        (dt.time(2, 30), dt.time(4), dt.time(3), dt.time(4)),
    ],
)
def test_a_time_that_the_spring_switch_skips_is_the_moment_of_the_switch(
    opens: dt.time, closes: dt.time, real_opens: dt.time, real_closes: dt.time
) -> None:
    calendar = Calendar(CENTRAL, (((opens, closes),),) * 7)
    sunday = dt.date(2026, 3, 8)
    assert calendar.stretches(sunday) == [
        (
            dt.datetime.combine(sunday, real_opens, tzinfo=CENTRAL),
            dt.datetime.combine(sunday, real_closes, tzinfo=CENTRAL),
        )
    ]


def test_a_stretch_that_lies_wholly_in_the_skipped_hour_does_not_happen() -> None:
    calendar = Calendar(CENTRAL, (((dt.time(2, 10), dt.time(2, 50)),),) * 7)
    assert calendar.stretches(dt.date(2026, 3, 8)) == []
    assert len(calendar.stretches(dt.date(2026, 3, 9))) == 1


def test_a_time_that_the_autumn_switch_repeats_is_its_first() -> None:
    calendar = Calendar(CENTRAL, (((dt.time(0), dt.time(1, 30)),),) * 7)
    ((_opens, closes),) = calendar.stretches(dt.date(2026, 11, 1))
    assert closes.astimezone(dt.UTC) == dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)


def test_next_opening_during_opening_hours_is_the_one_after() -> None:
    calendar = Calendar(CENTRAL, SPLIT_DAYS)
    assert calendar.next_opening(at(CENTRAL, 2026, 3, 3, 9)) == at(CENTRAL, 2026, 3, 3, 13)


def test_next_opening_of_a_clinic_that_never_opens_is_none() -> None:
    calendar = Calendar(CENTRAL, WEEKDAYS, special=(closed(dt.date(2020, 1, 1), dt.date.max),))
    assert calendar.next_opening(at(CENTRAL, 2026, 3, 3, 9)) is None


@pytest.mark.parametrize(
    "day",
    [
        dt.date(2026, 1, 19),  # Martin Luther King Jr. Day
        dt.date(2026, 7, 3),  # Independence Day, observed: the 4th is a Saturday
        dt.date(2026, 11, 26),  # Thanksgiving Day
        dt.date(2027, 12, 31),  # the next New Year's Day, observed
    ],
)
def test_a_federal_holiday_nobody_decided_is_closed(day: dt.date) -> None:
    assert federal_holiday(day)
    assert Calendar(CENTRAL, EVERY_DAY).stretches(day) == []
    assert Calendar(CENTRAL).stretches(day) == []


def test_a_federal_holiday_decided_follows_the_decision() -> None:
    day = dt.date(2026, 11, 26)
    usual = Special(day, day, "usual")
    morning = hours(day, NINE, NOON)
    assert Calendar(CENTRAL, WEEKDAYS, special=(usual,)).spans(day) == ((NINE, FIVE),)
    assert Calendar(CENTRAL, WEEKDAYS, special=(morning,)).spans(day) == ((NINE, NOON),)
    assert Calendar(CENTRAL, WEEKDAYS, special=(closed(day),)).spans(day) == ()


def test_special_hours_on_one_day_make_a_split_day_and_overlaps_count_once() -> None:
    day = dt.date(2026, 3, 7)
    split = (hours(day, ONE, FIVE), hours(day, NINE, NOON), hours(day, dt.time(10), NOON))
    assert Calendar(CENTRAL, WEEKDAYS, special=split).spans(day) == ((NINE, NOON), (ONE, FIVE))


def test_closed_wins_where_special_days_overlap() -> None:
    week_off = closed(dt.date(2026, 3, 2), dt.date(2026, 3, 6))
    morning = hours(dt.date(2026, 3, 3), NINE, NOON)
    calendar = Calendar(CENTRAL, WEEKDAYS, special=(morning, week_off))
    assert calendar.next_opening(at(CENTRAL, 2026, 3, 1)) == at(CENTRAL, 2026, 3, 9, 9)


def test_a_day_by_appointment_is_closed() -> None:
    calendar = Calendar(CENTRAL, (((NINE, FIVE),),) * 4 + ((),) * 3, frozenset({4}))
    assert not calendar.is_open(at(CENTRAL, 2026, 3, 6, 10))
    assert calendar.next_opening(at(CENTRAL, 2026, 3, 5, 18)) == at(CENTRAL, 2026, 3, 9, 9)


def test_a_day_by_appointment_is_closed_while_the_other_hours_are_unknown() -> None:
    calendar = Calendar(CENTRAL, by_appointment=frozenset({0}))
    assert calendar.spans(dt.date(2026, 3, 2)) == ()
    assert calendar.spans(dt.date(2026, 3, 3)) == ((NINE, FIVE),)


def test_a_clinic_only_by_appointment_still_has_a_clock_and_shows_no_hours() -> None:
    calendar = Calendar(CENTRAL, by_appointment=frozenset(range(5)))
    answer = calendar.add_working_time(at(CENTRAL, 2026, 3, 6, 16), 2 * HOUR)
    assert answer == at(CENTRAL, 2026, 3, 9, 10)
    assert calendar.opening_line(at(CENTRAL, 2026, 3, 6, 16)) == ""


# --- In words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (at(CENTRAL, 2026, 3, 3, 7), "opens at 9 a.m."),
        (at(CENTRAL, 2026, 3, 3, 9), "open until noon"),
        (at(CENTRAL, 2026, 3, 3, 12), "opens at 1 p.m."),
        (at(CENTRAL, 2026, 3, 3, 13), "open until 5 p.m."),
        (at(CENTRAL, 2026, 3, 3, 17), "opens Wednesday at 9 a.m."),
        (at(CENTRAL, 2026, 3, 6, 17), "opens Monday at 9 a.m."),
        (at(CENTRAL, 2026, 9, 4, 17), "opens Tuesday at 9 a.m."),
        (at(CENTRAL, 2026, 12, 18, 17), "opens Monday, January 4, at 9 a.m."),
    ],
)
def test_opening_line_of_known_hours(now: dt.datetime, words: str) -> None:
    winter_break = closed(dt.date(2026, 12, 21), dt.date(2027, 1, 1))
    assert Calendar(CENTRAL, SPLIT_DAYS, special=(winter_break,)).opening_line(now) == words


def test_opening_line_of_unknown_hours_is_empty() -> None:
    assert Calendar(CENTRAL).opening_line(at(CENTRAL, 2026, 3, 3, 10)) == ""


def test_opening_line_of_a_clinic_that_never_opens_is_empty() -> None:
    calendar = Calendar(CENTRAL, WEEKDAYS, special=(closed(dt.date(2020, 1, 1), dt.date.max),))
    assert calendar.opening_line(at(CENTRAL, 2026, 3, 3, 10)) == ""


# --- For any week ---------------------------------------------------------------------------


def quarter(number: int) -> dt.time:
    return dt.time(number // 4, number % 4 * 15)


spans = st.integers(0, 94).flatmap(
    lambda opens: st.integers(opens + 1, 95).map(lambda closes: (quarter(opens), quarter(closes)))
)
days_open = st.lists(spans, max_size=3).map(tuple)
weeks = st.tuples(*[days_open] * 7)
# Around both switches of a year, where most goes wrong.
days_off = st.dates(dt.date(2026, 2, 20), dt.date(2026, 11, 30))
specials = st.one_of(
    st.builds(lambda day: closed(day), days_off),
    st.builds(lambda day: Special(day, day, "usual"), days_off),
    st.builds(lambda day, span: hours(day, *span), days_off, spans),
)
calendars = st.builds(
    Calendar,
    zone=st.sampled_from([CENTRAL, EASTERN]),
    week=weeks,
    by_appointment=st.frozensets(st.integers(0, 6)),
    special=st.lists(specials, max_size=6).map(tuple),
)
near_a_switch = st.one_of(
    st.datetimes(dt.datetime(2026, 3, 4), dt.datetime(2026, 3, 12), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    st.datetimes(dt.datetime(2026, 10, 28), dt.datetime(2026, 11, 5), timezones=st.just(dt.UTC)),  # noqa: DTZ001
)
amounts = st.timedeltas(dt.timedelta(0), 10 * HOUR)
# Other work on the machine may slow a single example; the answer is what counts.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(calendars, near_a_switch, amounts)
def test_working_time_ends_inside_open_time_or_at_its_end(
    calendar: Calendar, start: dt.datetime, amount: dt.timedelta
) -> None:
    end = calendar.add_working_time(start, amount).astimezone(dt.UTC)
    local_day = end.astimezone(calendar.zone).date()
    real = [(a.astimezone(dt.UTC), b.astimezone(dt.UTC)) for a, b in calendar.stretches(local_day)]
    assert any(opens <= end <= closes for opens, closes in real)
    assert end >= start + amount


@unhurried
@given(calendars, near_a_switch, amounts, amounts)
def test_working_time_added_twice_is_the_sum_added_once(
    calendar: Calendar, start: dt.datetime, first: dt.timedelta, second: dt.timedelta
) -> None:
    in_two_steps = calendar.add_working_time(calendar.add_working_time(start, first), second)
    assert in_two_steps == calendar.add_working_time(start, first + second)


@unhurried
@given(calendars, near_a_switch, near_a_switch, amounts)
def test_working_time_from_a_later_start_never_ends_earlier(
    calendar: Calendar, one: dt.datetime, other: dt.datetime, amount: dt.timedelta
) -> None:
    early, late = sorted([one, other])
    ends = [calendar.add_working_time(start, amount).astimezone(dt.UTC) for start in (early, late)]
    assert ends == sorted(ends)


@unhurried
@given(calendars, near_a_switch)
def test_next_opening_is_after_the_moment_and_open(calendar: Calendar, now: dt.datetime) -> None:
    opens = calendar.next_opening(now)
    assert opens is not None
    assert opens.astimezone(dt.UTC) > now
    assert calendar.is_open(opens)


# --- From the rows --------------------------------------------------------------------------


@pytest.mark.django_db
def test_calendar_of_a_clinic_reads_its_rows() -> None:
    clinic = build.location(time_zone="America/New_York")
    build.weekday_hours(clinic, "09:00", "12:00")
    build.weekday_hours(clinic, "13:00", "17:00")
    OpeningHours.objects.create(location=clinic, weekday=5, by_appointment=True)
    day = dt.date(2026, 12, 24)
    SpecialDay.objects.create(
        location=clinic, first_day=day, last_day=day, kind="hours", opens=NINE, closes=NOON
    )
    other = build.location()
    SpecialDay.objects.create(location=other, first_day=day, last_day=day, kind="closed")

    clinic.refresh_from_db()
    assert Calendar.of(clinic) == Calendar(
        EASTERN, SPLIT_DAYS, frozenset({5}), (hours(day, NINE, NOON),)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_calendars_of_many_clinics_take_three_queries(
    count: int, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for _number in range(count):
        build.weekday_hours(build.location())
    with django_assert_num_queries(3):
        calendars = [Calendar.of(clinic) for clinic in Location.objects.with_calendar()]
    assert [calendar.week for calendar in calendars] == [WEEKDAYS] * count


# --- Until when a page is true ----------------------------------------------------------------


@BOTH_ZONES
def test_next_change_is_the_opening_the_closing_or_midnight(zone: ZoneInfo) -> None:
    calendar = Calendar(zone, SPLIT_DAYS)
    changes = [at(zone, 2026, 3, 3, 8)]
    for _step in range(5):
        changes.append(calendar.next_change(changes[-1]))
    assert changes[1:] == [
        at(zone, 2026, 3, 3, 9),
        at(zone, 2026, 3, 3, 12),
        at(zone, 2026, 3, 3, 13),
        at(zone, 2026, 3, 3, 17),
        at(zone, 2026, 3, 4),
    ]


@BOTH_ZONES
@pytest.mark.parametrize(("month", "day"), [(3, 8), (11, 1)])
def test_next_change_on_the_day_of_a_switch_is_midnight(
    zone: ZoneInfo, month: int, day: int
) -> None:
    change = Calendar(zone).next_change(at(zone, 2026, month, day, 1))
    assert change == at(zone, 2026, month, day + 1)


@BOTH_ZONES
def test_next_change_without_known_hours_is_an_assumed_opening_or_midnight(zone: ZoneInfo) -> None:
    assert Calendar(zone).next_change(at(zone, 2026, 3, 3, 18)) == at(zone, 2026, 3, 4)


# --- Closed today ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_clinic_closed_today_is_closed_on_that_day_and_no_other() -> None:
    where = build.location(closed_on=dt.date(2026, 3, 3))
    build.weekday_hours(where)
    calendar = Calendar.of(Location.objects.get())
    assert calendar.spans(dt.date(2026, 3, 3)) == ()
    assert calendar.spans(dt.date(2026, 3, 4)) == ((NINE, FIVE),)


@pytest.mark.parametrize(
    ("kinds", "holds"),
    [
        (("usual", "closed"), "closed"),
        (("usual", "hours"), "hours"),
        (("hours", "closed"), "closed"),
        (("usual",), "usual"),
        ((), "closed"),  # the holiday itself
    ],
)
def test_kind_of_a_day_that_was_decided_twice_is_the_narrowest(
    kinds: tuple[str, ...], holds: str
) -> None:
    labor_day = dt.date(2026, 9, 7)
    special = tuple(Special(labor_day, labor_day, kind, NINE, NOON) for kind in kinds)
    assert Calendar(CENTRAL, WEEKDAYS, special=special).kind(labor_day) == holds
