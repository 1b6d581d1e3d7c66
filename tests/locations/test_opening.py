"""One decision about a run of days takes the place of what was said before."""

import datetime as dt

import pytest

from locations.models import Location, SpecialDay
from locations.opening import Decision
from tests import build
from tests.locations.build import special_day

pytestmark = pytest.mark.django_db

DEC_20, DEC_24, DEC_25, DEC_31 = (dt.date(2026, 12, day) for day in (20, 24, 25, 31))
Row = tuple[dt.date, dt.date, str]


def rows(where: Location) -> list[Row]:
    days = SpecialDay.objects.filter(location=where).order_by("first_day")
    return [(row.first_day, row.last_day, row.kind) for row in days]


@pytest.fixture
def here() -> Location:
    return build.location()


def test_decide_keeps_the_other_days_of_a_longer_run(here: Location) -> None:
    special_day(here, DEC_20, last_day=DEC_31, label="Moving", is_sample=True)
    SpecialDay.objects.decide([here], Decision(DEC_24, DEC_25, "usual"))
    assert rows(here) == [
        (DEC_20, dt.date(2026, 12, 23), "closed"),
        (DEC_24, DEC_25, "usual"),
        (dt.date(2026, 12, 26), DEC_31, "closed"),
    ]
    kept = SpecialDay.objects.filter(kind="closed").values_list("label", "is_sample")
    assert list(kept) == [("Moving", True)] * 2
    assert not SpecialDay.objects.get(kind="usual").is_sample


def test_decide_takes_the_place_of_the_same_day_and_of_a_split_one(here: Location) -> None:
    for opens, closes in (("09:00", "12:00"), ("13:00", "15:00")):
        special_day(here, DEC_24, kind="hours", opens=opens, closes=closes)
    SpecialDay.objects.decide([here], Decision(DEC_24, DEC_24, "closed"))
    assert rows(here) == [(DEC_24, DEC_24, "closed")]


def test_decide_cuts_runs_that_overlap_at_one_end(here: Location) -> None:
    special_day(here, DEC_20, last_day=DEC_24)
    special_day(here, DEC_25, last_day=DEC_31)
    SpecialDay.objects.decide([here], Decision(DEC_24, DEC_25, "usual"))
    assert [row[:2] for row in rows(here)] == [
        (DEC_20, dt.date(2026, 12, 23)),
        (DEC_24, DEC_25),
        (dt.date(2026, 12, 26), DEC_31),
    ]


def test_decide_for_some_clinics_leaves_the_others(here: Location) -> None:
    second, other = build.location(), build.location()
    for where in (here, second, other):
        special_day(where, DEC_24)
    noon = Decision(DEC_24, DEC_24, "hours", dt.time(9), dt.time(12), "Christmas Eve")
    SpecialDay.objects.decide([here, second], noon)
    assert [row.kind for row in SpecialDay.objects.order_by("location__position")] == [
        "hours",
        "hours",
        "closed",
    ]
    first = SpecialDay.objects.get(location=here)
    assert (first.opens, first.closes, first.label) == (dt.time(9), dt.time(12), "Christmas Eve")
