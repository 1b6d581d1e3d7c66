"""Clinics, who works there, what they offer, and notices, for those who keep them up to date."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import combinations
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import frame
from clinic.models import User
from locations import desk, index
from locations.hours import span_words
from locations.models import (
    Location,
    Membership,
    OpeningHours,
    Service,
    ServiceFact,
    SiteNotice,
    SpecialDay,
)

HOW_TO_REACH_IT: Any = (
    gettext_lazy("How to reach it"),
    {"fields": ("phone", "texting_phone", "notice_email")},
)
# What a lead may change of a clinic; the rest is for site administrators.
LEAD_FIELDSETS: Any = (
    HOW_TO_REACH_IT,
    (
        gettext_lazy("Requests"),
        {"fields": ("state", "paused_until", "pause_message", "safety_protocol")},
    ),
)
LEAD_STATES = frozenset({Location.State.OPEN, Location.State.PAUSED})


# The browser's own pickers: a clinic's hours are in its zone, whatever the reader's clock says.
A_DAY: dict[str, Any] = {"type": "date", "aria-label": gettext_lazy("Day")}
A_TIME: dict[str, Any] = {"type": "time", "aria-label": gettext_lazy("Time")}
PLAIN_INPUTS: dict[type[models.Field], dict[str, Any]] = {
    models.DateField: {"widget": forms.DateInput({"type": "date"}, format="%Y-%m-%d")},
    models.TimeField: {"widget": forms.TimeInput({"type": "time"}, format="%H:%M")},
    models.DateTimeField: {
        "widget": forms.SplitDateTimeWidget(
            date_attrs=A_DAY, date_format="%Y-%m-%d", time_attrs=A_TIME, time_format="%H:%M"
        )
    },
}


class NotFoundAdmin(admin.ModelAdmin):
    """An address that a person may not see answers 404, as one that never was."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found


# --- Hours and special days, on the clinic's page ---------------------------------------------


class RowsFormSet(BaseInlineFormSet):
    """Checks rows against each other, once each is right by itself."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        rows = [form.instance for form in kept if not form.cleaned_data.get("DELETE")]
        errors = list(self.conflicts(rows))
        if errors:
            raise ValidationError(errors)

    def conflicts(self, rows: Sequence[Any]) -> Iterable[str]:
        raise NotImplementedError


class OpeningHoursFormSet(RowsFormSet):
    def conflicts(self, rows: Sequence[OpeningHours]) -> Iterable[str]:
        for one, other in combinations(rows, 2):
            if one.weekday == other.weekday and overlap(one, other):
                yield _(
                    "On %(day)s, %(spans)s overlap. Let the first end before the second begins, "
                    "for example 9 a.m. to noon, 1 p.m. to 5 p.m."
                ) % {"day": one.get_weekday_display(), "spans": both_spans(one, other)}


class SpecialDayFormSet(RowsFormSet):
    def conflicts(self, rows: Sequence[SpecialDay]) -> Iterable[str]:
        for one, other in combinations(rows, 2):
            first = max(one.first_day, other.first_day)
            if first > min(one.last_day, other.last_day):
                continue
            if one.kind != other.kind:
                yield _(
                    "%(day)s is both “%(one)s” and “%(other)s”. Keep one of them, or end the "
                    "longer run of days the day before and begin a new one the day after."
                ) % {
                    "day": f"{first:%B} {first.day}",
                    "one": one.get_kind_display(),
                    "other": other.get_kind_display(),
                }
            elif one.kind == "hours" and overlap(one, other):
                yield _(
                    "On %(day)s, %(spans)s overlap. Let the first end before the second begins, "
                    "for example 9 a.m. to noon, 1 p.m. to 5 p.m."
                ) % {"day": f"{first:%B} {first.day}", "spans": both_spans(one, other)}


def overlap(one: OpeningHours | SpecialDay, other: OpeningHours | SpecialDay) -> bool:
    """Whether two stretches share a minute; a row without times is none."""
    if not (one.opens and one.closes and other.opens and other.closes):
        return False
    return one.opens < other.closes and other.opens < one.closes


def both_spans(*rows: OpeningHours | SpecialDay) -> str:
    spans: list[tuple[dt.time, dt.time]] = sorted(
        (row.opens, row.closes) for row in rows if row.opens and row.closes
    )
    return _(" and ").join(span_words([span]) for span in spans)


class LinesInline(admin.TabularInline):
    extra = 1
    formfield_overrides = PLAIN_INPUTS


class OpeningHoursInline(LinesInline):
    model = OpeningHours
    readonly_fields = ("is_sample",)
    formset = OpeningHoursFormSet
    fields = ("weekday", "opens", "closes", "by_appointment", "is_sample")
    verbose_name_plural = gettext_lazy(
        "Opening hours, in the clinic's own time. Without any, the page shows no hours. "
        "Give a day two lines if it has a break."
    )


class SpecialDayInline(LinesInline):
    model = SpecialDay
    readonly_fields = ("is_sample",)
    formset = SpecialDayFormSet
    fields = ("first_day", "last_day", "kind", "opens", "closes", "label", "is_sample")
    verbose_name_plural = gettext_lazy(
        "Days that differ from the week. A federal holiday without a line here is closed."
    )


# --- What is confirmed about a service ----------------------------------------------------------


class FactForm(forms.ModelForm):
    """Nobody's word stands under words they never confirmed."""

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        confirmed = answers.get("confirmed_on")
        says_something_new = self.instance.pk and "text" in self.changed_data
        is_old = "confirmed_on" not in self.changed_data and confirmed != timezone.localdate()
        if says_something_new and confirmed and is_old:
            self.add_error(
                "confirmed_on",
                _("You changed the words: give the day on which somebody confirmed the new ones."),
            )
        return answers


