"""The site map lists the public pages, all of them and nothing else."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from locations.models import Location, Service, SpecialDay
from locations.opening import Decision
from tests import build
from tests.addresses import public_names
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

LATER = dt.datetime(2030, 5, 1, 18, 0, tzinfo=dt.UTC)

# Public addresses that nobody should find by searching. A new view is in the map or here.
NOT_LISTED = {
    "articles:draft", "articles:feed", "articles:feed_rss", "articles:picture",
    "articles:share_picture",
    "consults:again", "consults:received", "consults:withdraw", "livez", "readyz", "robots",
    "search", "security_txt", "sitemap", "styleguide", "suggest",
}  # fmt: skip


def listed(client: Client) -> list[str]:
    text = client.get("/sitemap.xml").content.decode()
    return [loc.removeprefix(settings.SITE_URL) for loc in re.findall(r"<loc>(.*?)</loc>", text)]


@pytest.fixture(autouse=True)
def _one_of_each() -> None:
    build.site_text()
    build.location(slug="opelika")
    articles.published(author=articles.person())


@pytest.fixture
def _a_service() -> None:
    Service.objects.create(slug="infusion", name="Infusion", description="D" * 60, body="Text.")


@pytest.mark.usefixtures("_a_service")
def test_every_public_view_is_in_the_map_or_left_out_on_purpose(client: Client) -> None:
    names = {resolve(path).view_name for path in listed(client)}
    assert names | NOT_LISTED == set(public_names())
    assert names & NOT_LISTED == set()


@pytest.mark.usefixtures("_a_service")
def test_every_listed_page_opens_and_may_be_found(client: Client) -> None:
    paths = listed(client)
    assert len(paths) == len(set(paths))
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        assert 'content="noindex' not in response.content.decode(), path


def test_a_clinic_closed_for_good_is_not_listed(client: Client) -> None:
    closed = build.location(slug="gone", state="closed")
    assert closed.get_absolute_url() not in listed(client)
    assert "/locations/opelika/" in listed(client)


def lastmod(client: Client, path: str) -> str:
    text = client.get("/sitemap.xml").content.decode()
    found = re.search(rf"<loc>{settings.SITE_URL}{path}</loc><lastmod>(.*?)</lastmod>", text)
    assert found, path
    return found[1]


@pytest.mark.usefixtures("_a_service")
def test_every_page_says_when_it_last_changed(client: Client) -> None:
    text = client.get("/sitemap.xml").content.decode()
    assert text.count("<lastmod>") == len(listed(client))


def test_changed_clinic_changes_its_page_the_list_and_home(client: Client) -> None:
    with time_machine.travel(LATER):
        Location.objects.get(slug="opelika").save()
    for path in ("/locations/opelika/", "/locations/", "/"):
        assert lastmod(client, path) == "2030-05-01"
    for path in ("/services/", "/articles/", "/about/"):
        assert lastmod(client, path) != "2030-05-01"


def test_clinic_closed_today_changes_its_page(client: Client) -> None:
    with time_machine.travel(LATER):
        Location.objects.get(slug="opelika").close_today()
    assert lastmod(client, "/locations/opelika/") == "2030-05-01"


def test_decided_day_and_the_one_taken_back_change_the_clinics_page(client: Client) -> None:
    opelika, other = Location.objects.get(slug="opelika"), build.location(slug="other")
    christmas = dt.date(2030, 12, 25)
    with time_machine.travel(LATER):
        SpecialDay.objects.decide([opelika], Decision(christmas, christmas, "usual"))
    assert lastmod(client, "/locations/opelika/") == "2030-05-01"
    assert lastmod(client, other.get_absolute_url()) != "2030-05-01"
    with time_machine.travel(LATER + dt.timedelta(days=1)):
        SpecialDay.objects.get().take_back()
    assert lastmod(client, "/locations/opelika/") == "2030-05-02"


@pytest.mark.parametrize("zone", ["America/Chicago", "America/New_York"])
def test_pause_and_closing_that_ended_change_the_page_at_the_clinics_midnight(
    client: Client, zone: str
) -> None:
    with time_machine.travel(dt.datetime(2030, 5, 1, 18, tzinfo=dt.UTC), tick=False):
        where = build.location(
            slug="here", state="paused", paused_until=dt.date(2030, 5, 2), time_zone=zone
        )
    midnight = dt.datetime(2030, 5, 3, tzinfo=where.zone)
    with time_machine.travel(midnight - dt.timedelta(minutes=1), tick=False):
        assert where.page_changed_at == where.changed_at
    with time_machine.travel(midnight, tick=False):
        assert where.page_changed_at == midnight
        assert lastmod(client, "/locations/here/") == f"{timezone.localdate(midnight)}"


@pytest.mark.usefixtures("_a_service")
def test_changed_service_changes_its_page_and_the_list(client: Client) -> None:
    with time_machine.travel(LATER):
        Service.objects.get().save()
    for path in ("/services/infusion/", "/services/"):
        assert lastmod(client, path) == "2030-05-01"


def test_new_article_changes_its_topic_the_lists_and_home(client: Client) -> None:
    with time_machine.travel(LATER):
        article = articles.published()
        paths = [article.get_absolute_url(), article.topic.get_absolute_url(), "/articles/", "/"]
        assert [lastmod(client, path) for path in paths] == ["2030-05-01"] * 4


def test_new_texts_change_every_page_that_prints_them(client: Client) -> None:
    with time_machine.travel(LATER):
        build.site_text(about="New")
    for path in ("/", "/about/", "/privacy/"):
        assert lastmod(client, path) == "2030-05-01"


def test_robots_name_the_map(client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines


def test_map_is_well_formed_and_of_our_own_address(client: Client) -> None:
    response = client.get("/sitemap.xml", headers={"Host": "localhost"})
    root = ElementTree.fromstring(response.content)  # noqa: S314 -- our own map
    assert root.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}urlset"
    assert all(loc.startswith("/") for loc in listed(client))
