"""The site map lists the public pages, all of them and nothing else."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from locations.models import Service
from tests import build
from tests.addresses import public_names
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

# Public addresses that nobody should find by searching. A new view is in the map or here.
NOT_LISTED = {
    "articles:draft", "articles:feed", "articles:feed_rss", "articles:share_picture",
    "consults:received", "consults:withdraw", "livez", "readyz", "robots", "search",
    "security_txt", "sitemap", "styleguide", "suggest",
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
