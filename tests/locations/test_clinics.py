"""Each state of a clinic, wherever visitors meet it; and a clinic that is added."""

import datetime as dt
import html
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from clinic import frame
from clinic.models import US_TIME_ZONES
from consults import rounds
from consults.models import Outbox
from locations.models import Location, Membership
from tests import build
from tests.consults.build import consult

pytestmark = pytest.mark.django_db

TUESDAY = dt.datetime(2026, 3, 3, 16, tzinfo=dt.UTC)  # 10 a.m. Central
WEDNESDAY = dt.date(2026, 3, 4)


@pytest.fixture(autouse=True)
def _on_tuesday() -> Any:
    with travel(TUESDAY, tick=False):
        yield


def clinic(**values: Any) -> Location:
    defaults = {
        "slug": "here", "name": "Here", "street": "100 Example St", "city": "Here",
        "postal_code": "36801", "phone": "+12055550123",
    }  # fmt: skip
    made = build.location(**(defaults | values))
    build.weekday_hours(made)
    return made


def text_of(client: Client, path: str) -> str:
    return html.unescape(client.get(path).content.decode())


def part(page: str, start: str, end: str) -> str:
    found = re.search(f"{start}.*?{end}", page, re.S)
    return found[0] if found else ""


@dataclass(frozen=True)
class Seen:
    """What a visitor finds of the clinic “here”."""

    on_list: str  # the line that says how it stands; "absent" where it is not listed
    on_home: bool
    page: int
    callout: str
    on_form: bool
    in_footer: bool
    in_json_ld: bool
    in_sitemap: bool
    in_phones: bool
    bar: tuple[str, ...]


def seen(client: Client) -> Seen:
    listing, form = text_of(client, "/locations/"), text_of(client, "/consult/")
    detail = client.get("/locations/here/")
    page = html.unescape(detail.content.decode())
    frame.remember_phones()
    return Seen(
        on_list=line_of(listing),
        on_home='<a href="/locations/here/">' in part(text_of(client, "/"), "<main", "</main>"),
        page=detail.status_code,
        callout=callout_of(page),
        on_form='value="here"' in form,
        in_footer='href="/locations/here/"' in part(form, "<footer", "</footer>"),
        in_json_ld="#clinic" in part(page, "application/ld", "</script>"),
        in_sitemap="/locations/here/</loc>" in client.get("/sitemap.xml").content.decode(),
        in_phones="here" in [row["slug"] for row in json.loads(frame.phones_file().read_text())],
        bar=tuple(re.findall('href="(.*?)"', part(page, '<nav class="phone-bar"', "</nav>")))
        if detail.status_code == 200
        else (),
    )


def line_of(listing: str) -> str:
    card = part(listing, r'<h2><a href="/locations/here/">', "</article>")
    if not card:
        return "absent"
    found = re.search(r'<(?:span class="tag|p class="opening)[^>]*>(.*?)<', card)
    return found[1] if found else ""


def callout_of(page: str) -> str:
    callout = re.sub("<[^>]+>", " ", part(page, '<aside class="callout"', "</aside>"))
    return " ".join(callout.split())


# --- Each state -----------------------------------------------------------------------------


def test_open_clinic_is_everywhere(client: Client) -> None:
    clinic()
    assert seen(client) == Seen(
        on_list="Open until 5 p.m.",
        on_home=True,
        page=200,
        callout="",
        on_form=True,
        in_footer=True,
        in_json_ld=True,
        in_sitemap=True,
        in_phones=True,
        bar=("tel:+12055550123", "/consult/?clinic=here"),
    )


PAUSED = Seen(
    on_list="Not taking requests now",
    on_home=True,
    page=200,
    callout="Not taking new requests for now We are moving. The last day of the pause is "
    "Wednesday, March 4. See our other clinics",
    on_form=False,
    in_footer=True,
    in_json_ld=True,
    in_sitemap=True,
    in_phones=True,
    bar=("tel:+12055550123", "/consult/"),
)


