"""The staff's screen for hours, and what visitors and the response clock see of it at once."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from consults.clock import promise
from locations.models import Location, Membership, SpecialDay
from tests import build
from tests.locations.build import special_day

pytestmark = pytest.mark.django_db

CountQueries = Callable[[int], AbstractContextManager[object]]

HOURS = "/admin/locations/location/hours/"
MONDAY = dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC)  # 10 a.m. Central
THANKSGIVING, CHRISTMAS = dt.date(2026, 11, 26), dt.date(2026, 12, 25)


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with travel(MONDAY, tick=False):
        yield


def clinic(**values: Any) -> Location:
    made = build.location(street="100 Example St", postal_code="36801", **values)
    build.weekday_hours(made)
    return made


def as_lead(client: Client, *clinics: Location) -> None:
    lead = build.member(clinics[0], Membership.Role.LEAD)
    for where in clinics[1:]:
        Membership.objects.create(user=lead, location=where, role=Membership.Role.LEAD)
    client.force_login(lead)


def as_administrator(client: Client) -> None:
    client.force_login(build.user("Site administrator"))


def filled(client: Client, path: str = HOURS, **changes: str) -> dict[str, str]:
    """What the browser would send back of the holidays, with some answers changed."""
    data: dict[str, str] = {}
    for form in client.get(path).context["holidays"]:
        for name in form.fields:
            value = form[name].value()
            data[form.add_prefix(name)] = "" if value is None else str(value)
    return data | changes


def on(day: dt.date, kind: str, opens: str = "", closes: str = "") -> dict[str, str]:
    return {f"{day}-kind": kind, f"{day}-opens": opens, f"{day}-closes": closes}


def run(first: str, kind: str = "closed", **values: str) -> dict[str, str]:
    data = {"first_day": first, "kind": kind} | values
    return {f"run-{name}": value for name, value in data.items()}


def close_url(where: Location) -> str:
    return reverse("admin:locations_location_close_today", args=[where.pk])


def reopen_url(where: Location) -> str:
    return reverse("admin:locations_location_reopen", args=[where.pk])


def page(client: Client, where: Location) -> str:
    return html.unescape(client.get(where.get_absolute_url()).content.decode())


def special_hours(client: Client, where: Location) -> list[tuple[str, str, str]]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page(client, where))
    assert found
    node = json.loads(found[1])["@graph"][1]
    days = node.get("specialOpeningHoursSpecification", [])
    return [(day["validFrom"], day["opens"], day["closes"]) for day in days]


def decided(where: Location) -> list[tuple[dt.date, dt.date, str]]:
    rows = SpecialDay.objects.filter(location=where).order_by("first_day")
    return [(row.first_day, row.last_day, row.kind) for row in rows]


# --- Who may --------------------------------------------------------------------------------


def test_staff_who_lead_no_clinic_get_no_screen(client: Client) -> None:
    where = clinic()
    client.force_login(build.member(where))
    assert client.get(HOURS).status_code == 403
    for path in (HOURS, f"{HOURS}days/", close_url(where), reopen_url(where)):
        assert client.post(path).status_code == 403
    where.refresh_from_db()
    assert where.closed_on is None


def test_visitor_is_sent_to_sign_in(client: Client) -> None:
    assert client.get(HOURS).status_code == 302
    assert client.post(close_url(clinic())).status_code == 302
    assert Location.objects.get().closed_on is None


def test_lead_sees_and_decides_for_their_own_clinics_only(client: Client) -> None:
    own, other = clinic(name="Own"), clinic(name="Foreign town", slug="other")
    special_day(other, CHRISTMAS, label="Foreign label")
    as_lead(client, own)
    shown = client.get(HOURS).content.decode()
    assert "Own" in shown
    assert "Foreign" not in shown
    client.post(HOURS, filled(client, **on(THANKSGIVING, "usual")))
    client.post(f"{HOURS}days/", run("2026-12-24"))
    assert len(decided(own)) == 2
    assert decided(other) == [(CHRISTMAS, CHRISTMAS, "closed")]


def test_lead_who_names_another_clinic_gets_404_and_changes_nothing(client: Client) -> None:
    own, other = clinic(), clinic(slug="other")
    row = special_day(other, CHRISTMAS)
    as_lead(client, own)
    paths = [
        f"{HOURS}?clinic=other", f"{HOURS}days/?clinic=other", close_url(other), reopen_url(other),
        f"{HOURS}days/{row.pk}/remove/",
    ]  # fmt: skip
    for path in paths:
        assert client.post(path, run("2026-12-24")).status_code == 404
    other.refresh_from_db()
    assert other.closed_on is None
    assert decided(other) == [(CHRISTMAS, CHRISTMAS, "closed")]


def test_administrator_decides_for_all_clinics_but_those_closed_for_good(client: Client) -> None:
    open_ones, gone = [clinic(), clinic(), clinic()], clinic(state="closed")
    as_administrator(client)
    client.post(HOURS, filled(client, **on(THANKSGIVING, "usual")))
    for where in open_ones:
        assert decided(where) == [(THANKSGIVING, THANKSGIVING, "usual")]
    assert decided(gone) == []


@pytest.mark.parametrize("path", ["days/", "1/close-today/", "1/reopen/", "days/1/remove/"])
def test_verb_is_not_carried_out_by_a_get(client: Client, path: str) -> None:
    as_lead(client, clinic())
    assert client.get(HOURS + path).status_code == 405


def test_post_without_the_token_is_refused() -> None:
    where = clinic()
    client = Client(enforce_csrf_checks=True)
    as_lead(client, where)
    assert client.post(close_url(where)).status_code == 403
    where.refresh_from_db()
    assert where.closed_on is None


@pytest.mark.parametrize("year", ["2025", "2028", "x", "²"])
def test_year_that_is_not_offered_is_404(client: Client, year: str) -> None:
    as_lead(client, clinic())
    assert client.get(HOURS, {"year": year}).status_code == 404
    assert client.get(HOURS, {"year": "2027"}).status_code == 200


# --- Federal holidays -----------------------------------------------------------------------


def test_screen_lists_the_holidays_to_come_that_change_the_week(client: Client) -> None:
    as_lead(client, clinic())
    forms = client.get(HOURS).context["holidays"]
    assert [(form.day, form.name) for form in forms] == [
        (THANKSGIVING, "Thanksgiving Day"),
        (CHRISTMAS, "Christmas Day"),
    ]
    next_year = client.get(HOURS, {"year": 2027}).context["holidays"]
    assert all(form.day.weekday() < 5 for form in next_year)
    assert len(next_year) == 12


def test_holiday_decided_changes_page_json_ld_and_promise_at_once(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    wednesday_evening = dt.datetime(2026, 11, 25, 23, tzinfo=dt.UTC)  # 5 p.m., closed
    assert f"{promise(where, wednesday_evening, []):%A %H:%M}" == "Friday 17:00"
    assert (str(THANKSGIVING), "00:00", "00:00") in special_hours(client, where)

    answer = client.post(HOURS, filled(client, **on(THANKSGIVING, "hours", "09:00", "16:00")))
    assert answer.status_code == 302
    where = Location.objects.get()
    assert f"{promise(where, wednesday_evening, []):%A %H:%M}" == "Friday 10:00"
    assert (str(THANKSGIVING), "09:00", "16:00") in special_hours(client, where)
    assert re.search("Thursday, November 26</dt><dd>9 a.m. to 4 p.m.<br>", page(client, where))


def test_holiday_left_as_it_was_is_not_written(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    client.post(HOURS, filled(client))
    assert decided(where) == []
    assert not LogEntry.objects.exists()


def test_holiday_decided_for_one_of_several_clinics(client: Client) -> None:
    first, second = clinic(slug="first"), clinic(slug="second")
    as_lead(client, first, second)
    path = f"{HOURS}?clinic=second"
    assert client.post(path, filled(client, path, **on(CHRISTMAS, "usual"))).status_code == 302
    assert decided(first) == []
    assert decided(second) == [(CHRISTMAS, CHRISTMAS, "usual")]


def test_holiday_that_clinics_keep_differently_is_left_unless_somebody_decides(
    client: Client,
) -> None:
    first, second = clinic(name="First"), clinic(name="Second")
    special_day(second, CHRISTMAS, kind="hours", opens=dt.time(9), closes=dt.time(12))
    as_lead(client, first, second)
    shown = client.get(HOURS).content.decode()
    assert "First: Closed; Second: 9 a.m. to noon" in shown
    client.post(HOURS, filled(client, **on(THANKSGIVING, "usual")))
    assert decided(second)[1] == (CHRISTMAS, CHRISTMAS, "hours")
    assert len(decided(first)) == 1
    client.post(HOURS, filled(client, **on(CHRISTMAS, "closed")))
    assert decided(first)[1] == decided(second)[1] == (CHRISTMAS, CHRISTMAS, "closed")


def test_holiday_with_a_break_is_shown_in_words_and_kept(client: Client) -> None:
    where = clinic()
    for opens, closes in ((9, 12), (13, 15)):
        hours = {"opens": dt.time(opens), "closes": dt.time(closes)}
        special_day(where, CHRISTMAS, kind="hours", **hours)
    as_lead(client, where)
    assert "9 a.m. to noon, 1 p.m. to 3 p.m." in client.get(HOURS).content.decode()
    client.post(HOURS, filled(client))
    assert len(decided(where)) == 2


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (on(CHRISTMAS, "hours"), "Give both times, for example 9 a.m. and noon."),
        (on(CHRISTMAS, "hours", "12:00", "09:00"), "must be before the closing time"),
        (on(CHRISTMAS, "hours", "x", "09:00"), "Enter a time, for example 09:00."),
        (on(CHRISTMAS, "closed", "09:00", "12:00"), "Choose “Other hours”"),
        (on(CHRISTMAS, "party"), "Select a valid choice"),
    ],
)
def test_holiday_that_makes_no_sense_is_refused_in_words(
    client: Client, answers: dict[str, str], words: str
) -> None:
    where = clinic()
    as_lead(client, where)
    answer = client.post(HOURS, filled(client, **on(THANKSGIVING, "usual"), **answers))
    assert answer.status_code == 422
    assert words in html.unescape(answer.content.decode())
    assert decided(where) == []


def test_holiday_closed_after_other_hours_needs_no_clearing_of_the_times(client: Client) -> None:
    where = clinic()
    special_day(where, CHRISTMAS, kind="hours", opens=dt.time(9), closes=dt.time(12))
    as_lead(client, where)
    client.post(HOURS, filled(client, **{f"{CHRISTMAS}-kind": "closed"}))
    assert decided(where) == [(CHRISTMAS, CHRISTMAS, "closed")]


# --- Runs of days ---------------------------------------------------------------------------


def test_run_of_days_is_shown_and_can_be_taken_back(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    before = page(client, where)
    data = run("2026-12-01", last_day="2026-12-03", label="Moving house")
    assert client.post(f"{HOURS}days/", data).status_code == 302
    shown = page(client, where)
    assert "December 1 to December 3" in shown
    assert "Moving house" in shown
    row = SpecialDay.objects.get()
    assert client.post(f"{HOURS}days/{row.pk}/remove/").status_code == 302
    assert page(client, where) == before


def test_one_day_needs_no_last_day(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    client.post(f"{HOURS}days/", run("2026-12-01", "hours", opens="09:00", closes="12:00"))
    assert decided(where) == [(dt.date(2026, 12, 1), dt.date(2026, 12, 1), "hours")]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (run(""), "Give the first day, for example 2026-12-24."),
        (run("tomorrow"), "Enter a day, for example 2026-12-24."),
        (run("2026-12-24", last_day="2026-12-01"), "must not be before the first"),
        (run("2026-12-24", last_day="2030-12-01"), "Give a run of a year or less"),
        (run("2026-12-24", "hours"), "Give both times"),
    ],
)
def test_run_of_days_that_makes_no_sense_is_refused_and_kept_in_the_form(
    client: Client, answers: dict[str, str], words: str
) -> None:
    where = clinic()
    as_lead(client, where)
    answer = client.post(f"{HOURS}days/", answers | {"run-label": "What I typed"})
    assert answer.status_code == 422
    shown = html.unescape(answer.content.decode())
    assert words in shown
    assert 'value="What I typed"' in shown
    assert decided(where) == []


# --- Today ----------------------------------------------------------------------------------


def test_close_today_changes_page_json_ld_and_promise_and_ends_at_midnight(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    assert f"{promise(where, MONDAY, []):%A %H:%M}" == "Tuesday 10:00"
    assert "Open until 5 p.m., Central time" in page(client, where)

    client.post(close_url(where))
    where = Location.objects.get()
    assert f"{promise(where, MONDAY, []):%A %H:%M}" == "Tuesday 17:00"
    assert "Opens Tuesday at 9 a.m., Central time" in page(client, where)
    assert ("2026-11-23", "00:00", "00:00") in special_hours(client, where)
    assert "Monday, November 23</dt><dd>Closed" in page(client, where)
    with travel(MONDAY + dt.timedelta(days=1), tick=False):
        assert "Open until 5 p.m., Central time" in page(client, where)
        assert "November 23" not in page(client, where)
        assert not where.is_closed_today


def test_reopen_brings_back_what_held_before(client: Client) -> None:
    where = clinic()
    special_day(where, MONDAY.date(), kind="hours", opens=dt.time(9), closes=dt.time(12))
    as_lead(client, where)
    before = page(client, where)
    client.post(close_url(where))
    closed = page(client, where)
    assert "9 a.m. to noon" not in closed
    assert closed.count("Monday, November 23") == 1
    assert "Reopen" in client.get(HOURS).content.decode()
    client.post(reopen_url(where))
    assert page(client, where) == before


def test_close_today_is_a_day_of_the_clinics_own_zone(client: Client) -> None:
    where = clinic(time_zone="Pacific/Honolulu")
    with travel(dt.datetime(2026, 11, 24, 7, tzinfo=dt.UTC), tick=False):  # Monday, 9 p.m. there
        as_lead(client, where)
        client.post(close_url(where))
    assert Location.objects.get().closed_on == dt.date(2026, 11, 23)


# --- The record, and the size of it ---------------------------------------------------------


def test_every_change_stands_in_the_clinics_history_with_who_made_it(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    client.post(close_url(where))
    client.post(reopen_url(where))
    client.post(HOURS, filled(client, **on(THANKSGIVING, "hours", "09:00", "12:00")))
    client.post(f"{HOURS}days/", run("2026-12-24", last_day="2026-12-31"))
    client.post(f"{HOURS}days/{SpecialDay.objects.latest('pk').pk}/remove/")
    lead = Membership.objects.get().user
    said = LogEntry.objects.filter(user=lead, object_id=where.pk).order_by("pk")
    assert [entry.get_change_message() for entry in said] == [
        "Closed today.",
        "Open again today.",
        "Thursday, November 26, 2026: 9 a.m. to noon.",
        "December 24 to December 31, 2026: Closed.",
        "Taken back: December 24 to December 31, 2026.",
    ]


def test_screen_takes_as_many_queries_for_three_clinics_as_for_one(client: Client) -> None:
    as_administrator(client)
    counts = []
    for added in (1, 2):
        for _number in range(added):
            special_day(clinic(), CHRISTMAS)
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(HOURS)
        counts.append((len(shown.context["today"]), len(queries)))
    assert counts == [(1, counts[0][1]), (3, counts[0][1])]


def test_screen_is_reached_from_the_clinics_and_from_today(client: Client) -> None:
    where = clinic()
    as_lead(client, where)
    for path in ("/admin/", "/admin/locations/location/"):
        assert f'href="{HOURS}"' in client.get(path).content.decode()
    client.force_login(build.member(where))
    assert f'href="{HOURS}"' not in client.get("/admin/").content.decode()


def test_every_field_of_the_screen_has_a_label(client: Client) -> None:
    as_lead(client, clinic())
    shown = client.get(HOURS).content.decode()
    ids = set(re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', shown))
    assert ids
    assert ids == set(re.findall(r'<label for="([^"]+)"', shown))


def test_screen_without_any_clinic_says_what_to_do(client: Client) -> None:
    client.force_login(build.user("Intake lead"))
    assert "You lead no clinic." in client.get(HOURS).content.decode()
