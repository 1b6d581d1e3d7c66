"""What views and middleware ask of a request, and the marks a public view carries.

This is ground: it knows no app.
"""

import functools
import ipaddress
import unicodedata
from collections.abc import Callable
from fnmatch import fnmatch
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.headers import Headers

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from clinic.logs import masked_path

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
STAFF_PREFIXES = ("/admin/", "/accounts/")

# Anyone may keep a public page for a minute; what it says about "open now" is never older.
public_page = cache_control(public=True, max_age=60)


def is_staff_page(request: HttpRequest) -> bool:
    """True for the pages that have a session. Every other page is public and sets no cookie."""
    return request.path.startswith(STAFF_PREFIXES)


def let_sharers_fetch(headers: Headers, path: str, url: str) -> None:
    """For WhiteNoise: the picture that a shared link shows is the one file other sites may show.

    Every other file keeps `same-origin`, which clinic.middleware.extra_headers sets.
    """
    if fnmatch(url, f"{settings.STATIC_URL}img/share*.png"):
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def is_about(request: HttpRequest, treatment_id: int | None) -> None:
    """Says which treatment the page is about.

    The page frame then brings what the clinics confirmed about it, which the view that knows the
    treatment cannot ask for: articles know no clinics.
    """
    request.treatment_id = treatment_id  # type: ignore[attr-defined]


def treatment_of(request: HttpRequest) -> int | None:
    """The key of the treatment that the page is about; None for most pages."""
    return getattr(request, "treatment_id", None)


def has_control_characters(text: str, *, allowed: str = "") -> bool:
    return any(unicodedata.category(char) == "Cc" and char not in allowed for char in text)


def is_cross_origin(request: HttpRequest) -> bool:
    """Whether another site sent this unsafe request.

    Judged by Sec-Fetch-Site, then by Origin against our own host; a request with neither comes from
    no current browser and passes (the rule of Go 1.25's CrossOriginProtection).
    """
    if request.method in SAFE_METHODS:
        return False
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.get_host().lower()
    except ValueError:  # no address at all, such as http://[::1
        return True


def client_address(request: HttpRequest) -> str:
    """The visitor's address: the last one in X-Forwarded-For that no trusted proxy added.

    Without a trusted proxy it is the peer's. Used for keyed hourly counts only; never stored.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return peer
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    for address in [peer, *reversed(hops)]:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            break
        if address not in settings.TRUSTED_PROXIES:
            return address
    return peer


def cookie_free_post(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Marks a public view that takes POSTs without a cookie, and enters it in the one list.

    Django's token does not cover it (there is no session to protect); the cross-origin check does,
    and the view answers for itself so that what was typed is kept.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        refuse_what_is_no_text(request)
        return view(request, *args, **kwargs)

    wrapper.csrf_exempt = True  # type: ignore[attr-defined]
    wrapper.answers_cross_origin_itself = True  # type: ignore[attr-defined]
    COOKIE_FREE_POST_VIEWS.append(f"{view.__module__}.{view.__name__}")
    return wrapper


def refuse_what_is_no_text(request: HttpRequest) -> None:
    """Raises BadRequest for a form that is not UTF-8.

    Django would put a mark in the place of each such byte, and store what nobody wrote.
    """
    if request.method in SAFE_METHODS:
        return
    body = request.body
    if request.content_type == "application/x-www-form-urlencoded":
        body = unquote_to_bytes(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        raise BadRequest("The form is not text.") from None


COOKIE_FREE_POST_VIEWS: list[str] = []


def database_facts(error: DatabaseFault, request: HttpRequest) -> dict[str, object]:
    """The state and constraint of a database error; never its text, which holds the values."""
    cause = error.__cause__
    diagnostics = getattr(cause, "diag", None)
    return {
        "request_id": getattr(request, "id", ""),
        "path": masked_path(request.path),
        "kind": type(error).__name__,
        "sqlstate": getattr(cause, "pgcode", None),
        "constraint": getattr(diagnostics, "constraint_name", None),
    }