def test_paused_clinic_says_until_when_and_is_not_on_the_form(client: Client) -> None:
    clinic(state="paused", paused_until=WEDNESDAY, pause_message="We are moving.")
    build.location(name="Other", slug="other")
    assert seen(client) == PAUSED
    form = text_of(client, "/consult/")
    assert "Not taking requests for now: Here. We are moving." in form
    assert 'value="other"' in form


@pytest.mark.parametrize(
    ("zone", "last_minute"),
    [
        ("America/Chicago", dt.datetime(2026, 3, 5, 5, 59, tzinfo=dt.UTC)),
        ("America/New_York", dt.datetime(2026, 3, 5, 4, 59, tzinfo=dt.UTC)),
    ],
)
def test_pause_ends_by_itself_at_midnight_in_the_clinics_zone(
    client: Client, zone: str, last_minute: dt.datetime
) -> None:
    clinic(state="paused", paused_until=WEDNESDAY, pause_message="We are moving.", time_zone=zone)
    with travel(last_minute, tick=False):
        before = seen(client)
    assert before == PAUSED
    with travel(last_minute + dt.timedelta(minutes=1), tick=False):
        after = seen(client)
    assert (after.on_list, after.callout, after.on_form) == ("Opens at 9 a.m.", "", True)
    assert after.bar == ("tel:+12055550123", "/consult/?clinic=here")


@pytest.mark.parametrize("zone", [name for name, _label in US_TIME_ZONES])
def test_clinics_taking_requests_are_those_that_say_so_at_every_hour(zone: str) -> None:
    """One rule, asked of many rows or of one: on both sides of midnight here and there."""
    where = clinic(state="paused", paused_until=WEDNESDAY, time_zone=zone)
    clinic(slug="b", state="paused", time_zone=zone)
    clinic(slug="c", state="coming", time_zone=zone)
    clinic(slug="d", state="open", time_zone=zone)
    midnight = dt.datetime(2026, 3, 5, tzinfo=where.zone)
    found = []
    for seconds in (-1, 0):
        with travel(midnight + dt.timedelta(seconds=seconds), tick=False):
            rows = set(Location.objects.taking_requests())
            assert rows == {row for row in Location.objects.all() if row.takes_requests()}
            found.append({row.slug for row in rows})
    assert found == [{"d"}, {"d", "here"}]


def test_pause_without_a_last_day_lasts_until_staff_end_it(client: Client) -> None:
    where = clinic(state="paused")
    with travel(TUESDAY + dt.timedelta(days=400), tick=False):
        assert not seen(client).on_form
        Location.objects.filter(pk=where.pk).update(state="open")
        assert seen(client).on_form


def test_request_for_a_clinic_that_paused_meanwhile_is_not_lost(client: Client) -> None:
    clinic(state="paused")
    build.location(name="Other", slug="other")
    page = client.post("/consult/", {"clinic": "here", "name": "Sam"})
    assert page.status_code == 422
    assert 'value="Sam"' in page.content.decode()


def test_coming_clinic_is_announced_and_takes_no_request(client: Client) -> None:
    clinic(state="coming")
    assert seen(client) == Seen(
        on_list="Coming",
        on_home=True,
        page=200,
        callout="Coming soon This clinic is not open yet. See our other clinics",
        on_form=False,
        in_footer=True,
        in_json_ld=False,
        in_sitemap=True,
        in_phones=True,
        bar=("tel:+12055550123", "/consult/"),
    )
    page = text_of(client, "/locations/here/")
    assert "Hours, once we are open" in page
    assert "Open until" not in page


def test_clinic_closed_for_good_is_nowhere(client: Client) -> None:
    clinic(state="closed")
    assert seen(client) == Seen(
        on_list="absent",
        on_home=False,
        page=404,
        callout="",
        on_form=False,
        in_footer=False,
        in_json_ld=False,
        in_sitemap=False,
        in_phones=False,
        bar=(),
    )
    assert client.get("/locations/here/").content.count(b"/locations/here/") == 0


# --- The phone bar --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/services/", "/articles/", "/about/"])
def test_phone_bar_elsewhere_leads_to_the_choice_of_a_clinic(client: Client, path: str) -> None:
    clinic()
    bar = part(text_of(client, path), '<nav class="phone-bar"', "</nav>")
    assert "tel:" not in bar
    assert "choose your clinic" in bar.lower()
    assert "/consult/" in bar


