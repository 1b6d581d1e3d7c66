"""The clinics' and services' pages as a visitor gets them."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from locations.models import Location
from tests import build
from tests.locations.build import fact, service, special_day, treatment

pytestmark = pytest.mark.django_db

CountQueries = Callable[[int], AbstractContextManager[object]]
TUESDAY_MORNING = dt.datetime(2026, 3, 3, 16, tzinfo=dt.UTC)  # 10 a.m. Central, 11 a.m. Eastern
TUESDAY_NIGHT = dt.datetime(2026, 3, 4, 3, tzinfo=dt.UTC)


def main_of(client: Client, path: str) -> str:
    """The page's own text, without the header and footer that name every clinic."""
    response = client.get(path)
    assert response.status_code == 200
    found = re.search(r"<main.*</main>", response.content.decode(), re.S)
    assert found
    return html.unescape(found[0])


def json_ld_of(client: Client, path: str) -> list[dict[str, Any]]:
    page = client.get(path).content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found
    nodes: list[dict[str, Any]] = json.loads(found[1])["@graph"]
    return nodes


def head_of(client: Client, path: str) -> tuple[str, str, str]:
    page = client.get(path).content.decode()
    patterns = (
        r"<title>(.*?)</title>",
        r'<meta name="description" content="(.*?)">',
        r'<link rel="canonical" href="(.*?)">',
    )
    title, description, canonical = (re.search(pattern, page) for pattern in patterns)
    assert title
    assert description
    assert canonical
    return html.unescape(title[1]), html.unescape(description[1]), canonical[1]


# --- The list of clinics --------------------------------------------------------------------


def test_index_lists_the_clinics_in_their_order_without_those_closed_for_good(
    client: Client,
) -> None:
    build.location(name="Second", position=2)
    build.location(name="First", position=1)
    build.location(name="Gone", state="closed")
    page = main_of(client, "/locations/")
    assert re.findall(r'<h2><a href="/locations/[^"]+/">(\w+)</a></h2>', page) == [
        "First",
        "Second",
    ]


def test_index_says_when_each_clinic_opens_in_its_own_zone(client: Client) -> None:
    build.weekday_hours(build.location(time_zone="America/Chicago"), "11:00", "17:00")
    build.weekday_hours(build.location(time_zone="America/New_York"), "11:00", "17:00")
    with travel(TUESDAY_MORNING, tick=False):
        page = main_of(client, "/locations/")
    assert re.findall(r'<p class="opening(.*?)">(.*?)</p>', page) == [
        (" shut", "Opens at 11 a.m."),
        ("", "Open until 5 p.m."),
    ]


def test_index_says_nothing_about_unknown_hours(client: Client) -> None:
    build.location()
    with travel(TUESDAY_MORNING, tick=False):
        page = main_of(client, "/locations/")
    assert 'class="opening' not in page
    assert "a.m." not in page


@pytest.mark.parametrize("count", [1, 3])
def test_index_takes_four_queries_for_any_number_of_clinics(
    client: Client, count: int, django_assert_num_queries: CountQueries
) -> None:
    for _number in range(count):
        clinic = build.location()
        build.weekday_hours(clinic)
        special_day(clinic, dt.date(2026, 3, 6))
    with django_assert_num_queries(4):  # clinics, hours, special days, the frame
        client.get("/locations/")


def test_index_without_any_clinic_is_still_a_page(client: Client) -> None:
    assert "No clinic is listed right now" in main_of(client, "/locations/")


# --- A clinic -------------------------------------------------------------------------------


def test_detail_prints_what_is_known(client: Client) -> None:
    clinic = build.location(
        slug="opelika", name="Opelika", practice_name="Sample Practice", area="Auburn, AL",
        street="100 Example St", city="Opelika", postal_code="36801", blurb="Near the old mill.",
    )  # fmt: skip
    build.weekday_hours(clinic)
    special_day(clinic, dt.date(2026, 3, 6), label="Staff training")
    service(clinic, name="Talking it over")
    with travel(TUESDAY_NIGHT, tick=False):
        page = main_of(client, "/locations/opelika/")
    assert "<h1>Opelika</h1>" in page
    assert "Sample Practice" in page
    assert "Auburn, AL" in page
    assert "<address>100 Example St<br>Opelika, AL 36801</address>" in page
    assert '<a class="phone-number" href="tel:+12055550134">(205) 555-0134</a>' in page
    assert "Opens Wednesday at 9 a.m., Central time" in page
    assert 'class="today"><th scope="row">Tuesday' in page
    assert "Friday, March 6" in page
    assert "Staff training" in page
    assert "Near the old mill." in page
    assert "Talking it over" in page
    assert 'href="/consult/?clinic=opelika"' in page
    assert "https://www.openstreetmap.org/search?query=100+Example+St" in page


