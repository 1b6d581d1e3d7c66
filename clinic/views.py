"""Home, the fixed pages, health checks and error pages."""

import datetime as dt
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.cards import card as article_card
from articles.covers import cover_svg
from articles.markdown import to_plain_html
from articles.models import Article
from clinic import frame, seo, structured_data, tokens
from clinic.http import is_staff_page, public_page
from clinic.models import SiteText
from locations.models import Location
from locations.views import card as location_card
from locations.views import kept_until

ARTICLES_ON_HOME = 3
RESEARCH_ARTICLE = "ketamine-infusion-therapy-for-depression"


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Who this is for, the two next steps, the clinics with their hours, three articles."""
    now = timezone.now()
    context = home_context(frame.load_site(), now)
    response = render(request, "home.html", context)
    return kept_until(response, now, *(card.changes_at for card in context["clinic_cards"]))


def home_context(site: frame.Site, now: dt.datetime) -> dict[str, Any]:
    """The home page around these texts."""
    clinics = list(Location.objects.listed().with_calendar())
    latest = Article.objects.published().with_revisions()[:ARTICLES_ON_HOME]
    return {
        "site": site,
        "canonical": seo.absolute("/"),
        "jsonld": structured_data.home_page(clinics, site.name),
        "clinic_cards": [location_card(clinic, now) for clinic in clinics],
        "articles": [article_card(article) for article in latest],
        "research_url": research_url(),
    }


def research_url() -> str:
    """Where “What the research says” leads: the article on it, or all while it is not live."""
    if Article.objects.published().filter(slug=RESEARCH_ARTICLE).exists():
        return reverse("articles:detail", args=[RESEARCH_ARTICLE])
    return reverse("articles:index")


@require_safe
@public_page
def about(request: HttpRequest) -> HttpResponse:
    return text_page(request, "about", _("About us"), "pages/about.html")


@require_safe
@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    return text_page(request, "accessibility", _("Accessibility"), "pages/accessibility.html")


@require_safe
@public_page
def nondiscrimination(request: HttpRequest) -> HttpResponse:
    title = _("Nondiscrimination")
    return text_page(request, "nondiscrimination", title, "pages/nondiscrimination.html")


@require_safe
@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What we keep and for how long, printed from the settings that decide it."""
    return text_page(
        request,
        "privacy_practices",
        _("How we protect your privacy"),
        "pages/privacy.html",
        retention=settings.RETENTION_DAYS,
    )


def text_page(
    request: HttpRequest, field: str, title: str, template: str, **extra: object
) -> HttpResponse:
    """A page around one Markdown text of SiteText; a blank text is left out."""
    text = getattr(SiteText.objects.current(), field)
    context = text_context(text, title, request.path) | extra
    return render(request, template, context)


def text_context(text: str, title: str, path: str) -> dict[str, Any]:
    crumbs = [(_("Home"), reverse("home"))]
    return {
        "title": title,
        "text": to_plain_html(text),
        "canonical": seo.absolute(path),
        "crumbs": crumbs,
        "jsonld": seo.json_ld(seo.breadcrumb_list(crumbs, (title, path))),
    }


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Tokens, and every component with its states. In development only."""
    latest = Article.objects.published().with_revisions()[:ARTICLES_ON_HOME]
    night, day = tokens.schemes().values()
    context = {
        "colours": [(name, night[name], day[name]) for name in night],
        "contrasts": tokens.measured_side_by_side(),
        "articles": [article_card(article) for article in latest],
        "covers": [mark_safe(cover_svg(seed)) for seed in ("one", "two", "four", "seven")],
    }
    return render(request, "styleguide.html", context)


@require_safe
@public_page
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /accounts/", "Disallow: /search/"]
    lines.append(f"Sitemap: {settings.SITE_URL}/sitemap.xml")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
@public_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116); not here while nobody is named."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = timezone.now().replace(microsecond=0) + dt.timedelta(days=90)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}",
        f"Canonical: {settings.SITE_URL}{request.path}",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; it asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has every migration, else 503."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseFault:
        return HttpResponse("database does not answer\n", content_type="text/plain", status=503)
    if pending:
        return HttpResponse("migrations are missing\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


def error_page(
    request: HttpRequest,
    status: int,
    title: str,
    advice: str,
    back: tuple[str, str] | None = None,
) -> HttpResponse:
    """A page for what went wrong, with the clinics' phones and 988, database or not.

    `back` is the view that leads on, and its name; the home page unless given.
    """
    view, label = back or ("home", _("Home page"))
    context = {
        "back": {"url": reverse(view), "label": label},
        "site": frame.site_or_remembered(),
        "status": status,
        "title": title,
        "advice": advice,
    }
    response = render(request, "error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return error_page(
        request,
        400,
        _("We could not read that"),
        _("Something in the address or the form was not text. Go back and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For people who are signed in and opened what their account may not."""
    return error_page(
        request,
        403,
        _("Your account may not open this"),
        _("If your work needs it, ask whoever made your account."),
        back=("admin:index", _("Staff home")) if is_staff_page(request) else None,
    )


def not_from_here(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For what another site sent, or a page of ours that was open too long."""
    return error_page(
        request,
        403,
        _("This was not sent from our own page"),
        _("Open the page again and send it from there. If you work here, sign in again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Sends readers of the former site on to where an article is now; else a page of its own."""
    address = None if is_staff_page(request) else present_address(request.path)
    if address:
        return HttpResponsePermanentRedirect(address)
    return error_page(
        request,
        404,
        _("This page is not here"),
        _("It may have moved. Search for it, or start again from the home page."),
    )


def present_address(path: str) -> str | None:
    """Where the public article is now that the former site had at this path."""
    try:
        article = Article.objects.published().formerly_at(path).first()
    except DatabaseFault:
        return None
    return article.get_absolute_url() if article else None


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        405,
        _("This page does not take that"),
        _("Open the page again and start from there."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        413,
        _("That was too much to send at once"),
        _("Go back and shorten what you wrote, then send it again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """For what no view caught; a database that went away under a middleware is 503."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return unavailable(request)
    return error_page(
        request,
        500,
        _("Something went wrong on our side"),
        _("It is not your fault. Please try again in a few minutes, or call us."),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    response = error_page(
        request,
        503,
        _("We cannot do that right now"),
        _("Please try again in a few minutes, or call us."),
    )
    response["Retry-After"] = "120"
    return response
