"""Every address of the site, read from the URLconf, so that a new one cannot escape a sweep."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from articles.models import Article, Picture
from clinic.models import User
from consults import tokens
from consults.models import ConsultRequest

STAFF = ("admin/", "accounts/")


def patterns(
    resolver: URLResolver | None = None, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str]]:
    """(route, name) of each view, namespaces included: ("articles/<slug:slug>/", …)."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, route, inner)
        elif isinstance(entry, URLPattern):
            yield route, f"{namespace}{entry.name}"


def public_names() -> list[str]:
    """The names of all views outside the staff site."""
    return sorted(name for route, name in patterns() if not route.startswith(STAFF))


def article() -> Article:
    return Article.objects.published().with_revisions()[0]


def author_slug() -> str:
    author = article().revision.author
    assert author
    return author.slug


def request_link(purpose: str) -> list[str]:
    return [tokens.link(ConsultRequest.objects.all()[0].pk, purpose)]


def draft_token() -> list[str]:
    link = article().revision.draft_links.create(created_by=User.objects.all()[0])
    return [link.get_absolute_url().rstrip("/").rpartition("/")[2]]


def picture_name() -> list[str]:
    """Of a picture made for this: the demo has none."""
    key = "address-of-a-picture"
    picture = Picture.objects.filter(key=key).first() or Picture(key=key, alt="A plain colour.")
    picture.take_in(Image.new("RGB", (300, 200), "#84490a"))
    picture.save()
    return [picture.name(300, "webp")]


# What each address with a part to fill in is filled with. A new one fails the sweep until it is
# here.
FILLED: dict[str, Callable[[], list[str]]] = {
    "articles:detail": lambda: [article().slug],
    "articles:picture": picture_name,
    "articles:share_picture": lambda: [article().slug],
    "articles:topic": lambda: [article().topic.slug],
    "articles:person": lambda: [author_slug()],
    "articles:draft": draft_token,
    "services:detail": lambda: ["ketamine-infusion-therapy"],
    "locations:detail": lambda: ["opelika"],
    "consults:again": lambda: request_link("received"),
    "consults:received": lambda: request_link("received"),
    "consults:withdraw": lambda: request_link("withdraw"),
}
NOT_PAGES = {
    "livez",
    "readyz",
    "sitemap",
    "articles:feed",
    "articles:feed_rss",
    "articles:picture",
    "articles:share_picture",
    "robots",
    "security_txt",
    "suggest",
}
# Pages that no search engine lists, and the style guide of developers.
UNLISTED = NOT_PAGES | {
    "articles:draft",
    "consults:again",
    "consults:received",
    "consults:withdraw",
    "styleguide",
}


def addresses() -> dict[str, str]:
    """Name and address of every public view."""
    return {name: reverse(name, args=FILLED.get(name, list)()) for name in public_names()}


def public_pages() -> set[str]:
    """The addresses of addresses() that answer with a page."""
    return {address for name, address in addresses().items() if name not in NOT_PAGES}


def site_map_addresses() -> set[str]:
    """Every page that search engines are told of: every article, service, clinic."""
    site_map = Client().get("/sitemap.xml").content.decode()
    return {urlsplit(part.split("</loc>")[0]).path for part in site_map.split("<loc>")[1:]}
