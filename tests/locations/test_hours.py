"""The calendar in the words of a clinic's page."""

import datetime as dt
from zoneinfo import ZoneInfo

from locations.calendar import Calendar, Special
from locations.hours import other_days, usual_week

CENTRAL = ZoneInfo("America/Chicago")
NINE, NOON, ONE, FIVE = dt.time(9), dt.time(12), dt.time(13), dt.time(17)
WEDNESDAY = dt.date(2026, 11, 25)
THANKSGIVING = dt.date(2026, 11, 26)
SPLIT = ((NINE, NOON), (ONE, FIVE))
WEEK = (SPLIT,) * 4 + ((),) * 3


def test_usual_week_says_each_day_and_marks_today() -> None:
    calendar = Calendar(CENTRAL, WEEK, by_appointment=frozenset({3, 4}))
    days = usual_week(calendar, WEDNESDAY)
    split = ("9 a.m. to noon", "1 p.m. to 5 p.m.")
    assert [(day.day, day.lines) for day in days] == [
        ("Monday", split),
        ("Tuesday", split),
        ("Wednesday", split),
        ("Thursday", (*split, "By appointment")),
        ("Friday", ("By appointment",)),
        ("Saturday", ("Closed",)),
        ("Sunday", ("Closed",)),
    ]
    assert [day.day for day in days if day.is_today] == ["Wednesday"]


def test_usual_week_of_unknown_hours_is_empty() -> None:
    assert usual_week(Calendar(CENTRAL), WEDNESDAY) == []


def test_usual_week_known_by_appointment_only_says_nothing_of_the_other_days() -> None:
    days = usual_week(Calendar(CENTRAL, by_appointment=frozenset({4})), WEDNESDAY)
    assert [(day.day, day.lines) for day in days] == [("Friday", ("By appointment",))]


def test_other_days_name_an_undecided_holiday_as_closed() -> None:
    (day,) = other_days(Calendar(CENTRAL, WEEK), WEDNESDAY - dt.timedelta(days=20))[:1]
    assert (day.days, day.label, day.words) == (
        "Wednesday, November 11",
        "Veterans Day",
        "Closed",
    )


def test_other_days_leave_out_a_holiday_on_a_day_that_is_closed_anyway() -> None:
    calendar = Calendar(CENTRAL, ((),) * 4 + (SPLIT,) + ((),) * 2)  # Fridays
    thursday_off = [day.label for day in other_days(calendar, WEDNESDAY)]
    assert "Thanksgiving Day" not in thursday_off


def test_other_days_of_unknown_hours_name_no_holiday_but_what_staff_decided() -> None:
    closed = Special(WEDNESDAY, THANKSGIVING, "closed", label="Moving house")
    days = other_days(Calendar(CENTRAL, special=(closed,)), WEDNESDAY)
    assert [(day.days, day.label, day.words) for day in days] == [
        ("November 25 to November 26", "Moving house", "Closed")
    ]


def test_other_days_join_a_split_day_and_name_the_holiday_that_was_decided() -> None:
    special = tuple(Special(THANKSGIVING, THANKSGIVING, "hours", *span) for span in reversed(SPLIT))
    (day, *_later) = other_days(Calendar(CENTRAL, WEEK, special=special), WEDNESDAY)
    assert (day.label, day.words) == ("Thanksgiving Day", "9 a.m. to noon, 1 p.m. to 5 p.m.")


def test_other_days_leave_out_what_is_over_and_what_is_far_away() -> None:
    over = WEDNESDAY - dt.timedelta(days=1)
    far = WEDNESDAY + dt.timedelta(days=61)
    special = (Special(over, over, "closed"), Special(far, far, "closed", label="Far"))
    labels = [day.label for day in other_days(Calendar(CENTRAL, special=special), WEDNESDAY)]
    assert labels == []


def test_other_days_say_when_a_holiday_is_open_as_usual() -> None:
    usual = Special(THANKSGIVING, THANKSGIVING, "usual")
    days = other_days(Calendar(CENTRAL, WEEK, special=(usual,)), WEDNESDAY)
    assert [day.words for day in days if day.first_day == THANKSGIVING] == ["Open as usual"]
    assert days[0].label == "Thanksgiving Day"


def test_other_days_say_once_what_holds_on_a_day_that_was_decided_twice() -> None:
    usual = Special(THANKSGIVING, THANKSGIVING, "usual", label="Thanksgiving Day")
    closed = Special(THANKSGIVING, THANKSGIVING, "closed")
    days = other_days(Calendar(CENTRAL, WEEK, special=(usual, closed)), WEDNESDAY)
    found = [(day.days, day.words) for day in days if day.first_day == THANKSGIVING]
    assert found == [("Thursday, November 26", "Closed")]
