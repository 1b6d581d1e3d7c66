"""The pages of errors, most of which nobody can provoke through a browser."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from clinic import views

ErrorView = Callable[[HttpRequest], HttpResponse]

ERROR_VIEWS: dict[str, ErrorView] = {
    "error 400": views.bad_request,
    "error 403": views.forbidden,
    "error 404": views.not_found,
    "error 405": views.method_not_allowed,
    "error 413": views.too_large,
    "error 500": views.server_error,
    "error 503": views.unavailable,
}


def error_response(view: ErrorView) -> HttpResponse:
    request = RequestFactory().get("/error/")
    request.user, request.session = AnonymousUser(), SessionStore()
    return view(request)
