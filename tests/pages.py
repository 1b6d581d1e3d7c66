"""Reads a page as a person and as a machine would."""

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.test import Client

UNSEEN = {"head", "script", "style", "svg", "template"}
VOID = {"br", "hr", "img", "input", "link", "meta"}


class _Text(HTMLParser):
    """The words a reader sees, block after block. The numbers of sources are no words."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.unseen = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if self.unseen:
            self.unseen += tag not in VOID
        elif tag in UNSEEN or (tag == "sup" and found.get("class") == "cite"):
            self.unseen = 1
        if href := found.get("href"):
            self.links.append(href)
        if tag not in {"a", "b", "em", "strong", "cite", "sup", "span"}:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= bool(self.unseen)

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)


class Page:
    """One answer of the site, opened."""

    def __init__(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200, path
        self.html = response.content.decode()
        parsed = _Text()
        parsed.feed(self.html)
        self.text = " ".join("".join(parsed.words).split())
        self.links = parsed.links

    def meta(self, name: str) -> str | None:
        """The content of the meta element with this name or property."""
        found = re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)"', self.html)
        assert len(found) <= 1, f"{name} stands here twice"
        return unescape(found[0]) if found else None

    @property
    def title(self) -> str:
        found = re.findall(r"<title>(.*?)</title>", self.html, re.S)
        assert len(found) == 1
        return unescape(found[0])

    def json_ld(self) -> list[dict[str, Any]]:
        """Every node, each element's graph opened."""
        nodes = []
        for text in re.findall(
            r'<script type="application/ld\+json">(.*?)</script>', self.html, re.S
        ):
            data = json.loads(text)
            nodes += data.get("@graph", [data])
        return nodes

    def node(self, kind: str) -> dict[str, Any]:
        found = [node for node in self.json_ld() if node["@type"] == kind]
        assert len(found) == 1, kind
        return found[0]


def unescape(text: str) -> str:
    return html.unescape(text).strip()


# The values of these are read by people; all others are addresses, types, times and codes.
FOR_READERS = {
    "name", "honorificSuffix", "citation", "text", "description", "streetAddress",
    "addressLocality", "addressRegion", "postalCode", "headline", "alternateName",
}  # fmt: skip


def words_for_readers(value: Any, key: str = "") -> Iterator[str]:
    """Every string in structured data that a reader should be able to find on the page."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from words_for_readers(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from words_for_readers(inner, key)
    elif isinstance(value, str) and key in FOR_READERS:
        yield value
