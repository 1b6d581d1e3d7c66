"""Links in a text that lead nowhere on our own site."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from markdown_it.token import Token

from articles.tokens import walk

# A page that was there a minute ago is there: a text is looked at every few seconds.
REMEMBERED_SECONDS = 60
STAFF = ("/admin/", "/accounts/")
# A text with more links than this is looked at as far as here.
MOST_LINKS = 60


@dataclass(frozen=True)
class BrokenLink:
    href: str
    message: str


def broken_links(
    request: HttpRequest, tokens: Sequence[Token], anchors: set[str]
) -> Iterator[BrokenLink]:
    """Links of a text that lead nowhere; `anchors` are the places within its own page."""
    hrefs = [str(token.attrs["href"]) for token in walk(tokens) if token.type == "link_open"]
    for href in list(dict.fromkeys(hrefs))[:MOST_LINKS]:
        message = problem(request, href, anchors)
        if message:
            yield BrokenLink(href, message)


def problem(request: HttpRequest, href: str, anchors: set[str]) -> str:
    """What is wrong with a link, or nothing."""
    href = href.removeprefix(settings.SITE_URL)
    address, anchor = urldefrag(href)
    if not address:
        missing = _("There is no part “#%(anchor)s” in this article.") % {"anchor": anchor}
        return "" if anchor in anchors else missing
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return ""
    if not parts.path.startswith("/"):
        return _("Begin it with https:// or, for a page of this site, with a slash.")
    if parts.path.startswith(STAFF):
        return _("Readers cannot open pages of the staff site.")
    key = f"articles.links:{parts.path}"
    known: str | None = cache.get(key)
    if known is None:
        known = problem_with_page(request, parts.path)
        cache.set(key, known, REMEMBERED_SECONDS)
    return known


def problem_with_page(request: HttpRequest, path: str) -> str:
    """Asks for the page as a reader would, and says what they would get instead of it."""
    try:
        found = resolve(path)
        response = found.func(as_reader(request, path), *found.args, **found.kwargs)
    except (Resolver404, Http404):
        return _("There is no such page on the site. An article that is not live yet is none.")
    if response.status_code in {301, 302, 308}:
        return _("This page has moved: link to %(address)s.") % {"address": response["Location"]}
    return "" if response.status_code == 200 else _("Readers get no page there.")


def as_reader(request: HttpRequest, path: str) -> HttpRequest:
    asked = HttpRequest()
    asked.method, asked.path, asked.path_info = "GET", path, path
    asked.META = {
        "SERVER_NAME": request.META.get("SERVER_NAME", ""),
        "SERVER_PORT": request.META.get("SERVER_PORT", ""),
        "HTTP_HOST": request.get_host(),
        "REMOTE_ADDR": "",
    }
    asked.user, asked.session = AnonymousUser(), SessionBase()
    return asked
