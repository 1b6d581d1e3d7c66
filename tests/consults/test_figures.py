"""Reports: the numbers, the pictures, and what an editor may know."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import User
from consults import figures
from consults.charts import Series, bar_chart
from consults.models import State
from locations.models import Location, Membership, SpecialDay
from tests import build
from tests.articles import build as articles
from tests.consults.build import consult, consult_in

REPORTS = reverse("admin:consults_consultrequest_reports")
SOURCES = reverse("admin:consults_consultrequest_sources")
MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # 10:00 in Alabama
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY_10, tick=False):
        yield


@pytest.fixture
def ours(db: None) -> Location:
    return build.location(name="Ours")


@pytest.fixture
def theirs(db: None) -> Location:
    return build.location(name="Theirs")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_requests_are_counted_by_week_and_clinic(ours: Location, theirs: Location) -> None:
    for days in (0, 1, 7, 300):
        consult(ours, received_at=MONDAY_10 - days * DAY)
    consult(theirs, received_at=MONDAY_10)

    weeks = figures.by_week([ours, theirs])

    assert weeks.days[-2:] == [dt.date(2026, 11, 30), dt.date(2026, 12, 7)]
    assert weeks.counts[ours.pk][-2:] == [2, 1]
    assert sum(weeks.counts[ours.pk]) == 3
    assert weeks.counts[theirs.pk][-2:] == [0, 1]


@pytest.mark.parametrize(
    ("histogram", "median", "ninetieth"),
    [
        ([], None, None),
        ([(7, 1)], 7, 7),
        ([(1, 5), (2, 4), (60, 1)], 1, 2),
        ([(3, 1), (1, 1)], 1, 3),
    ],
)
def test_percentiles_come_from_the_histogram(
    histogram: list[tuple[int, int]], median: int | None, ninetieth: int | None
) -> None:
    assert figures.percentile(histogram, 50) == median
    assert figures.percentile(histogram, 90) == ninetieth


def test_time_to_first_contact_is_by_clinic(ours: Location, theirs: Location) -> None:
    for minutes in (30, 60, None):
        consult(ours, response_minutes=minutes, received_at=MONDAY_10 - DAY)

    [here, there] = figures.to_first_contact([ours, theirs])

    assert (here.count, here.median, here.ninetieth) == (2, 30, 60)
    assert (there.count, there.median, there.ninetieth) == (0, None, None)


def test_outcomes_are_of_what_was_closed_in_these_weeks(ours: Location) -> None:
    consult_in(State.CLOSED, ours)
    consult_in(State.CLOSED, ours, outcome="attended", visit_at=MONDAY_10)
    consult_in(State.CLOSED, ours, closed_at=MONDAY_10 - 300 * DAY)
    consult(ours)

    counts = {name: found[ours.pk] for name, found in figures.outcomes([ours]).items()}

    assert counts == {
        "attended": 1,
        "no_show": 0,
        "not_a_fit": 1,
        "could_not_reach": 0,
        "withdrawn": 0,
        "duplicate": 0,
    }


def test_quarter_knows_its_first_moment_and_the_one_before() -> None:
    first = figures.Quarter(2026, 1)

    assert str(first.before) == "2025 Q4"
    assert [f"{moment:%Y-%m-%d}" for moment in first.before.moments] == ["2025-10-01", "2026-01-01"]
    assert figures.Quarter.of(dt.date(2026, 12, 31)) == figures.Quarter(2026, 4)


def test_chart_has_a_title_no_inline_style_and_escapes_names() -> None:
    chart = bar_chart("key", "A & B", ["<i>"], [Series("x", [3]), Series("y", [1])])

    assert '<title id="key-title">A &amp; B</title>' in chart
    assert "&lt;i&gt;" in chart
    assert "style=" not in chart
    assert chart.count('class="bar') == 2
    assert bar_chart("key", "Empty", [], []).count("<rect") == 0


def test_reports_show_the_leads_clinics_only(ours: Location, theirs: Location) -> None:
    source = articles.published(slug="a-story", title="A story")
    consult(ours, source=source)
    for _row in range(3):
        consult(theirs, source=articles.published(slug=f"other-{_row}", title="Other"))

    response = signed_in(build.member(ours, Membership.Role.LEAD)).get(REPORTS)

    shown = response.content.decode()
    assert response.status_code == 200
    assert shown.count('<svg class="chart"') == 3
    assert ("Ours" in shown, "Theirs" in shown) == (True, False)
    assert ("A story" in shown, "Other" in shown) == (True, False)
    assert not re.search(r'\sstyle="', shown)


def test_reports_are_for_leads(ours: Location) -> None:
    for person in (build.member(ours), build.user("Editor"), build.user(is_superuser=True)):
        assert signed_in(person).get(REPORTS).status_code == 403


def test_editor_sees_small_numbers_hidden_and_no_total(ours: Location) -> None:
    few = articles.published(slug="few", title="Few")
    many = articles.published(slug="many", title="Many")
    for _row in range(4):
        consult(ours, source=few)
    for _row in range(5):
        consult(ours, source=many)

    response = signed_in(build.user("Editor")).get(SOURCES)

    [(quarter, rows), *_older] = response.context["sources"]
    assert quarter == "2026 Q4"
    assert [tuple(row.values()) for row in rows] == [
        ("Few", "few", "<5", 0, 0),
        ("Many", "many", 5, 0, 0),
    ]
    assert "9" not in re.findall(r"<td>([^<]*)</td>", response.content.decode())
    assert signed_in(build.member(ours)).get(SOURCES).status_code == 403


def test_home_lists_promises_that_the_hours_no_longer_allow(
    ours: Location, theirs: Location
) -> None:
    build.weekday_hours(ours)
    kept = consult(ours, received_at=MONDAY_10, promised_by=MONDAY_10 + DAY)
    foreign = consult(theirs, received_at=MONDAY_10, promised_by=MONDAY_10 + dt.timedelta(hours=1))
    client = signed_in(build.member(ours))
    assert client.get(reverse("admin:index")).context["today"].promises == []

    day = dt.date(2026, 12, 8)
    SpecialDay.objects.create(location=ours, first_day=day, last_day=day, kind="closed")

    response = client.get(reverse("admin:index"))
    assert response.context["today"].promises == [kept]
    assert foreign.reference not in response.content.decode()


def test_home_leads_editors_to_what_their_articles_brought(ours: Location) -> None:
    home = reverse("admin:index")

    assert SOURCES in signed_in(build.user("Editor")).get(home).content.decode()
    assert SOURCES not in signed_in(build.member(ours)).get(home).content.decode()


def test_home_lists_holidays_of_the_next_30_days_that_nobody_decided(
    ours: Location, theirs: Location
) -> None:
    build.weekday_hours(ours)
    staff = build.member(ours)
    build.member(theirs)

    def holidays() -> list[tuple[dt.date, list[Location]]]:
        today = signed_in(staff).get(reverse("admin:index")).context["today"]
        return [(each.day, each.clinics) for each in today.holidays]

    christmas, new_year = dt.date(2026, 12, 25), dt.date(2027, 1, 1)
    assert holidays() == [(christmas, [ours]), (new_year, [ours])]

    SpecialDay.objects.create(location=ours, first_day=christmas, last_day=christmas, kind="closed")
    assert holidays() == [(new_year, [ours])]
    with time_machine.travel(MONDAY_10 - 6 * DAY, tick=False):
        assert holidays() == []  # 31 days away