def test_detail_leaves_out_what_is_not_known(client: Client) -> None:
    build.location(name="Other", phone="+12055550177")
    build.location(slug="bare", name="Bare", practice_name="Sample Practice", city="Bare", phone="")
    page = main_of(client, "/locations/bare/")
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == [
        "Where",
        "Need more info? Request a consult",
    ]
    assert "<address>Bare, AL</address>" in page
    assert "tel:" not in page
    assert "None" not in page
    assert "<p></p>" not in page


def test_detail_of_a_clinic_without_a_phone_offers_the_form_and_no_other_number(
    client: Client,
) -> None:
    build.location(name="Other", phone="+12055550177")
    build.location(slug="bare", phone="")
    page = client.get("/locations/bare/").content.decode()
    bar = re.search(r'<nav class="phone-bar".*?</nav>', page, re.S)
    assert bar
    assert re.findall(r'href="(.*?)"', bar[0]) == ["/consult/?clinic=bare"]


def test_detail_phone_bar_dials_this_clinic(client: Client) -> None:
    build.location(slug="here", phone="+12055550123")
    page = client.get("/locations/here/").content.decode()
    bar = re.search(r'<nav class="phone-bar".*?</nav>', page, re.S)
    assert bar
    assert re.findall(r'href="(.*?)"', bar[0]) == [
        "tel:+12055550123",
        "/consult/?clinic=here",
    ]


def test_detail_of_a_paused_clinic_says_so_and_offers_no_form(client: Client) -> None:
    build.location(
        slug="here", state="paused", pause_message="We are moving.",
        paused_until=timezone.localdate() + dt.timedelta(days=3),
    )  # fmt: skip
    page = main_of(client, "/locations/here/")
    assert "Not taking new requests for now" in page
    assert "We are moving." in page
    assert "The last day of the pause is" in page
    assert "/consult/?clinic=here" not in page
    assert "tel:+12055550134" in page


def test_detail_of_a_clinic_whose_pause_is_over_is_as_any_other(client: Client) -> None:
    build.location(
        slug="here", state="paused", pause_message="We are moving.",
        paused_until=timezone.localdate() - dt.timedelta(days=2),
    )  # fmt: skip
    page = main_of(client, "/locations/here/")
    assert "We are moving." not in page
    assert "/consult/?clinic=here" in page
    assert "Not taking requests now" not in main_of(client, "/locations/")


def test_detail_of_a_coming_clinic_says_so_and_not_that_it_is_open(client: Client) -> None:
    build.weekday_hours(build.location(slug="here", state="coming"))
    with travel(TUESDAY_MORNING, tick=False):
        page = main_of(client, "/locations/here/")
    assert "This clinic is not open yet." in page
    assert 'class="opening' not in page
    assert "/consult/?clinic=here" not in page


def test_detail_of_a_clinic_closed_for_good_is_404(client: Client) -> None:
    build.location(slug="here", state="closed")
    assert client.get("/locations/here/").status_code == 404


@pytest.mark.parametrize("path", ["/locations/", "/locations/here/", "/services/", "/services/it/"])
def test_public_page_may_be_kept_for_a_minute_and_answers_304(client: Client, path: str) -> None:
    service(build.location(slug="here"), slug="it")
    first = client.get(path)
    assert first["Cache-Control"] == "public, max-age=60"
    assert not first.cookies
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/locations/", "/locations/here/", "/services/", "/services/it/"])
def test_public_page_refuses_a_post(client: Client, path: str) -> None:
    service(build.location(slug="here"), slug="it")
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_detail_takes_seven_queries_for_any_number_of_rows(
    client: Client, count: int, django_assert_num_queries: CountQueries
) -> None:
    clinic = build.location(slug="here")
    for number in range(count):
        fact(service(clinic), clinic)
        special_day(clinic, timezone.localdate() + dt.timedelta(days=number))
    # Clinic, hours, special days, services, facts, name, frame.
    with django_assert_num_queries(7):
        client.get("/locations/here/")


def test_detail_head_is_its_own_and_fits(client: Client) -> None:
    build.site_text(name="A Rather Long Name for a Group of Clinics")
    build.location(slug="here", name="Here", practice_name="Practice One")
    bare = "A practice with a name of the greatest length that the field will take, and more"
    build.location(slug="bare", name="Bare", practice_name=bare, phone="")
    for path, starts in [
        ("/locations/here/", "Practice One, Here"),
        ("/locations/bare/", bare[:9]),
    ]:
        title, description, canonical = head_of(client, path)
        assert title.startswith(starts)
        assert len(title) <= 60
        assert 50 <= len(description) <= 160
        assert canonical.endswith(path)


