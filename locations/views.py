"""The clinics and what they offer, as visitors see them."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.covers import cover_svg
from articles.markdown import to_plain_html
from clinic import seo
from clinic.http import public_page
from clinic.models import SiteText
from locations.calendar import Calendar
from locations.facts import offer_at, offers_of
from locations.hours import other_days, usual_week
from locations.maps import map_svg
from locations.models import Location, Service
from locations.structured_data import medical_clinic

RELATED_ARTICLES = 3


@dataclass(frozen=True)
class ClinicCard:
    """One clinic in the list."""

    clinic: Location
    opening: str
    shut: bool
    changes_at: dt.datetime

    @property
    def cannot_be_called_now(self) -> bool:
        """Known to be closed; of a clinic whose hours nobody gave, nothing is known."""
        is_coming = self.clinic.state == Location.State.COMING
        return is_coming or bool(self.opening and self.shut)


@dataclass(frozen=True)
class ServiceCard:
    """One service in the list."""

    service: Service
    cover: SafeString


@require_safe
@public_page
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    cards = [card(clinic, now) for clinic in Location.objects.listed().with_calendar()]
    context = {
        "section": "locations",
        "canonical": seo.absolute(request.path),
        "crumbs": [(_("Home"), "/")],
        "cards": cards,
        "all_closed": bool(cards) and all(card.cannot_be_called_now for card in cards),
    }
    response = render(request, "locations/index.html", context)
    return kept_until(response, now, *(card.changes_at for card in cards))


def card(clinic: Location, now: dt.datetime) -> ClinicCard:
    calendar = Calendar.of(clinic)
    return ClinicCard(
        clinic, calendar.opening_line(now), not calendar.is_open(now), calendar.next_change(now)
    )


def kept_until(response: HttpResponse, now: dt.datetime, *moments: dt.datetime) -> HttpResponse:
    """Keeps a page that says “open until 5 p.m.” from being shown at 5 p.m.

    A public page may be kept for a minute; close to the first of these moments, for less.
    """
    seconds = [int((moment - now).total_seconds()) for moment in moments]
    if seconds and min(seconds) < 60:
        patch_cache_control(response, max_age=min(seconds))
    return response


@require_safe
@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A clinic: where it is, when it is open, what it offers. 404 once closed for good."""
    clinic = get_object_or_404(Location.objects.listed().with_calendar(), slug=slug)
    calendar, now = Calendar.of(clinic), timezone.now()
    today = now.astimezone(clinic.zone).date()
    site_name = SiteText.objects.current().name
    days = other_days(calendar, today)
    crumbs = [(_("Home"), "/"), (_("Locations"), reverse("locations:index"))]
    here = (clinic.name, clinic.get_absolute_url())
    node = medical_clinic(clinic, calendar, days, site_name)
    nodes = [seo.breadcrumb_list(crumbs, here), *([node] if node else [])]
    context = {
        "section": "locations",
        "canonical": seo.absolute(clinic.get_absolute_url()),
        "title": f"{clinic.practice_name}, {clinic.name}",
        "description": seo.description(describe(clinic, calendar)),
        "json_ld": seo.json_ld({"@graph": nodes}),
        "crumbs": crumbs,
        "clinic": clinic,
        "is_coming": clinic.state == Location.State.COMING,
        "consult_url": consult_url(clinic),
        "opening": calendar.opening_line(now),
        "shut": not calendar.is_open(now),
        "week": usual_week(calendar, today),
        "other_days": days,
        "offers": [offer_at(row, clinic) for row in clinic.services.listed().with_facts()],
        "map": map_svg(clinic),
        "map_links": map_links(clinic),
    }
    response = render(request, "locations/detail.html", context)
    return kept_until(response, now, calendar.next_change(now))


def describe(clinic: Location, calendar: Calendar) -> str:
    """One sentence from what the page holds; 50 to 160 characters for any clinic."""
    holds = [
        _("address") if clinic.street else "",
        _("phone") if clinic.phone else "",
        _("hours") if calendar.has_known_hours else "",
    ]
    return _("%(practice)s in %(town)s, %(state)s: %(holds)s and how to ask for a consult.") % {
        "practice": clinic.practice_name,
        "town": clinic.name,
        "state": clinic.region,
        "holds": ", ".join([word for word in holds if word] or [_("what we offer")]),
    }


def consult_url(clinic: Location) -> str:
    """The form with this clinic already chosen; empty while it takes no requests."""
    if not clinic.takes_requests():
        return ""
    return f"{reverse('consults:request')}?{urlencode({'clinic': clinic.slug})}"


def map_links(clinic: Location) -> list[tuple[str, str]]:
    """Maps by name and address: plain links, nothing is loaded until someone follows one."""
    if not clinic.street:
        return []
    # “# 1B” is a suite to a person and noise to a map.
    street = clinic.street.split("#")[0].strip()
    place = f"{street}, {clinic.city}, {clinic.region} {clinic.postal_code}".strip()
    maps = {
        "OpenStreetMap": ("https://www.openstreetmap.org/search", {"query": place}),
        "Google Maps": ("https://www.google.com/maps/search/", {"api": "1", "query": place}),
        "Apple Maps": ("https://maps.apple.com/", {"q": place}),
    }
    return [(name, f"{address}?{urlencode(query)}") for name, (address, query) in maps.items()]


@require_safe
@public_page
def services(request: HttpRequest) -> HttpResponse:
    context = {
        "section": "services",
        "canonical": seo.absolute(request.path),
        "crumbs": [(_("Home"), "/")],
        "cards": [
            ServiceCard(service, illustration(service))
            for service in Service.objects.listed().with_offers()
        ],
    }
    return render(request, "locations/services.html", context)


@require_safe
@public_page
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is, its regulatory status, where it is offered, what to read about it."""
    service = get_object_or_404(Service.objects.listed().with_offers().with_facts(), slug=slug)
    crumbs = [(_("Home"), "/"), (_("Services"), reverse("services:index"))]
    here = (service.name, service.get_absolute_url())
    context = {
        "section": "services",
        "canonical": seo.absolute(service.get_absolute_url()),
        "title": service.name,
        "description": seo.description(service.description),
        "json_ld": seo.json_ld(seo.breadcrumb_list(crumbs, here)),
        "crumbs": crumbs,
        "service": service,
        "cover": illustration(service),
        "offers": offers_of(service),
        "body": to_plain_html(service.body),
        "related": service.related_articles()[:RELATED_ARTICLES],
    }
    return render(request, "locations/service.html", context)


def illustration(service: Service) -> SafeString:
    return mark_safe(cover_svg(f"service {service.slug}"))
