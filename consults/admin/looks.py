"""What did this person open, between two dates: for leads, about their own clinics."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults.admin.access import lead_or_403
from consults.admin.exporting import PeriodForm
from consults.admin.steps import shown
from consults.models import Event, EventKind
from consults.states import record
from locations.models import LocationQuerySet

MOST = 500


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.display_name
        return name


class LooksForm(PeriodForm):
    person = PersonChoice(
        label=gettext_lazy("Who"),
        queryset=User.objects.none(),
        error_messages={"required": gettext_lazy("Pick the person.")},
    )

    field_order = ("person", "first_day", "last_day")

    def __init__(self, clinics: LocationQuerySet, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        people = User.objects.filter(memberships__location__in=clinics).distinct()
        self.fields["person"].queryset = people.order_by("last_name", "username")  # type: ignore[attr-defined]


def list_looks(request: HttpRequest) -> HttpResponse:
    user, clinics = lead_or_403(request)
    form = LooksForm(clinics, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"forms": [form], "button": _("List")}
    if form.is_valid():
        context |= {"events": _listed(form, clinics, user), "most": MOST}
    title = _("What did this person open")
    return shown(
        request, title, context, template="looks", failed=form.is_bound and not form.is_valid()
    )


def _listed(form: LooksForm, clinics: LocationQuerySet, user: User) -> list[Event]:
    """Newest first; what concerns no single request, such as a search, is listed too."""
    person, (start, end) = form.cleaned_data["person"], form.moments
    record(
        EventKind.REPORTED,
        actor=user,
        person=person.pk,
        start=start.date().isoformat(),
        end=end.date().isoformat(),
    )
    here = Q(request__location__in=list(clinics)) | Q(request=None)
    events = Event.objects.filter(here, actor=person, at__gte=start, at__lt=end)
    return list(events.select_related("request__location").order_by("-at", "-pk")[:MOST])
