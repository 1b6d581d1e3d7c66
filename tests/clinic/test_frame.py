import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from clinic import frame
from locations.models import Location, SiteNotice
from tests import build

pytestmark = pytest.mark.django_db

QueryCount = Callable[[int], AbstractContextManager[object]]


def notice(text: str, **values: object) -> SiteNotice:
    now = timezone.now()
    defaults = {"starts_at": now - dt.timedelta(hours=1), "ends_at": now + dt.timedelta(hours=1)}
    return SiteNotice.objects.create(text=text, **(defaults | values))


def test_load_site_takes_one_query_whatever_there_is(
    django_assert_num_queries: QueryCount,
) -> None:
    with django_assert_num_queries(1):
        assert frame.load_site().clinics == []
    build.site_text(name="Old name")
    build.site_text(name="New name", tagline="Small")
    clinics = [build.location(position=place) for place in (3, 1, 2)]
    notice("Closed for snow", location=clinics[0])
    notice("Phones are down")
    with django_assert_num_queries(1):
        site = frame.load_site()
    assert (site.name, site.tagline) == ("New name", "Small")
    assert [clinic.position for clinic in site.clinics] == [1, 2, 3]
    assert {(shown.text, shown.clinic_name) for shown in site.notices} == {
        ("Closed for snow", clinics[0].name),
        ("Phones are down", ""),
    }


def test_load_site_leaves_out_closed_clinics_and_notices_not_showing() -> None:
    hour = dt.timedelta(hours=1)
    build.location(state=Location.State.CLOSED)
    notice("Over", starts_at=timezone.now() - 2 * hour, ends_at=timezone.now() - hour)
    notice("Not yet", starts_at=timezone.now() + hour, ends_at=timezone.now() + 2 * hour)
    site = frame.load_site()
    assert (site.clinics, site.notices) == ([], [])


@pytest.mark.parametrize("state", Location.State.values)
@pytest.mark.parametrize("days_left", [None, -1, 0])
def test_clinic_of_the_frame_is_paused_as_its_row_is(state: str, days_left: int | None) -> None:
    today = timezone.localdate()
    until = None if days_left is None else today + dt.timedelta(days=days_left)
    row = build.location(state=state, paused_until=until)
    for clinic in frame.load_site().clinics:
        assert clinic.is_paused == row.is_paused()
        assert clinic.takes_requests == row.takes_requests()


def test_page_around_the_frame_says_that_a_clinic_is_paused_and_offers_the_form(
    client: Client,
) -> None:
    build.location(state="paused", name="Paused")
    build.location(phone="", slug="quiet")
    page = client.get("/about/").content.decode()
    assert page.count("Not taking requests now") == 1
    assert page.count('href="/consult/?clinic=quiet"') == 1


def test_error_page_without_database_has_the_remembered_phones(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.location(name="Remembered", phone="+12055550142")
    frame.remember_phones()

    def away() -> frame.Site:
        raise DatabaseError

    monkeypatch.setattr(frame, "load_site", away)
    page = client.get("/nothing-here/").content.decode()
    assert "(205) 555-0142" in page
    assert "Remembered" in page
    assert "988" in page


def test_first_page_that_shows_a_changed_phone_remembers_it(client: Client) -> None:
    clinic = build.location(phone="+12055550142")
    for phone in ("+12055550142", "+12055550143"):
        Location.objects.filter(pk=clinic.pk).update(phone=phone)  # on another machine
        client.get("/about/")
        assert [known.phone for known in frame.remembered_site().clinics] == [phone]


def test_page_is_shown_though_the_phones_cannot_be_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build.location()
    monkeypatch.setattr(frame, "phones_file", lambda: tmp_path)  # a folder: cannot be replaced
    assert client.get("/about/").status_code == 200


@pytest.mark.parametrize("content", ["", "not json", "[1]", '[{"unknown": 1}]'])
def test_remembered_site_survives_a_broken_file(content: str) -> None:
    frame.phones_file().write_text(content)
    assert frame.remembered_site().clinics == []


def test_remembered_site_survives_a_missing_file(tmp_path: Path) -> None:
    assert frame.remembered_site().clinics == []
