"""/sitemap.xml: exactly the public pages worth finding, each with when it last changed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as print_sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

import articles.sitemaps
from articles.models import Article
from clinic.models import SiteText
from locations.models import Location, Service

TEXT_PAGES = (
    "about", "privacy", "accessibility", "nondiscrimination", "consults:request",
    "locations:index", "services:index",
)  # fmt: skip
LIST_PAGES = ("home", "articles:index", "articles:topics")


@dataclass(frozen=True)
class Entry:
    path: str
    changed: dt.datetime | None


class PublicPages(Sitemap):
    """Addresses come from SITE_URL, never from the request's Host header."""

    def items(self) -> list[Entry]:
        return list(entries())

    def location(self, item: Entry) -> str:
        return item.path

    def lastmod(self, item: Entry) -> dt.datetime | None:
        return item.changed

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


def entries() -> Iterator[Entry]:
    texts, newest = SiteText.objects.current(), Article.objects.published().first()
    for name in LIST_PAGES:
        yield Entry(reverse(name), newest.published_at if newest else texts.saved_at)
    for name in TEXT_PAGES:
        yield Entry(reverse(name), texts.saved_at)
    # Nothing on file says when a clinic or service last changed.
    for clinic in Location.objects.listed():
        yield Entry(clinic.get_absolute_url(), None)
    for service in Service.objects.listed():
        yield Entry(service.get_absolute_url(), None)
    for path, changed in articles.sitemaps.entries():
        yield Entry(path, changed)


@require_safe
@cache_control(public=True, max_age=60)
def sitemap(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = print_sitemap(request, {"pages": PublicPages})
    return response
