"""The public pages of a request: the form, its confirmation, withdrawal. No cookie, no session."""

import contextlib
import datetime as dt
import functools
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from clinic import frame, safety
from clinic.http import cookie_free_post, database_facts
from consults import confirmation, consent, intake, retention, spam, tokens, triage
from consults.forms import MINOR, ConsultForm
from consults.models import ConsultRequest
from locations.models import Location

log = logging.getLogger("clinic.requests")
View = Callable[..., HttpResponse]

KEPT_AFTER_PROMISE = dt.timedelta(days=30)
no_store = cache_control(no_store=True)


def no_index(view: View) -> View:
    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapper


# --- The form -----------------------------------------------------------------------------------


@cookie_free_post
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
def request_consult(request: HttpRequest) -> HttpResponse:
    """Shows the form, or takes it. What was typed comes back with every answer but success."""
    if request.method != "POST":
        return _blank(request)
    try:
        return _take(request)
    except DatabaseFault as error:
        log.error("database", extra=database_facts(error, request))
        return _unavailable(request)


def _blank(request: HttpRequest) -> HttpResponse:
    initial = {"clinic": request.GET.get("clinic", ""), "from": request.GET.get("from", "")}
    form = ConsultForm(_clinics(), initial=initial)
    return _page(request, form, tokens.FormToken.new())


@require_safe
@no_store
@no_index
def ask_again(request: HttpRequest, token: str) -> HttpResponse:
    """A fresh form for whoever finds their confirmation wrong; staff are shown the two together.

    Which request that was stands in the form's signed token, and in no address but its own.
    """
    consult = _find_confirmed(token)
    form = ConsultForm(_clinics(), initial={"clinic": consult.location.slug})
    return _page(request, form, tokens.FormToken.new(follows=consult.pk.hex))


def _take(request: HttpRequest) -> HttpResponse:
    clinics, token = _clinics(), tokens.FormToken.read(request.POST.get("token", ""))
    if request.is_cross_origin:  # type: ignore[attr-defined]
        return _page(request, ConsultForm.filled(clinics, request.POST), None, "elsewhere", 403)
    if request.POST.get("for_whom") == MINOR:
        return _next_steps(request)
    form = ConsultForm(clinics, request.POST)
    if not form.is_valid():
        return _page(request, form, token, status=422)
    if token is None:
        return _page(request, form, None, "again", 422)
    signals = spam.signals(request, token, form.cleaned_data["name"])
    consult = intake.receive(form.cleaned_data, token.nonce, signals, token.follows)
    spam.note_use(token)
    return redirect("consults:received", tokens.link(consult.pk, "received"))


def _clinics() -> list[Location]:
    return list(Location.objects.listed())


def _page(
    request: HttpRequest,
    form: ConsultForm,
    token: tokens.FormToken | None,
    notice: str = "",
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    """The form. `token` is what it was sent with, if that still counts; `notice` says why again."""
    is_first = status == 200
    token = token or tokens.FormToken.new()
    context = {
        "form": form,
        "token": (token if is_first else token.shown_again()).signed(),
        "trap": spam.TRAP_FIELD,
        "consent": consent.CURRENT,
        "notice": notice,
        "retention": settings.RETENTION_DAYS,
        "canonical": f"{settings.SITE_URL}/consult/" if is_first else "",
        **extra,
    }
    return render(request, "consults/request.html", context, status=status)


def _next_steps(request: HttpRequest) -> HttpResponse:
    """For someone under 18. Nothing of what was typed is kept."""
    is_urgent = safety.reads_like_crisis(request.POST.get("question", ""))
    response = render(request, "consults/under_18.html", {"crisis_first": is_urgent})
    response["X-Robots-Tag"] = "noindex"
    return response


def _unavailable(request: HttpRequest) -> HttpResponse:
    """The form with everything typed, while the database does not answer."""
    site = frame.remembered_site()
    form = ConsultForm.filled([_as_location(clinic) for clinic in site.clinics], request.POST)
    token = tokens.FormToken.read(request.POST.get("token", ""))
    response = _page(request, form, token, "unavailable", 503, site=site)
    response["Retry-After"] = "120"
    return response


def _as_location(clinic: frame.Clinic) -> Location:
    """A clinic as last known. Whether it texts is not in that file: offered, and judged later."""
    return Location(
        slug=clinic.slug,
        name=clinic.name,
        city=clinic.city,
        region=clinic.region,
        area=clinic.area,
        state=clinic.state,
        phone=clinic.phone,
        texting_phone=clinic.phone,
        time_zone=settings.TIME_ZONE,
    )


# --- The confirmation ---------------------------------------------------------------------------


@require_safe
@no_store
@no_index
def received(request: HttpRequest, token: str) -> HttpResponse:
    """What happens next and by when. Open to whoever has the address, for a while."""
    consult = _find_confirmed(token)
    context = {
        "consult": consult,
        "token": token,
        "told": confirmation.Told(consult),
        "withdraw_token": tokens.link(consult.pk, "withdraw"),
        "retention": settings.RETENTION_DAYS,
    }
    return render(request, "consults/received.html", context)


def _find_confirmed(token: str) -> ConsultRequest:
    """Raises Http404 also when the confirmation's time is over, or what was written is erased."""
    consult = _find(token, "received")
    if consult.erased_at or timezone.now() > consult.promised_by + KEPT_AFTER_PROMISE:
        raise Http404
    return consult


def _find(token: str, purpose: str) -> ConsultRequest:
    """Raises Http404 for an address that we did not make, or whose request is gone."""
    key = tokens.read_link(token, purpose)
    if key is None:
        raise Http404
    return get_object_or_404(ConsultRequest.objects.select_related("location"), pk=key)


# --- Withdrawal ---------------------------------------------------------------------------------


@cookie_free_post
@require_http_methods(["GET", "HEAD", "POST"])
@no_store
@no_index
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Asks once, then ends contact; after that offers to erase at once. A GET changes nothing."""
    consult = _find(token, "withdraw")
    if request.method != "POST":
        return _withdrawal(request, consult, token)
    if request.is_cross_origin:  # type: ignore[attr-defined]
        return _withdrawal(request, consult, token, status=403)
    if "erase" in request.POST:
        _erase(consult)
    else:
        _withdraw(consult)
    return redirect("consults:withdraw", token)


def _withdrawal(
    request: HttpRequest, consult: ConsultRequest, token: str, status: int = 200
) -> HttpResponse:
    context = {"consult": consult, "token": token, "came_from_elsewhere": status == 403}
    return render(request, "consults/withdraw.html", context, status=status)


def _withdraw(consult: ConsultRequest) -> None:
    with contextlib.suppress(triage.NotAllowed):  # withdrawn before: the page says so
        triage.withdraw(consult)


def _erase(consult: ConsultRequest) -> None:
    """Erases what a person withdrew, unless a safety flag still needs someone to look."""
    with transaction.atomic():
        row = ConsultRequest.objects.select_for_update().get(pk=consult.pk)
        if row.may_be_erased_by_person:
            retention.erase(row)