def test_choice_of_a_clinic_says_when_a_closed_one_opens(client: Client) -> None:
    clinic()
    with travel(TUESDAY + dt.timedelta(hours=10), tick=False):
        assert seen(client).on_list == "Opens Wednesday at 9 a.m."


def test_clinic_without_a_phone_offers_the_form_only(client: Client) -> None:
    clinic(phone="")
    assert seen(client).bar == ("/consult/?clinic=here",)


def test_paused_clinic_without_a_phone_has_no_bar(client: Client) -> None:
    clinic(phone="", state="paused")
    assert seen(client).bar == ()


# --- Fresh although it may be kept a minute ---------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/locations/", "/locations/here/"])
def test_page_is_kept_no_longer_than_its_line_is_true(client: Client, path: str) -> None:
    clinic()
    closing = TUESDAY + dt.timedelta(hours=7)
    ages = {}
    for seconds in (3600, 61, 60, 59, 20, 1):
        with travel(closing - dt.timedelta(seconds=seconds), tick=False):
            kept = client.get(path)["Cache-Control"]
        ages[seconds] = int(re.findall(r"max-age=(\d+)", kept)[0])
        assert "public" in kept
    assert ages == {3600: 60, 61: 60, 60: 60, 59: 59, 20: 20, 1: 1}


def test_page_kept_from_before_closing_is_not_confirmed_after_it(client: Client) -> None:
    clinic()
    closing = TUESDAY + dt.timedelta(hours=7)
    with travel(closing - dt.timedelta(seconds=30), tick=False):
        tag = client.get("/locations/here/")["ETag"]
        assert client.get("/locations/here/", headers={"If-None-Match": tag}).status_code == 304
    with travel(closing, tick=False):
        again = client.get("/locations/here/", headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert "Opens Wednesday at 9 a.m." in again.content.decode()


# On the clock on the wall: midnights, openings, and the nights of both switches.
TURNS = [
    "2026-03-04T00:00", "2026-03-04T09:00", "2026-03-08T00:00", "2026-03-08T03:00",
    "2026-03-09T09:00", "2026-11-01T00:00", "2026-11-01T03:00", "2026-11-02T00:00",
    "2026-11-02T09:00",
]  # fmt: skip


@pytest.mark.parametrize("zone", ["America/Chicago", "America/New_York"])
@pytest.mark.parametrize("wall", TURNS)
@pytest.mark.parametrize("path", ["/locations/", "/locations/here/"])
def test_kept_page_is_right_to_its_last_second(
    client: Client, zone: str, wall: str, path: str
) -> None:
    """Whatever a cache shows until the page's age is up is what a fresh page would say then."""
    where = clinic(time_zone=zone)
    turn = dt.datetime.fromisoformat(wall).replace(tzinfo=where.zone)
    for seconds in (-61, -60, -30, -1, 0, 1):
        moment = turn.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)
        with travel(moment, tick=False):
            kept = client.get(path)
        age = int(re.findall(r"max-age=(\d+)", kept["Cache-Control"])[0])
        assert 0 < age <= 60
        with travel(moment + dt.timedelta(seconds=age - 1), tick=False):
            fresh = client.get(path)
        assert fresh["ETag"] == kept["ETag"]


# --- When everything is closed ---------------------------------------------------------------

AT_NIGHT = TUESDAY - dt.timedelta(hours=8)  # 2 a.m. Central
ALL_CLOSED = "All of our clinics are closed right now"


def test_choice_of_a_clinic_by_night_leads_to_the_form_and_988(client: Client) -> None:
    clinic()
    clinic(slug="other", state="coming")
    assert ALL_CLOSED not in text_of(client, "/locations/")
    with travel(AT_NIGHT, tick=False):
        callout = callout_of(text_of(client, "/locations/"))
        page = text_of(client, "/locations/here/")
    assert callout.startswith(ALL_CLOSED)
    assert "988" in callout
    assert 'Closed right now. <a href="/consult/?clinic=here">Ask by form</a>' in page


