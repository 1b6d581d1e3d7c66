"""Home, the fixed pages, health checks and error pages."""

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic import frame


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
