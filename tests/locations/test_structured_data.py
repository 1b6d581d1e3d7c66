"""What search engines read of a clinic is what its page shows."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from locations.models import Location, OpeningHours
from tests import build
from tests.locations.build import special_day
from tests.locations.test_views import json_ld_of

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC)
THANKSGIVING, CHRISTMAS = dt.date(2026, 11, 26), dt.date(2026, 12, 25)


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with travel(MONDAY, tick=False):
        yield


def clinic(**values: Any) -> Location:
    return build.location(
        slug="here", **({"street": "100 Example St", "postal_code": "36801"} | values)
    )


def node_of(client: Client) -> dict[str, Any] | None:
    nodes = json_ld_of(client, "/locations/here/")
    return next((node for node in nodes if node["@type"] == "MedicalClinic"), None)


def in_words(opens: str, closes: str) -> str:
    """The times of a node as the page words them."""
    if opens == closes == "00:00":
        return "Closed"
    spoken = []
    for text in (opens, closes):
        time = dt.time.fromisoformat(text)
        hour = f"{time.hour % 12 or 12}" + (f":{time:%M}" if time.minute else "")
        spoken.append("noon" if text == "12:00" else f"{hour} {'a' if time.hour < 12 else 'p'}.m.")
    return f"{spoken[0]} to {spoken[1]}"


def shown_week(client: Client) -> list[tuple[str, list[str]]]:
    page = html.unescape(client.get("/locations/here/").content.decode())
    table = re.search(r'<table class="hours">.*?</table>', page, re.S)
    assert table
    rows = re.findall(r'<th scope="row">(\w+).*?</th><td>(.*?)</td>', table[0])
    return [(day, lines.split("<br>")) for day, lines in rows if lines != "Closed"]


def shown_days(client: Client) -> list[tuple[str, str]]:
    page = html.unescape(client.get("/locations/here/").content.decode())
    return re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)", page)


def test_week_in_json_ld_is_the_week_on_the_page(client: Client) -> None:
    where = clinic()
    for weekday, opens, closes in [
        (0, "09:00", "12:00"),
        (0, "13:00", "17:30"),
        (4, "08:30", "12:00"),
    ]:
        OpeningHours.objects.create(location=where, weekday=weekday, opens=opens, closes=closes)
    node = node_of(client)
    assert node
    spoken: dict[str, list[str]] = {}
    for row in node["openingHoursSpecification"]:
        day = row["dayOfWeek"].removeprefix("https://schema.org/")
        spoken.setdefault(day, []).append(in_words(row["opens"], row["closes"]))
    assert list(spoken.items()) == shown_week(client)
    assert spoken["Monday"] == ["9 a.m. to noon", "1 p.m. to 5:30 p.m."]


def test_special_days_in_json_ld_are_those_on_the_page(client: Client) -> None:
    where = clinic()
    build.weekday_hours(where)
    noon = {"opens": dt.time(9), "closes": dt.time(12)}
    special_day(where, dt.date(2026, 12, 24), kind="hours", **noon)
    special_day(where, dt.date(2026, 12, 28), last_day=dt.date(2027, 1, 1), label="Moving")
    special_day(where, dt.date(2026, 11, 20), label="Over")
    special_day(where, dt.date(2027, 6, 1), label="Far away")
    node = node_of(client)
    assert node
    spoken = [
        (day["validFrom"], day["validThrough"], in_words(day["opens"], day["closes"]))
        for day in node["specialOpeningHoursSpecification"]
    ]
    assert spoken == [
        ("2026-11-26", "2026-11-26", "Closed"),
        ("2026-12-24", "2026-12-24", "9 a.m. to noon"),
        ("2026-12-25", "2026-12-25", "Closed"),
        ("2026-12-28", "2027-01-01", "Closed"),
        ("2027-01-18", "2027-01-18", "Closed"),
    ]
    assert [words for _day, words in shown_days(client)] == [words for _, _, words in spoken]
    assert [day for day, _words in shown_days(client)][2:4] == [
        "Friday, December 25",
        "December 28 to January 1",
    ]


def test_holiday_open_as_usual_is_left_to_the_week(client: Client) -> None:
    where = clinic()
    build.weekday_hours(where)
    for day in (THANKSGIVING, CHRISTMAS):
        special_day(where, day, kind="usual")
    node = node_of(client)
    assert node
    days = [day["validFrom"] for day in node["specialOpeningHoursSpecification"]]
    assert days == ["2027-01-01", "2027-01-18"]
    assert shown_days(client)[0] == ("Thursday, November 26", "Open as usual")


def test_unknown_hours_and_days_are_left_out(client: Client) -> None:
    clinic(phone="")
    node = node_of(client)
    assert node
    assert not {
        "openingHoursSpecification", "specialOpeningHoursSpecification", "geo", "telephone",
    } & set(node)  # fmt: skip


def test_geo_is_there_when_both_coordinates_are_known(client: Client) -> None:
    clinic(latitude="32.60000", longitude="-85.40000")
    node = node_of(client)
    assert node
    assert node["geo"] == {"@type": "GeoCoordinates", "latitude": 32.6, "longitude": -85.4}


@pytest.mark.parametrize("missing", [{"street": ""}, {"postal_code": ""}, {"state": "coming"}])
def test_clinic_that_is_not_whole_or_not_open_yet_is_left_out(
    client: Client, missing: dict[str, str]
) -> None:
    build.weekday_hours(clinic(**missing))
    assert node_of(client) is None


def test_clinic_keeps_its_name_when_its_facts_change(client: Client) -> None:
    where = clinic()
    before = node_of(client)
    Location.objects.filter(pk=where.pk).update(name="New name", phone="", street="200 Example St")
    after = node_of(client)
    assert before
    assert after
    assert before["@id"] == after["@id"]
    assert before["@id"].endswith("/locations/here/#clinic")
