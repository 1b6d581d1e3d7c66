"""The queue: which requests are listed, in what order, and how one is found."""

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib.admin import ListFilter, ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import to_python

from clinic.models import User
from consults.models import (
    QUEUE_ORDER,
    REFERENCE_ALPHABET,
    ConsultRequest,
    ConsultRequestQuerySet,
    SearchKey,
)
from locations.models import Location

REFERENCE = re.compile(rf"[{REFERENCE_ALPHABET}]{{3}}-[{REFERENCE_ALPHABET}]{{3}}")
DIGEST = re.compile(r"[0-9a-f]{40}")
MOST_WORDS = 5

Rows = ConsultRequestQuerySet
NEWEST_FIRST = ("-received_at",)

# The saved views: name, label, which rows, in what order.
VIEWS: dict[str, tuple[str | Promise, Callable[[Rows, User], Rows], tuple[str, ...]]] = {
    "open": (_("Open"), lambda rows, user: rows.open(), QUEUE_ORDER),
    "mine": (_("Mine"), lambda rows, user: rows.held_by(user), QUEUE_ORDER),
    "unclaimed": (_("Unclaimed"), lambda rows, user: rows.unclaimed(), QUEUE_ORDER),
    "today": (_("Due today"), lambda rows, user: rows.due_today(), QUEUE_ORDER),
    "overdue": (_("Overdue"), lambda rows, user: rows.overdue(), QUEUE_ORDER),
    "waiting": (_("Waiting"), lambda rows, user: rows.waiting(), QUEUE_ORDER),
    "visits": (_("Visits"), lambda rows, user: rows.booked(), ("visit_at",)),
    "long": (_("Over 60 days"), lambda rows, user: rows.open_too_long(), ("received_at",)),
    "quarantine": (_("Quarantine"), lambda rows, user: rows.quarantined(), NEWEST_FIRST),
    "closed": (_("Closed"), lambda rows, user: rows.closed(), ("-closed_at",)),
}
DEFAULT_VIEW = "open"


def staff(request: HttpRequest) -> User:
    """The signed-in user; the staff site let nobody else through."""
    return cast(User, request.user)


def order_of(request: HttpRequest) -> tuple[str, ...]:
    return VIEWS.get(request.GET.get("view", ""), VIEWS[DEFAULT_VIEW])[2]


class ViewFilter(SimpleListFilter):
    """The saved views, as tabs. Without a choice it is the open requests; a search asks all."""

    title = _("view")
    parameter_name = "view"
    template = "admin/consults/consultrequest/_views.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        self.is_search = "key" in request.GET
        return [(name, label) for name, (label, _rows, _order) in VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in VIEWS:
            return VIEWS[self.value() or ""][1](queryset, staff(request))
        return queryset if self.is_search else queryset.open()

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        default = "" if self.is_search else DEFAULT_VIEW
        for name, label in self.lookup_choices:
            yield {
                "selected": name == (self.value() or default),
                "query_string": changelist.get_query_string({"view": name}, ["key", "p"]),
                "display": label,
            }


class ClinicFilter(SimpleListFilter):
    """Only the clinics where the user works; left out when there is but one."""

    title = _("clinic")
    parameter_name = "clinic"
    template = "admin/consults/consultrequest/_clinics.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        clinics = Location.objects.worked_at_by(staff(request)).order_by("position", "name")
        return list(clinics.values_list("slug", "name"))

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(location__slug=self.value()) if self.value() else queryset


class KeyFilter(ListFilter):
    """What was searched: keyed hashes only, never the words."""

    title = _("search")
    parameter_name = "key"
    template = "admin/consults/consultrequest/_searched.html"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[ConsultRequest],
        model_admin: ModelAdmin,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        value = params.pop(self.parameter_name, [""])[-1]
        self.digests = value.split(".") if value else []

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def has_output(self) -> bool:
        return bool(self.digests)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not all(DIGEST.fullmatch(digest) for digest in self.digests):
            return queryset.none()
        return queryset.filed_under(self.digests[:MOST_WORDS])

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"query_string": changelist.get_query_string(remove=["key", "p"])}


def contact_digests(words: str) -> list[str]:
    """The keyed hash of a whole phone number or address; nothing for any other words."""
    if "@" in words:
        return SearchKey.digests(SearchKey.Kind.EMAIL, words)
    number = to_python(words, region="US")
    if number and number.is_valid():
        return SearchKey.digests(SearchKey.Kind.PHONE, number.as_e164)
    return []


def digests_of(words: str) -> list[str]:
    """The keyed hashes for what was typed: one for an address or a number, else one a word."""
    return contact_digests(words) or SearchKey.digests(SearchKey.Kind.NAME, words)[:MOST_WORDS]


def reference_in(words: str) -> str:
    """The reference that was typed, with or without its dash, or an empty text."""
    plain = words.strip().upper().replace(" ", "").replace("-", "")
    dashed = f"{plain[:3]}-{plain[3:]}"
    return dashed if REFERENCE.fullmatch(dashed) else ""
