"""Home, the fixed pages, health checks and error pages."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from articles.covers import cover_svg
from articles.models import Article
from clinic import frame
from clinic.models import SiteText
from locations.calendar import Calendar
from locations.models import Location

public_page = cache_control(public=True, max_age=60)

ARTICLES_ON_HOME = 3


@dataclass(frozen=True)
class ClinicCard:
    clinic: Location
    opening: str  # "open until 5 p.m."; empty while the hours are not known
    shut: bool


@dataclass(frozen=True)
class ArticleCard:
    title: str
    url: str
    summary_text: str
    topic_name: str
    published_at: dt.datetime | None
    reading_minutes: int
    cover: SafeString


def clinic_card(clinic: Location) -> ClinicCard:
    calendar, now = Calendar.of(clinic), timezone.now()
    return ClinicCard(clinic, calendar.opening_line(now), not calendar.is_open(now))


def article_card(article: Article) -> ArticleCard:
    revision = article.revision
    return ArticleCard(
        title=revision.title,
        url=article.get_absolute_url(),
        summary_text=revision.description,
        topic_name=article.topic.name,
        published_at=article.published_at,
        reading_minutes=revision.rendered.get("minutes", 0),
        cover=mark_safe(cover_svg(article.slug)),
    )


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Who this is for, the two next steps, the clinics with their hours, three articles."""
    clinics = Location.objects.listed().with_calendar()
    latest = Article.objects.published().with_revisions()[:ARTICLES_ON_HOME]
    context = {
        "canonical": f"{settings.SITE_URL}/",
        "clinic_cards": [clinic_card(clinic) for clinic in clinics],
        "articles": [article_card(article) for article in latest],
    }
    return render(request, "home.html", context)


@require_safe
@public_page
def about(request: HttpRequest) -> HttpResponse:
    return text_page(request, "about", _("About us"))


@require_safe
@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    return text_page(request, "accessibility", _("Accessibility"))


@require_safe
@public_page
def nondiscrimination(request: HttpRequest) -> HttpResponse:
    return text_page(request, "nondiscrimination", _("Nondiscrimination and language help"))


@require_safe
@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What we keep and for how long, printed from the settings that decide it."""
    return text_page(
        request,
        "privacy_practices",
        _("How we protect your privacy"),
        retention=settings.RETENTION_DAYS,
    )


def text_page(request: HttpRequest, field: str, title: str, **extra: object) -> HttpResponse:
    """A page around one Markdown text of SiteText; a blank text is left out."""
    text = getattr(SiteText.objects.current(), field)
    context = {
        "title": title,
        "text": text,
        "canonical": f"{settings.SITE_URL}{request.path}",
        **extra,
    }
    return render(request, f"pages/{request.resolver_match.url_name}.html", context)


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
    except DatabaseError:
        return HttpResponse("database does not answer\n", content_type="text/plain", status=503)
    if pending:
        return HttpResponse("migrations are missing\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


def error_page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    """A page for what went wrong, with the clinics' phones and 988, database or not."""
    context = {
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


def forbidden(
    request: HttpRequest, exception: Exception | None = None, reason: str = ""
) -> HttpResponse:
    return error_page(
        request,
        403,
        _("This was not sent from our own page"),
        _("Open the page again and send it from there. If you work here, sign in again."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        404,
        _("This page is not here"),
        _("It may have moved. Search for it, or start again from the home page."),
    )


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
