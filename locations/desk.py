"""The staff's screen for hours: today, the year's federal holidays, and runs of days.

Leads decide for the clinics they lead, site administrators for all. Every change stands in the
clinic's history with who made it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.models import User
from locations.calendar import Calendar
from locations.forms import HolidayForm, RunOfDaysForm, day_words, holiday_forms, listed, words
from locations.models import Location, LocationQuerySet, SpecialDay
from locations.opening import Decision

YEARS = 2  # this one and the next: holidays are decided in autumn

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Today:
    """A clinic and whether it is open now, for the button."""

    clinic: Location
    words: str


@dataclass(frozen=True)
class Chosen:
    """What the screen is about: a year, and the clinics a decision is for."""

    year: int
    clinics: list[Location]
    mine: list[Location]

    @property
    def is_one(self) -> bool:
        return len(self.clinics) == 1 < len(self.mine)

    @property
    def address(self) -> str:
        return hours_url(self.year, self.clinics[0].slug if self.is_one else "")

    @property
    def years(self) -> list[tuple[int, str]]:
        slug = self.clinics[0].slug if self.is_one else ""
        first = timezone.localdate().year
        return [(year, hours_url(year, slug)) for year in range(first, first + YEARS)]

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Name, address and whether chosen: all the clinics at once, or one of them."""
        if len(self.mine) < 2:
            return []
        every = (_("All clinics at once"), hours_url(self.year), not self.is_one)
        return [
            every,
            *(
                (one.name, hours_url(self.year, one.slug), self.is_one and one in self.clinics)
                for one in self.mine
            ),
        ]


def hours_url(year: int | None = None, slug: str = "") -> str:
    query = {"year": year, "clinic": slug}
    given = urlencode({name: value for name, value in query.items() if value})
    return reverse("admin:locations_location_hours") + (f"?{given}" if given else "")


def for_leads(view: View) -> View:
    """Answers 403 to those who may change no clinic's hours."""

    @wraps(view)
    def guarded(model_admin: ModelAdmin, request: HttpRequest, **parts: Any) -> HttpResponse:
        if not model_admin.has_change_permission(request):
            raise PermissionDenied
        return view(request, model_admin, **parts)

    return guarded


def mine(request: HttpRequest) -> LocationQuerySet:
    """The clinics whose hours this person decides; those closed for good have none."""
    return Location.objects.listed().changeable_by(cast(User, request.user)).with_calendar()


def chosen(request: HttpRequest) -> Chosen:
    """Raises Http404 for a year or a clinic that is not theirs to decide."""
    this_year = timezone.localdate().year
    year, slug = request.GET.get("year", str(this_year)), request.GET.get("clinic")
    if year not in {str(this_year + n) for n in range(YEARS)}:
        raise Http404
    clinics = list(mine(request))
    picked = [one for one in clinics if one.slug == slug] if slug else clinics
    if slug and not picked:
        raise Http404
    return Chosen(int(year), picked, clinics)


# --- The screen ---------------------------------------------------------------------------------


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Shows the screen, and takes what was decided about holidays."""
    about = chosen(request)
    posted = request.POST if request.method == "POST" else None
    forms = holiday_forms(about.year, timezone.localdate(), about.clinics, posted)
    if posted is None:
        return screen(request, model_admin, about, forms)
    if not all(form.is_valid() for form in forms):
        return screen(request, model_admin, about, forms, status=422)
    changed = [form.decision() for form in forms if form.has_changed()]
    decide(request, model_admin, about.clinics, changed)
    return redirect(about.address)


@for_leads
@require_POST
def run_of_days(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Takes a day or a run of days."""
    about, form = chosen(request), RunOfDaysForm(request.POST, prefix="run")
    if not form.is_valid():
        forms = holiday_forms(about.year, timezone.localdate(), about.clinics)
        return screen(request, model_admin, about, forms, form, status=422)
    decide(request, model_admin, about.clinics, [form.decision()])
    return redirect(about.address)


@for_leads
@require_POST
def close_today(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    clinic = get_object_or_404(mine(request), pk=pk)
    clinic.close_today()
    note(request, model_admin, [clinic], _("Closed today."))
    messages.success(request, _("%(clinic)s is closed today.") % {"clinic": clinic.name})
    return redirect(hours_url())


@for_leads
@require_POST
def reopen(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    clinic = get_object_or_404(mine(request), pk=pk)
    clinic.reopen()
    note(request, model_admin, [clinic], _("Open again today."))
    said = _("%(clinic)s keeps its hours again today.") % {"clinic": clinic.name}
    messages.success(request, said)
    return redirect(hours_url())


@for_leads
@require_POST
def remove_day(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    row = get_object_or_404(SpecialDay.objects.of_clinics(mine(request)), pk=pk)
    what = {"clinic": row.location.name, "days": day_words(row.first_day, row.last_day)}
    row.take_back()
    note(request, model_admin, [row.location], _("Taken back: %(days)s.") % what)
    messages.success(request, _("%(clinic)s: %(days)s is taken back.") % what)
    return redirect(hours_url())


@transaction.atomic
def decide(
    request: HttpRequest,
    model_admin: ModelAdmin,
    clinics: list[Location],
    decisions: Iterable[Decision],
) -> None:
    said = []
    for decision in decisions:
        SpecialDay.objects.decide(clinics, decision)
        said.append(in_words(decision))
    if not said:
        messages.info(request, _("Nothing was changed."))
        return
    note(request, model_admin, clinics, " ".join(said))
    messages.success(request, f"{listed(clinics)}: {' '.join(said)}")


def in_words(decision: Decision) -> str:
    """As “Thursday, November 26, 2026: 9 a.m. to noon.”"""
    spans = ((decision.opens, decision.closes),) if decision.opens and decision.closes else ()
    days = day_words(decision.first_day, decision.last_day)
    return f"{days}: {words((decision.kind, spans))}".removesuffix(".") + "."


def note(
    request: HttpRequest, model_admin: ModelAdmin, clinics: Iterable[Location], words: str
) -> None:
    for clinic in clinics:
        model_admin.log_change(request, clinic, words)


def screen(
    request: HttpRequest,
    model_admin: ModelAdmin,
    about: Chosen,
    holidays: list[HolidayForm],
    run: RunOfDaysForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": Location._meta,
        "title": _("Hours and holidays"),
        "about": about,
        "today": [Today(one, Calendar.of(one).opening_line(now)) for one in about.mine],
        "holidays": holidays,
        "run": run or RunOfDaysForm(prefix="run"),
        "query": about.address.partition("?")[2],
        "decided": SpecialDay.objects.of_clinics(about.clinics).from_day(timezone.localdate()),
    }
    name = "admin/locations/location/hours.html"
    return TemplateResponse(request, name, context, status=status)
