"""Reads what WordPress writes under Tools, Export: a WXR file, which is RSS with names of its own.

The file comes from outside: a document type, an entity of its own or a reference to another file is
refused (defusedxml), as is a file too large or too deep to be an export.
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils import timezone
from django.utils.html import strip_tags

MOST_BYTES = 200 * 1024 * 1024
MOST_LEVELS = 20
# The version in the name has gone from 1.0 to 1.2; the names under it have stayed.
WORDPRESS = re.compile(r"\{https?://wordpress\.org/export/1\.\d+/(excerpt/)?\}(\w+)")
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
# XML 1.0 has no place for these, and WordPress writes them all the same when somebody pasted them.
IMPOSSIBLE = bytes(n for n in range(32) if n not in b"\t\n\r")
NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
NO_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.I
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
DECLARED = re.compile(r"\A\s*<\?xml[^<>]*\?>")
# What browsers make of letters that Windows has and Latin-1 has not.
WINDOWS = {n: bytes([n]).decode("cp1252", "ignore") for n in range(0x80, 0xA0)}


class NotAnExport(Exception):
    """The file is no WordPress export, or not a whole one. Says in words what to do."""


@dataclass(frozen=True)
class Term:
    """A category or tag of a post."""

    kind: str
    slug: str
    name: str


@dataclass
class Item:
    """One post, page, attachment or other thing in an export, as it was written there."""

    id: str = ""
    kind: str = ""
    status: str = ""
    title: str = ""
    link: str = ""
    slug: str = ""
    creator: str = ""
    published: dt.datetime | None = None
    password: str = ""
    body: str = ""
    excerpt: str = ""
    file: str = ""
    """Where the file of an attachment was."""
    terms: list[Term] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    comments: int = 0
    parent: str = ""
    """What it was uploaded to, or the page above it."""
    sticky: bool = False
    old_slugs: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Its address on the former site, without the host; "" where it had none of its own."""
        try:
            parts = urlsplit(self.link)
        except ValueError:
            return ""
        path = unquote(parts.path).rstrip("/")
        return path if not parts.query and path.isprintable() else ""


@dataclass
class Export:
    site: str
    """The address of the former site, without a slash at its end."""
    authors: dict[str, str]
    """The name that readers saw, by the name for signing in."""
    items: list[Item]


def read(path: Path) -> Export:
    """Reads one export. Raises NotAnExport."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise NotAnExport(f"{path.name} is larger than 200 MB: export fewer posts at a time.")
        data = path.read_bytes()
    except OSError as error:
        raise NotAnExport(f"{path.name} cannot be read: {error.strerror}.") from error
    try:
        return parse(data)
    except DefusedXmlException as error:
        raise NotAnExport(
            f"{path.name} holds a document type or entities of its own, which no WordPress export "
            "does. It was not read."
        ) from error
    except (ParseError, ValueError) as error:
        raise NotAnExport(
            f"{path.name} is not a whole XML file ({error}). Export it from WordPress again, under "
            "Tools, Export."
        ) from error


def parse(data: bytes) -> Export:
    """Raises ParseError, DefusedXmlException or NotAnExport."""
    data = mended(data)
    export = Export(site="", authors={}, items=[])
    is_export, level = False, 0
    for event, element in iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            level += 1
            if level > MOST_LEVELS:
                raise NotAnExport("The file is nested deeper than any WordPress export.")
            continue
        level -= 1
        name = own_name(element)
        if name == "wp:wxr_version":
            is_export = True
        elif name == "wp:base_blog_url" or (name == "wp:base_site_url" and not export.site):
            # In a network the second names the network, and the blog is below it.
            export.site = text(element).rstrip("/") or export.site
        elif name == "wp:author":
            login, shown = author(element)
            export.authors[login] = shown
        elif name == "item":
            export.items.append(item(element))
            element.clear()
    if not is_export:
        raise NotAnExport(
            "This is not a WordPress export: it names no WXR version. Use the file that WordPress "
            "gives under Tools, Export."
        )
    return export


def mended(data: bytes) -> bytes:
    """The bytes as a parser can read them: plugins print blank lines, people paste anything."""
    if data.startswith(UTF_16):
        data = DECLARED.sub("", data.decode("utf-16").lstrip("\ufeff")).encode()
    data = data.removeprefix(b"\xef\xbb\xbf").translate(None, IMPOSSIBLE).lstrip()
    data = data.removeprefix(b"\xef\xbb\xbf")
    for nothing in NO_CHARACTERS:
        data = data.replace(nothing, b"")
    return NO_REFERENCE.sub(b"", data)


def own_name(element: Element) -> str:
    """A name to compare: wp:post_id, excerpt:encoded, content:encoded, title."""
    if element.tag == CONTENT:
        return "content:encoded"
    found = WORDPRESS.fullmatch(element.tag)
    if found is None:
        return element.tag
    return f"{'excerpt' if found[1] else 'wp'}:{found[2]}"


def text(element: Element) -> str:
    return (element.text or "").strip()


def children(element: Element) -> Iterator[tuple[str, str]]:
    for child in element:
        yield own_name(child), (child.text or "").translate(WINDOWS)


def author(element: Element) -> tuple[str, str]:
    said = dict(children(element))
    login = said.get("wp:author_login", "").strip()
    return login, plain(said.get("wp:author_display_name", "")) or login


def item(element: Element) -> Item:
    said = dict(children(element))
    return Item(
        id=said.get("wp:post_id", "").strip(),
        kind=said.get("wp:post_type", "").strip(),
        status=said.get("wp:status", "").strip(),
        title=plain(said.get("title", "")),
        link=said.get("link", "").strip(),
        slug=unquote(said.get("wp:post_name", "").strip()),
        creator=said.get(CREATOR, "").strip(),
        published=moment(said),
        password=said.get("wp:post_password", "").strip(),
        body=said.get("content:encoded", ""),
        excerpt=said.get("excerpt:encoded", ""),
        file=said.get("wp:attachment_url", "").strip(),
        terms=list(terms(element)),
        meta=dict(meta(element)),
        parent=said.get("wp:post_parent", "").strip(),
        sticky=said.get("wp:is_sticky", "").strip() == "1",
        old_slugs=[value for key, value in meta(element) if key == "_wp_old_slug" and value],
        comments=sum(own_name(child) == "wp:comment" for child in element),
    )


def terms(element: Element) -> Iterator[Term]:
    for child in element.iter("category"):
        kind, slug = child.get("domain", "category"), child.get("nicename", "")
        yield Term(kind, unquote(slug), plain(child.text or ""))


def meta(element: Element) -> Iterator[tuple[str, str]]:
    for child in element:
        if own_name(child) == "wp:postmeta":
            pair = dict(children(child))
            yield pair.get("wp:meta_key", ""), pair.get("wp:meta_value", "")


def moment(said: dict[str, str]) -> dt.datetime | None:
    """When a post was published. Drafts say 0000-00-00, which is no moment.

    The first date is UTC; the second, in very old exports the only one, is read in our time zone.
    """
    for name, zone in (("wp:post_date_gmt", dt.UTC), ("wp:post_date", None)):
        try:
            found = dt.datetime.fromisoformat(said.get(name, "").strip())
        except ValueError:
            continue
        return found.replace(tzinfo=zone) if zone else timezone.make_aware(found)
    return None


def plain(words: str) -> str:
    """A title or name, which may hold HTML, on one line."""
    return " ".join(html.unescape(strip_tags(words)).split())
