"""The few rules that every request obeys."""

import logging
import secrets
import time
import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from clinic import patience, views
from clinic.http import database_facts, has_control_characters, is_cross_origin, is_staff_page
from clinic.logs import masked_path

log = logging.getLogger("clinic.requests")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def request_id(get_response: GetResponse) -> GetResponse:
    """Gives each request an id, and logs method, path, status and time; nothing else of it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]
        started = time.perf_counter()
        response = get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        log.info(
            "request",
            extra={
                "request_id": request.id,  # type: ignore[attr-defined]
                "method": request.method,
                "path": masked_path(request.path),
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000),
            },
        )
        return response

    return middleware


def database_patience(get_response: GetResponse) -> GetResponse:
    """Lets a page wait for the database only so long in all (settings.DATABASE_PATIENCE)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with patience.limited_to(settings.DATABASE_PATIENCE):
            return get_response(request)

    return middleware


class ErrorPages:
    """Gives every refusal a page with the clinics' phones and 988.

    Django has no page for 405 and answers 500 to a database that is away; both get ours here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = views.method_not_allowed(request)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError | InterfaceError):
            log.error("database", extra=database_facts(exception, request))
            return views.unavailable(request)
        return None


error_pages = ErrorPages


def extra_headers(get_response: GetResponse) -> GetResponse:
    """Headers that Django's SecurityMiddleware does not know."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        )
        return response

    return middleware


def refuse_control_characters(get_response: GetResponse) -> GetResponse:
    """Answers 400 to bytes that are no text and to control characters in an address or cookie.

    PostgreSQL answers a NUL with an error; nobody types one.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        try:
            parts = [unquote_to_bytes(query.replace("+", " ")).decode(), request.path]
            parts += request.COOKIES.values()
        except UnicodeDecodeError:
            return views.bad_request(request)
        allowed = "\t\r\n"
        if any(has_control_characters(part, allowed=allowed) for part in parts):
            return views.bad_request(request)
        return get_response(request)

    return middleware


def refuse_cross_origin(get_response: GetResponse) -> GetResponse:
    """Answers 403 to an unsafe request that another site sent.

    A view in COOKIE_FREE_POST_VIEWS answers for itself, because it owes the visitor what they
    typed: it finds the verdict in `request.is_cross_origin`.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.is_cross_origin = is_cross_origin(request)  # type: ignore[attr-defined]
        return get_response(request)

    def process_view(
        request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        answers_itself = getattr(view, "answers_cross_origin_itself", False)
        if request.is_cross_origin and not answers_itself:  # type: ignore[attr-defined]
            return views.not_from_here(request)
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


class StaffSessionMiddleware(SessionMiddleware):
    """Sessions for staff pages only. A public page has an empty one that is never saved."""

    def process_request(self, request: HttpRequest) -> None:
        if is_staff_page(request):
            super().process_request(request)
        else:
            request.session = self.SessionStore()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_staff_page(request):
            add_never_cache_headers(response)
            return super().process_response(request, response)
        response.cookies.clear()
        return response


def staff_time_zone(get_response: GetResponse) -> GetResponse:
    """Shows staff pages in the user's own time zone."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not (is_staff_page(request) and request.user.is_authenticated):
            return get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return get_response(request)

    return middleware