def touch_facts(formset: BaseInlineFormSet) -> None:
    """A fact is printed by two pages; whichever of them it was changed on, both have changed."""
    if formset.model is not ServiceFact:
        return
    changed = [fact for fact, _names in formset.changed_objects]
    rows = [*formset.new_objects, *changed, *formset.deleted_objects]
    Location.objects.filter(pk__in=[fact.location_id for fact in rows]).touch()
    Service.objects.filter(pk__in=[fact.service_id for fact in rows]).touch()


class FactInline(LinesInline):
    model = ServiceFact
    form = FactForm
    extra = 0
    verbose_name_plural: Any = gettext_lazy(
        "What patients ask about a service here. A line is shown while somebody confirmed it, on "
        "the clinic's page, the service's and in articles; after its last day it hides."
    )


class FactOfClinicInline(FactInline):
    fields = ("service", "kind", "text", "confirmed_by", "confirmed_on", "expires_on")


class FactOfServiceInline(FactInline):
    fields = ("location", "kind", "text", "confirmed_by", "confirmed_on", "expires_on")


# --- Clinics ----------------------------------------------------------------------------------


@admin.register(Location)
class LocationAdmin(NotFoundAdmin):
    """Leads find their own clinics here and change how to reach them, hours and pauses."""

    list_display = ("name", "practice_name", "state", "phone", "time_zone", "hours_are_sample")
    ordering = ("position", "name")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (OpeningHoursInline, SpecialDayInline, FactOfClinicInline)
    formfield_overrides = PLAIN_INPUTS
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("name", "practice_name", "slug", "area", "blurb", "position")}),
        (
            gettext_lazy("Where"),
            {
                "fields": (
                    "street", ("city", "region", "postal_code"), ("latitude", "longitude"),
                    "time_zone",
                )
            },
        ),
        HOW_TO_REACH_IT,
        (
            gettext_lazy("Requests"),
            {
                "fields": (
                    "state", "paused_until", "pause_message", "safety_protocol", "area_codes",
                    "is_default",
                )
            },
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        screen: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("hours/", desk.hours, "hours"),
            ("hours/days/", desk.run_of_days, "run_of_days"),
            ("hours/days/<int:pk>/remove/", desk.remove_day, "remove_day"),
            ("hours/<int:pk>/close-today/", desk.close_today, "close_today"),
            ("hours/<int:pk>/reopen/", desk.reopen, "reopen"),
        ]
        own = [
            path(
                route,
                self.admin_site.admin_view(partial(view, self)),
                name=f"locations_location_{name}",
            )
            for route, view, name in screen
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("sample hours"), boolean=True)
    def hours_are_sample(self, clinic: Location) -> bool:
        hours, days = clinic.opening_hours.all(), clinic.special_days.all()
        return any(row.is_sample for row in hours) or any(row.is_sample for row in days)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Location]:
        return Location.objects.changeable_by(cast(User, request.user)).with_calendar()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A clinic closes for good; its requests stay on file under its name."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if may_change_everything(request) else LEAD_FIELDSETS

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A lead cannot open a clinic that is coming, nor one that is closed for good."""
        is_theirs = may_change_everything(request) or (obj and obj.state in LEAD_STATES)
        return () if is_theirs else ("state",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def formfield_for_choice_field(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """A lead opens and pauses a clinic; opening a new one and closing one is not theirs."""
        if db_field.name == "state" and not may_change_everything(request):
            kwargs["choices"] = [(state.value, state.label) for state in sorted(LEAD_STATES)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        index.put()
        transaction.on_commit(lambda: frame.remember_phones())

    def save_formset(
        self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool
    ) -> None:
        """What somebody changed by hand is no sample any more."""
        for row in formset.save(commit=False):
            if hasattr(row, "is_sample"):
                row.is_sample = False
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()
        touch_facts(formset)


def may_change_everything(request: HttpRequest) -> bool:
    return request.user.has_perm("locations.add_location")


@admin.register(Membership)
class MembershipAdmin(NotFoundAdmin):
    list_display = ("user", "location", "role", "wants_notices")
    list_filter = ("location", "role")
    search_fields = ("user__username", "user__first_name", "user__last_name")
    ordering = ("location__position", "user__username")


# --- Services and notices ---------------------------------------------------------------------


@admin.register(Service)
class ServiceAdmin(NotFoundAdmin):
    list_display = ("name", "treatment", "offered_where", "is_listed", "position")
    list_select_related = ("treatment",)
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides: ClassVar = {
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}
    }
    inlines = (FactOfServiceInline,)

    @admin.display(description=gettext_lazy("offered at"))
    def offered_where(self, service: Service) -> str:
        return ", ".join(clinic.name for clinic in service.locations.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        return super().get_queryset(request).prefetch_related("locations")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The search is told once it is known where the service is offered."""
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            touch_facts(formset)
        index.put()

    def delete_model(self, request: HttpRequest, obj: Service) -> None:
        super().delete_model(request, obj)
        index.put()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Service]) -> None:
        super().delete_queryset(request, queryset)
        index.put()


@admin.register(SiteNotice)
class SiteNoticeAdmin(NotFoundAdmin):
    list_display = ("text", "location", "starts_at", "ends_at")
    list_select_related = ("location",)
    formfield_overrides = PLAIN_INPUTS