def test_clinic_whose_hours_nobody_gave_is_not_called_closed(client: Client) -> None:
    build.location(slug="here")
    with travel(AT_NIGHT, tick=False):
        assert ALL_CLOSED not in text_of(client, "/locations/")
        assert "Closed right now" not in text_of(client, "/locations/here/")


def test_paused_clinic_by_night_offers_no_form(client: Client) -> None:
    clinic(state="paused")
    with travel(AT_NIGHT, tick=False):
        assert "Closed right now" not in text_of(client, "/locations/here/")


# --- A fourth clinic ------------------------------------------------------------------------

FOURTH = {
    "name": "Fourth Town", "practice_name": "Sample Practice", "slug": "here",
    "area": "Near the old mill", "street": "100 Example St", "city": "Fourth Town", "region": "AL",
    "postal_code": "36801", "phone": "(205) 555-0144", "time_zone": "America/Chicago",
    "state": "open", "position": 4, "opening_hours-TOTAL_FORMS": 1,
    "opening_hours-INITIAL_FORMS": 0, "opening_hours-0-weekday": 1,
    "opening_hours-0-opens": "09:00", "opening_hours-0-closes": "15:00",
    "special_days-TOTAL_FORMS": 0, "special_days-INITIAL_FORMS": 0,
    "facts-TOTAL_FORMS": 0, "facts-INITIAL_FORMS": 0,
}  # fmt: skip


def add_fourth(client: Client) -> Location:
    """Through the admin, as a site administrator."""
    build.site_text()
    for _number in range(3):
        build.location()
    client.force_login(build.user("Site administrator"))
    answer = client.post("/admin/locations/location/add/", FOURTH)
    assert answer.status_code == 302
    client.logout()
    return Location.objects.get(slug="here")


def test_fourth_clinic_added_in_the_admin_is_everywhere(client: Client) -> None:
    add_fourth(client)
    assert seen(client) == Seen(
        on_list="Open until 3 p.m.",
        on_home=True,
        page=200,
        callout="",
        on_form=True,
        in_footer=True,
        in_json_ld=True,
        in_sitemap=True,
        in_phones=True,
        bar=("tel:+12055550144", "/consult/?clinic=here"),
    )
    assert "/locations/here/#clinic" in part(text_of(client, "/"), "application/ld", "</script>")
    assert "Fourth Town, AL" in text_of(client, "/consult/")
    chosen = text_of(client, "/consult/?clinic=here")
    assert "checked" in part(chosen, '<input[^>]*value="here"', ">")
    assert text_of(client, "/locations/").count("<article") == 4


def test_fourth_clinic_is_on_the_desk_of_its_new_member(client: Client) -> None:
    where = add_fourth(client)
    someone = build.user("Intake staff")
    client.force_login(build.user("Site administrator"))
    answer = client.post(
        "/admin/locations/membership/add/",
        {"user": someone.pk, "location": where.pk, "role": Membership.Role.STAFF},
    )
    assert answer.status_code == 302
    elsewhere = Location.objects.exclude(pk=where.pk)[0]
    Membership.objects.create(user=someone, location=elsewhere, role=Membership.Role.STAFF)
    client.force_login(someone)
    assert "Fourth Town" in text_of(client, "/admin/")
    desk = text_of(client, "/admin/consults/consultrequest/")
    assert re.findall(r'href="\?[^"]*clinic=here[^"]*"[^>]*>([^<]+)<', desk) == ["Fourth Town"]
    filtered = client.get("/admin/consults/consultrequest/", {"clinic": "here"})
    assert filtered.status_code == 200


def test_fourth_clinic_gets_its_own_digest(client: Client) -> None:
    where = add_fourth(client)
    Location.objects.filter(pk=where.pk).update(notice_email="fourth@example.com")
    consult(where)
    with travel(dt.datetime(2026, 3, 10, 14, tzinfo=dt.UTC), tick=False):  # Tuesday, 9 a.m.
        assert rounds.owe_digests() == 1
    assert Outbox.objects.get(kind=Outbox.Kind.DIGEST).location == where