def test_detail_json_ld_says_what_the_page_says(client: Client) -> None:
    build.site_text(name="Sample Practice")
    clinic = build.location(
        slug="here", name="Here", practice_name="Sample Practice", street="100 Example St",
        city="Here", postal_code="36801", latitude="32.60000", longitude="-85.40000",
    )  # fmt: skip
    build.weekday_hours(clinic)
    breadcrumbs, node = json_ld_of(client, "/locations/here/")
    assert [item["name"] for item in breadcrumbs["itemListElement"]] == [
        "Home",
        "Locations",
        "Here",
    ]
    assert node["name"] == "Sample Practice"
    assert node["telephone"] == "+12055550134"
    assert node["address"]["streetAddress"] == "100 Example St"
    assert node["geo"]["latitude"] == 32.6
    assert node["parentOrganization"]["name"] == "Sample Practice"
    assert len(node["openingHoursSpecification"]) == 5
    assert node["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "https://schema.org/Monday",
        "opens": "09:00",
        "closes": "17:00",
    }


def test_detail_json_ld_gives_no_parent_to_a_practice_of_another_name(client: Client) -> None:
    build.site_text(name="Sample Clinics")
    build.location(slug="here", street="100 Example St", postal_code="36801")
    _breadcrumbs, node = json_ld_of(client, "/locations/here/")
    assert "parentOrganization" not in node
    assert "openingHoursSpecification" not in node


def test_detail_json_ld_leaves_out_a_clinic_whose_address_is_not_known(client: Client) -> None:
    build.location(slug="here")
    assert [node["@type"] for node in json_ld_of(client, "/locations/here/")] == ["BreadcrumbList"]


def test_detail_with_a_script_in_its_name_is_harmless(client: Client) -> None:
    name = "</script><script>alert(1)</script>"
    build.location(slug="here", name=name)
    page = client.get("/locations/here/").content.decode()
    assert "<script>alert" not in page
    assert json_ld_of(client, "/locations/here/")[0]["itemListElement"][-1]["name"] == name


def test_a_fourth_clinic_is_found_on_the_list_and_its_page(client: Client) -> None:
    for _number in range(3):
        build.location()
    Location.objects.create(
        slug="fourth", name="Fourth", practice_name="Sample Practice", city="Fourth", region="AL",
        time_zone="America/Chicago",
    )  # fmt: skip
    assert "Fourth" in main_of(client, "/locations/")
    assert "<h1>Fourth</h1>" in main_of(client, "/locations/fourth/")


# --- Services -------------------------------------------------------------------------------


def test_services_list_says_status_and_where(client: Client) -> None:
    service(
        build.location(name="Here"), build.location(name="Gone", state="closed"),
        name="Listed", treatment=treatment(),
    )  # fmt: skip
    service(name="Hidden", is_listed=False)
    page = main_of(client, "/services/")
    assert "Listed" in page
    assert "Off-label" in page
    assert "<span>Here</span>" in page
    assert "Gone" not in page
    assert "Hidden" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_services_list_takes_three_queries_for_any_number(
    client: Client, count: int, django_assert_num_queries: CountQueries
) -> None:
    for _number in range(count):
        service(build.location(), treatment=treatment())
    with django_assert_num_queries(3):  # services with treatments, clinics, the frame
        client.get("/services/")


def test_service_prints_its_status_from_the_treatment_record(client: Client) -> None:
    record = treatment(statement="It is not approved for this use.", as_of=dt.date(2026, 1, 5))
    service(
        slug="it", name="Sample service", body="## What it is\n\nA **visit**.", treatment=record
    )
    page = main_of(client, "/services/it/")
    assert "<h1>Sample service</h1>" in page
    assert "It is not approved for this use." in page
    assert "It has risks." in page
    assert "As of January 5, 2026" in page
    assert "<strong>visit</strong>" in page


def test_service_offered_nowhere_says_ask_your_clinic(client: Client) -> None:
    build.location()
    service(slug="it")
    page = main_of(client, "/services/it/")
    assert 'Ask <a href="/locations/">your clinic</a> if it offers this.' in page
    assert "As of" not in page


def test_service_names_the_clinics_that_offer_it(client: Client) -> None:
    here = build.location(slug="here", name="Here")
    service(here, build.location(name="Gone", state="closed"), slug="it")
    page = main_of(client, "/services/it/")
    assert '<a href="/locations/here/">Here</a>' in page
    assert "Gone" not in page


def test_service_that_is_not_listed_is_404(client: Client) -> None:
    service(slug="it", is_listed=False)
    assert client.get("/services/it/").status_code == 404


def test_service_head_is_its_own_and_fits(client: Client) -> None:
    build.site_text(name="Sample Clinics")
    made = service(slug="it", name="Infusions")
    assert head_of(client, "/services/it/")[:2] == ("Infusions · Sample Clinics", made.description)
