"""A notice stands on every page while it holds, names its clinic, and ends by itself."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from locations.models import Location, SiteNotice
from tests import build

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
PAGES = ["/", "/locations/", "/locations/here/", "/services/", "/articles/", "/consult/", "/gone/"]


def notice(text: str, **values: Any) -> SiteNotice:
    return SiteNotice.objects.create(
        text=text, **({"starts_at": NOON, "ends_at": NOON + HOUR} | values)
    )


def notices_on(client: Client, path: str, now: dt.datetime) -> list[str]:
    with travel(now, tick=False):
        page = client.get(path).content.decode()
    found = re.search(r'<section class="notices".*?</section>', page, re.S)
    return [
        html.unescape(re.sub(r"<[^>]+>", "", line))
        for line in re.findall(r"<p>(.*?)</p>", found[0] if found else "", re.S)
    ]


@pytest.fixture
def here() -> Location:
    return build.location(slug="here", name="Here")


@pytest.mark.parametrize("path", PAGES)
def test_notice_stands_on_every_page_from_its_start_to_its_end(
    client: Client, here: Location, path: str
) -> None:
    notice("Our phones are down.")
    assert notices_on(client, path, NOON - MINUTE) == []
    assert notices_on(client, path, NOON) == ["Our phones are down."]
    assert notices_on(client, path, NOON + HOUR - MINUTE) == ["Our phones are down."]
    assert notices_on(client, path, NOON + HOUR) == []


def test_notice_of_one_clinic_names_it_and_one_of_all_names_none(
    client: Client, here: Location
) -> None:
    notice("Closed for snow.", location=here)
    notice("Our phones are down.")
    assert sorted(notices_on(client, "/", NOON)) == [
        "Here: Closed for snow.",
        "Our phones are down.",
    ]


def test_notice_of_a_clinic_closed_for_good_is_gone_with_it(client: Client, here: Location) -> None:
    notice("Closed for snow.", location=here)
    Location.objects.update(state="closed")
    assert notices_on(client, "/", NOON) == []


def test_administrator_adds_a_notice_that_visitors_then_read(
    client: Client, here: Location
) -> None:
    with travel(NOON, tick=False):
        client.force_login(build.user("Site administrator"))
        answer = client.post(
            "/admin/locations/sitenotice/add/",
            {
                "text": "Closed for snow.", "location": here.pk,
                "starts_at_0": "2026-03-03", "starts_at_1": "12:00",
                "ends_at_0": "2026-03-03", "ends_at_1": "13:00",
            },
        )  # fmt: skip
    assert answer.status_code == 302
    assert notices_on(client, "/", NOON) == ["Here: Closed for snow."]
    assert notices_on(client, "/", NOON + HOUR) == []


def test_notice_that_ends_before_it_starts_is_refused_in_words(client: Client) -> None:
    client.force_login(build.user("Site administrator"))
    answer = client.post(
        "/admin/locations/sitenotice/add/",
        {
            "text": "Closed for snow.", "starts_at_0": "2026-03-03", "starts_at_1": "12:00",
            "ends_at_0": "2026-03-03", "ends_at_1": "11:00",
        },
    )  # fmt: skip
    assert answer.status_code == 200
    assert "The end must be after the start." in answer.content.decode()
    assert not SiteNotice.objects.exists()


def test_notice_with_markup_is_harmless(client: Client) -> None:
    notice("<script>alert(1)</script>")
    with travel(NOON, tick=False):
        assert "<script>alert" not in client.get("/").content.decode()
    assert notices_on(client, "/", NOON) == ["<script>alert(1)</script>"]
