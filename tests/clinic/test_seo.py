"""Titles and descriptions that fit, and structured data that cannot end its element."""

import json
import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from clinic import seo
from tests import build
from tests.articles import build as articles
from tests.pages import Page


@pytest.mark.parametrize(
    ("text", "site_name", "title"),
    [
        ("Opelika", "Sample Clinics", "Opelika · Sample Clinics"),
        ("Sample Clinics, Opelika", "Sample Clinics", "Sample Clinics, Opelika"),
        ("Opelika", "", "Opelika"),
        ("Word " * 11 + "end", "Sample Clinics", "Word " * 11 + "end"),
        ("Word " * 12 + "end", "Sample Clinics", "Word " * 11 + "Word…"),
    ],
)
def test_title_fits_and_names_the_site_where_there_is_room(
    text: str, site_name: str, title: str
) -> None:
    assert seo.title(text, site_name) == title


@given(st.text(max_size=400))
def test_fit_never_exceeds_its_limit_nor_a_line(text: str) -> None:
    fitted = seo.fit(text, 60)
    assert len(fitted) <= 60
    assert "\n" not in fitted


@pytest.mark.django_db
def test_titles_and_descriptions_of_long_names_fit(client: Client) -> None:
    build.site_text(name="N" * 20 + " name" * 12)
    topic = articles.topic(name="A topic " * 9, description="d" * 159 + ".")
    author = articles.person(name="Name " * 23, credentials="MD " * 50)
    for _number in range(13):
        articles.published(topic=topic, author=author)
    paths = ["/", "/about/", "/privacy/", "/articles/", "/articles/topics/"]
    for path in (*paths, topic.get_absolute_url(), author.get_absolute_url()):
        for page in (Page(client, path), Page(client, f"{path}?page=2")):
            assert 0 < len(page.title) <= 60, path
            assert len(page.meta("description") or "") <= 160, path


@pytest.mark.django_db
def test_pages_of_a_list_have_titles_and_descriptions_of_their_own(client: Client) -> None:
    build.site_text()
    topic, author = articles.topic(), articles.person()
    for _number in range(13):
        articles.published(topic=topic, author=author)
    lists = ["/articles/", topic.get_absolute_url(), author.get_absolute_url()]
    pages = [Page(client, f"{path}?page={number}") for path in lists for number in (1, 2)]
    assert len({page.title for page in pages}) == 6
    assert len({page.meta("description") for page in pages}) == 6
    assert pages[1].title == "Articles, page 2 · Sample Clinics"


def test_json_ld_with_a_script_end_in_it_stays_one_element() -> None:
    name = "</script><!-- & \u2028 “name”"
    element = seo.json_ld({"@type": "Thing", "name": name})
    found = re.fullmatch(r'<script type="application/ld\+json">([^<>&\u2028]*)</script>', element)
    assert found
    assert json.loads(found[1]) == {
        "@context": "https://schema.org",
        "@type": "Thing",
        "name": name,
    }


def test_breadcrumb_list_ends_with_the_page_itself() -> None:
    crumbs = seo.breadcrumb_list([("Home", "/")], ("Here", "/here/"))
    assert [(item["position"], item["name"]) for item in crumbs["itemListElement"]] == [
        (1, "Home"),
        (2, "Here"),
    ]
    assert crumbs["itemListElement"][1]["item"] == seo.absolute("/here/")
