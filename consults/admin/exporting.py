"""Exports for leads: which clinics, which days, why; on file before the first line goes out."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import export
from consults.admin.access import lead_or_403
from consults.admin.forms import day_field
from consults.admin.steps import shown
from consults.models import SEALED_COLUMNS, ConsultRequest, ConsultRequestQuerySet, EventKind, Note
from consults.states import record
from locations.models import Location, LocationQuerySet

CHUNK = 500


class PeriodForm(forms.Form):
    """Two days, both included."""

    use_required_attribute = False

    first_day = day_field(label=gettext_lazy("From"))
    last_day = day_field(label=gettext_lazy("To, this day included"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        for name in ("first_day", "last_day"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Give the day, for example 12/03/2026."))
        if first and last and last < first:
            self.add_error("last_day", _("Give a day after the first one."))
        return data

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """From and until, as the person who asks counts days."""
        zone = timezone.get_current_timezone()
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        return (
            dt.datetime.combine(first, dt.time(), zone),
            dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone),
        )


class ExportForm(PeriodForm):
    clinic = forms.ModelChoiceField(
        label=gettext_lazy("Clinic"),
        queryset=Location.objects.none(),
        required=False,
        empty_label=gettext_lazy("All clinics where I am a lead"),
    )
    names = forms.BooleanField(
        label=gettext_lazy("With names, phones and email addresses"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The reason goes on file, with your name and the time."),
        error_messages={
            "required": gettext_lazy("Say what it is for: for example The yearly count.")
        },
    )

    field_order = ("clinic", "first_day", "last_day", "names", "reason")

    def __init__(self, clinics: LocationQuerySet, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.clinics = clinics
        self.fields["clinic"].queryset = clinics  # type: ignore[attr-defined]

    def rows(self, user: User) -> ConsultRequestQuerySet:
        chosen = self.cleaned_data["clinic"]
        clinics = [chosen] if chosen else list(self.clinics)
        rows = ConsultRequest.objects.visible_to(user).at_clinics(clinics)
        rows = rows.received_between(*self.moments).select_related("location", "source")
        sealed = ["question_sealed"] if self.cleaned_data["names"] else SEALED_COLUMNS
        return rows.defer(*sealed).order_by("received_at")


def export_requests(request: HttpRequest) -> HttpResponseBase:
    user, clinics = lead_or_403(request)
    form = ExportForm(clinics, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            "forms": [form],
            "button": _("Export"),
            "intro": _("A table for a spreadsheet: one line a request, no names unless you tick."),
        }
        return shown(request, _("Export"), context, failed=form.is_bound)
    return _streamed(form, user)


def _streamed(form: ExportForm, user: User) -> StreamingHttpResponse:
    rows, names = form.rows(user), form.cleaned_data["names"]
    _put_on_file(form, user, rows.count())
    lines = export.lines(rows.iterator(chunk_size=CHUNK), names=names)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="requests.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _put_on_file(form: ExportForm, user: User, count: int) -> None:
    note = Note(author=user)
    note.body = form.cleaned_data["reason"]
    note.save()
    start, end = form.moments
    chosen = form.cleaned_data["clinic"]
    record(
        EventKind.EXPORTED,
        actor=user,
        count=count,
        names=form.cleaned_data["names"],
        clinic=chosen.slug if chosen else "all",
        start=start.date().isoformat(),
        end=(end - dt.timedelta(days=1)).date().isoformat(),
        note=str(note.pk),
    )
