"""Feeds that every reader can read: ids that stay, dates, authors, and the text itself."""

import datetime as dt
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from articles.models import Article
from tests import build
from tests.articles import build as articles
from tests.pages import Page

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
SITE = "http://127.0.0.1:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "{http://www.w3.org/XML/1998/namespace}base"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text(description="What we write about ketamine, and where each figure comes from.")
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def feed(client: Client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)  # noqa: S314 -- our own feed


def text(element: ElementTree.Element, *path: str) -> str:
    found = element.find("/".join(path))
    assert found is not None, path
    return found.text or ""


def an_article() -> Article:
    return articles.published(
        slug="one", title="Of <bold> claims & others", author=articles.person(name="Ann Author")
    )


def updated_later(article: Article, clock: Any) -> None:
    clock.move_to(NOW + dt.timedelta(days=2))
    editor = build.user("Editor")
    revision = article.save_revision(editor, **articles.text(title="A new title"))
    articles.approve(revision)
    article.publish(revision, editor, because="a study was added.")


def test_atom_has_what_the_format_asks_of_a_feed(client: Client) -> None:
    an_article()
    found = feed(client, "/articles/feed/")
    assert text(found, f"{ATOM}id") == f"{SITE}/articles/"
    assert text(found, f"{ATOM}title") == "Articles of Sample Clinics"
    assert text(found, f"{ATOM}updated") == "2026-03-04T18:00:00+00:00"
    assert text(found, f"{ATOM}author", f"{ATOM}name") == "Sample Clinics"
    links = {link.get("rel"): link.get("href") for link in found.findall(f"{ATOM}link")}
    assert links == {"self": f"{SITE}/articles/feed/", "alternate": f"{SITE}/articles/"}


def test_atom_entry_has_what_the_page_has(client: Client) -> None:
    article = an_article()
    entry = feed(client, "/articles/feed/").find(f"{ATOM}entry")
    assert entry is not None
    assert text(entry, f"{ATOM}id") == f"{SITE}/articles/one/"
    assert text(entry, f"{ATOM}title") == "Of <bold> claims & others"
    assert text(entry, f"{ATOM}published") == "2026-03-04T18:00:00+00:00"
    assert text(entry, f"{ATOM}updated") == "2026-03-04T18:00:00+00:00"
    assert text(entry, f"{ATOM}author", f"{ATOM}name") == "Ann Author, MD"
    assert text(entry, f"{ATOM}summary") == article.revision.description
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert content.get(BASE) == f"{SITE}/articles/one/"
    printed = article.revision.rendered
    assert content.text == printed["summary"] + printed["body"]
    assert printed["body"] in Page(client, "/articles/one/").html


def test_atom_entry_updated_keeps_its_id_and_first_date(client: Client, clock: Any) -> None:
    article = an_article()
    updated_later(article, clock)
    found = feed(client, "/articles/feed/")
    entry = found.find(f"{ATOM}entry")
    assert entry is not None
    assert text(entry, f"{ATOM}id") == f"{SITE}/articles/one/"
    assert text(entry, f"{ATOM}published") == "2026-03-04T18:00:00+00:00"
    assert text(entry, f"{ATOM}updated") == "2026-03-06T18:00:00+00:00"
    assert text(found, f"{ATOM}updated") == "2026-03-06T18:00:00+00:00"


def test_rss_item_has_guid_and_date(client: Client) -> None:
    an_article()
    channel = feed(client, "/articles/feed/rss/").find("channel")
    assert channel is not None
    item = channel.find("item")
    assert item is not None
    guid = item.find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink", "true")) == (f"{SITE}/articles/one/", "true")
    assert text(item, "title") == "Of <bold> claims & others"
    assert parsedate_to_datetime(text(item, "pubDate")) == NOW
    assert text(channel, "description").startswith("What we write")
    assert text(channel, f"{ATOM}link") == ""


def test_feed_of_no_articles_is_a_feed(client: Client) -> None:
    assert feed(client, "/articles/feed/").findall(f"{ATOM}entry") == []
    channel = feed(client, "/articles/feed/rss/").find("channel")
    assert channel is not None
    assert channel.findall("item") == []


def test_every_page_leads_to_both_feeds(client: Client) -> None:
    an_article()
    for path in ("/", "/articles/one/", "/about/"):
        html = Page(client, path).html
        for kind, address in (("atom", "/articles/feed/"), ("rss", "/articles/feed/rss/")):
            assert f'<link rel="alternate" type="application/{kind}+xml"' in html
            response = client.get(address)
            assert response["Content-Type"] == f"application/{kind}+xml; charset=utf-8"
