"""What a first visit to an article weighs on the wire, from the real server with hashed files."""

import gzip
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response

from clinic import inline
from tests.server import whole_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ARTICLE = "/articles/ketamine-infusion-therapy-for-depression/"
KB = 1000
TEXT_LIMIT, FONT_LIMIT, SHEET_LIMIT, REQUEST_LIMIT = 30 * KB, 40 * KB, 10 * KB, 6
# What a server may send before it must hear from the browser: ten segments, headers included.
ROUND_TRIP = 10 * 1460


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with whole_site(hashed=True) as address:
        yield address


@dataclass(frozen=True)
class Part:
    """One thing a browser fetched; `size` as it crossed the wire, without headers."""

    path: str
    kind: str
    size: int


def fetched(browser: Browser, address: str) -> list[Part]:
    """Everything Chromium asks for on a first visit."""
    context = browser.new_context()
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    parts = [part_of(response) for response in responses]
    context.close()
    return parts


def part_of(response: Response) -> Part:
    size = response.request.sizes()["responseBodySize"]
    return Part(urlsplit(response.url).path, response.request.resource_type, size)


def weight(parts: list[Part], *kinds: str) -> int:
    return sum(part.size for part in parts if part.kind in kinds)


def test_article_stays_light(site: str, browser: Browser) -> None:
    parts = fetched(browser, site + ARTICLE)
    assert weight(parts, "document", "stylesheet", "script") <= TEXT_LIMIT
    assert weight(parts, "stylesheet", "script") == 0
    assert weight(parts, "font") <= FONT_LIMIT
    assert len(parts) <= REQUEST_LIMIT, [part.path for part in parts]


@pytest.mark.parametrize("path", ["/", "/locations/opelika/", "/consult/"])
def test_page_crosses_in_one_round_trip(site: str, path: str) -> None:
    headers, body = ask(site + path)
    assert len(headers.as_bytes()) + len(body) <= ROUND_TRIP


def test_style_sheet_stays_light() -> None:
    assert len(gzip.compress(inline.text("css/site.css").encode(), 6)) <= SHEET_LIMIT


def ask(address: str) -> tuple[Message, bytes]:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.headers, response.read()


def test_static_file_that_a_page_names_is_there_for_ever(site: str) -> None:
    headers, body = ask(site + ARTICLE)
    assert headers["Content-Encoding"] == "gzip"
    files = set(re.findall(r"/static/[^\"' )]+", gzip.decompress(body).decode()))
    assert {"woff2", "svg", "js"} <= {name.rsplit(".", 1)[1] for name in files}
    for name in files:
        headers, _body = ask(site + name)
        assert headers["Cache-Control"] == "max-age=315360000, public, immutable", name
