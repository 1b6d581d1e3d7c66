"""What holds for every public page, swept over the URLconf."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from clinic.models import SiteText
from tests.addresses import NOT_PAGES, UNLISTED, addresses, public_pages, site_map_addresses
from tests.pages import unescape

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_site")]


class Page(HTMLParser):
    """Collects what a page is not allowed to hold, and what it must."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = re.search(r"<title>(.*?)</title>", html, re.S)
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def values(self, tag: str, attribute: str) -> list[str]:
        return [found[attribute] for name, found in self.tags if name == tag and attribute in found]

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _attributes in self.tags)


def test_public_page_holds_every_rule(client: Client) -> None:
    for name, address in addresses().items():
        response = client.get(address)
        assert response.status_code == 200, address
        assert not response.cookies, address
        assert "Cookie" not in response.get("Vary", ""), address
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe-" not in policy, address
        assert response["X-Content-Type-Options"] == "nosniff", address
        assert response["Referrer-Policy"] == "same-origin", address
        if name not in NOT_PAGES:
            check_page(address, response.content.decode())


def check_page(address: str, html: str) -> None:
    page = Page(html)
    assert page.count("h1") == 1, address
    assert page.count("main") == 1, address
    assert page.title, address
    assert "988" in html, address
    # The style sheet, which the policy names by its hash (tests/clinic/test_inline.py).
    assert page.count("style") == 1, address
    assert not [tag for tag, attributes in page.tags if "style" in attributes], address
    assert not [name for _tag, found in page.tags for name in found if name.startswith("on")], (
        address
    )
    for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src")):
        for target in page.values(tag, attribute):
            relation = target.startswith("/") or 'rel="canonical"' in html
            assert relation, f"{address} loads {target}"
    ids = [found["id"] for _tag, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids)), f"{address} has an id twice"


def stylesheets_and_icons(page: Page) -> list[str]:
    """What the browser fetches for a link element; a canonical address is only named."""
    links = [attributes for tag, attributes in page.tags if tag == "link"]
    return [found["href"] for found in links if found.get("rel") != "canonical"]


def head_of(client: Client, address: str) -> tuple[str, str]:
    """The title and the description; empty where the page has none."""
    text = client.get(address).content.decode()
    title = re.search(r"<title>(.*?)</title>", text, re.S)
    description = re.search(r'<meta name="description" content="(.*?)"', text, re.S)
    assert title, address
    return unescape(title[1]), unescape(description[1]) if description else ""


def test_titles_and_descriptions_are_unique_and_of_the_right_length(client: Client) -> None:
    """Every page there is, not only one of each kind: every article, service, clinic, person."""
    named = {address for name, address in addresses().items() if name not in UNLISTED}
    pages = sorted(named | site_map_addresses())
    heads = {address: head_of(client, address) for address in pages}
    assert {address for address, (title, _text) in heads.items() if not 0 < len(title) <= 60} == (
        set()
    )
    assert {address for address, (_title, text) in heads.items() if not 50 <= len(text) <= 160} == (
        set()
    )
    for column in zip(*heads.values(), strict=True):
        assert len(set(column)) == len(pages)


# What has a title and no place in the lists: errors, searches, a page of a list.
OTHER_PAGES = ("/nothing-here/", f"/search/?q={'depression ' * 9}", f"/search/?q={'x' * 90}")


def test_title_fits_on_every_page_whatever_the_site_is_called(client: Client) -> None:
    for name in ("A" * 80, "A name of many words " * 3, "A"):
        SiteText.objects.create(name=name[:80].strip())
        for address in public_pages() | set(OTHER_PAGES):
            title, _description = head_of(client, address)
            assert 0 < len(title) <= 60, (address, title)
