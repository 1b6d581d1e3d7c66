"""The reports of leads, and what editors learn about their articles."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from consults import figures
from consults.admin.access import lead_or_403
from consults.admin.queue import staff
from consults.admin.steps import shown
from consults.charts import Series, bar_chart
from consults.models import Outcome
from locations.models import Location

MINUTES = 60
QUARTERS = 4


def reports(request: HttpRequest) -> HttpResponse:
    _user, led = lead_or_403(request)
    clinics = list(led)
    quarter = figures.Quarter.of(timezone.localdate())
    context = {
        "clinics": clinics,
        "weeks": _weeks(clinics),
        "times": _times(clinics),
        "outcomes": _outcomes(clinics),
        "sources": _sources(clinics, quarter, is_hidden=False),
    }
    return shown(request, _("Reports"), context, template="reports")


def sources(request: HttpRequest) -> HttpResponse:
    """For editors, who reach no request: every clinic together, small numbers hidden."""
    if not staff(request).has_perm("articles.change_article"):
        raise PermissionDenied
    quarter = figures.Quarter.of(timezone.localdate())
    context = {"sources": _sources(list(Location.objects.all()), quarter, is_hidden=True)}
    return shown(request, _("Requests by article"), context, template="sources")


def _weeks(clinics: list[Location]) -> dict[str, Any]:
    weeks = figures.by_week(clinics)
    labels = [f"{day:%b} {day.day}" for day in weeks.days]
    series = [Series(clinic.name, weeks.counts[clinic.pk]) for clinic in clinics]
    table = [
        (day, [weeks.counts[clinic.pk][place] for clinic in clinics])
        for place, day in enumerate(weeks.days)
    ]
    chart = bar_chart("weeks", _("Requests a week, by clinic"), labels, series)
    return {"chart": chart, "table": table}


def _times(clinics: list[Location]) -> dict[str, Any]:
    times = figures.to_first_contact(clinics)
    series = [
        Series(_("median"), [(each.median or 0) / MINUTES for each in times]),
        Series(_("90th percentile"), [(each.ninetieth or 0) / MINUTES for each in times]),
    ]
    title = _("Working hours to the first contact attempt")
    names = [clinic.name for clinic in clinics]
    return {"chart": bar_chart("times", title, names, series, stacked=False), "table": times}


def _outcomes(clinics: list[Location]) -> dict[str, Any]:
    found = figures.outcomes(clinics)
    labels = [str(Outcome(outcome).label) for outcome in found]
    series = [
        Series(clinic.name, [found[outcome][clinic.pk] for outcome in found]) for clinic in clinics
    ]
    rows = zip(labels, found.values(), strict=True)
    table = [(label, [counts[clinic.pk] for clinic in clinics]) for label, counts in rows]
    return {"chart": bar_chart("outcomes", _("Outcomes"), labels, series), "table": table}


def _sources(
    clinics: list[Location], quarter: figures.Quarter, *, is_hidden: bool
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The newest quarter first."""
    found = []
    for _number in range(QUARTERS):
        rows = figures.by_source(clinics, quarter)
        found.append((str(quarter), figures.hidden(rows) if is_hidden else rows))
        quarter = quarter.before
    return found
