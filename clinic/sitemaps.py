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
from clinic.models import SiteText
from locations.models import Location, Service

TEXT_PAGES = ("about", "privacy", "accessibility", "nondiscrimination", "consults:request")
ARTICLE_LISTS = ("articles:index", "articles:topics")


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
    """A list changed when the newest of what it lists did; the home page lists everything."""
    texts = SiteText.objects.current().saved_at
    clinics = [
        Entry(clinic.get_absolute_url(), clinic.page_changed_at)
        for clinic in Location.objects.listed()
    ]
    services = [
        Entry(service.get_absolute_url(), service.changed_at)
        for service in Service.objects.listed()
    ]
    readings = [Entry(path, changed) for path, changed in articles.sitemaps.entries()]
    yield Entry(reverse("home"), newest(*clinics, *readings, at_least=texts))
    yield Entry(reverse("locations:index"), newest(*clinics, at_least=texts))
    yield Entry(reverse("services:index"), newest(*services, at_least=texts))
    for name in ARTICLE_LISTS:
        yield Entry(reverse(name), newest(*readings, at_least=texts))
    for name in TEXT_PAGES:
        yield Entry(reverse(name), texts)
    yield from [*clinics, *services, *readings]


def newest(*entries: Entry, at_least: dt.datetime | None) -> dt.datetime | None:
    moments = [entry.changed for entry in entries] + [at_least]
    return max((moment for moment in moments if moment is not None), default=None)


@require_safe
@cache_control(public=True, max_age=60)
def sitemap(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = print_sitemap(request, {"pages": PublicPages})
    return response
