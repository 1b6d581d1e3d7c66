"""The queue: which requests are listed, in what order, and how one is found."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.admin import ListFilter, ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import to_python

from clinic.models import User
from consults.models import (
    OPEN_STATES,
    QUEUE_ORDER,
    REFERENCE_ALPHABET,
    ConsultRequest,
    ConsultRequestQuerySet,
    SearchKey,
    State,
)
from consults.states import MOVES

REFERENCE = re.compile(rf"[{REFERENCE_ALPHABET}]{{3}}-[{REFERENCE_ALPHABET}]{{3}}")
DIGEST = re.compile(r"[0-9a-f]{40}")
MOST_WORDS = 5

Rows = ConsultRequestQuerySet
NEWEST_FIRST = ("-received_at",)
# What may stand in the address of the list.
PARAMETERS = ("view", "clinic", "state", "assignee", "source", "key")
# What a line of the list shows.
COLUMNS = (
    "reference", "version", "state", "outcome", "is_flagged", "withdrawn_at", "is_sample",
    "next_action_at", "received_at", "visit_at", "location__name", "location__time_zone",
    "assignee__first_name", "assignee__last_name", "assignee__username",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """A saved view: its label, which rows, in what order, and which states are among them."""

    label: str | Promise
    rows: Callable[[Rows, User], Rows]
    order: tuple[str, ...] = QUEUE_ORDER
    states: tuple[State, ...] = OPEN_STATES

    @property
    def is_assignable(self) -> bool:
        """Whether what it lists can be given to somebody."""
        return any(state in MOVES["assign"] for state in self.states)


VIEWS: dict[str, View] = {
    "open": View(_("Open"), lambda rows, user: rows.open()),
    "mine": View(_("Mine"), lambda rows, user: rows.held_by(user)),
    "unclaimed": View(_("Unclaimed"), lambda rows, user: rows.unclaimed()),
    "today": View(_("Due today"), lambda rows, user: rows.due_today()),
    "overdue": View(_("Overdue"), lambda rows, user: rows.overdue()),
    "waiting": View(_("Waiting"), lambda rows, user: rows.waiting(), states=(State.WAITING,)),
    "visits": View(
        _("Visits"), lambda rows, user: rows.booked(), ("visit_at",), states=(State.BOOKED,)
    ),
    "long": View(_("Over 60 days"), lambda rows, user: rows.open_too_long(), ("received_at",)),
    "quarantine": View(
        _("Quarantine"), lambda rows, user: rows.quarantined(), NEWEST_FIRST, (State.QUARANTINED,)
    ),
    "closed": View(_("Closed"), lambda rows, user: rows.closed(), ("-closed_at",), (State.CLOSED,)),
}
DEFAULT_VIEW = "open"
# What a search lists: every state, the newest first. Nobody leafs through a search by urgency.
FOUND = View(_("Found"), lambda rows, user: rows, NEWEST_FIRST, tuple(State))


def view_of(request: HttpRequest) -> View:
    """The saved view that was chosen; a search without one asks all."""
    default = FOUND if "key" in request.GET else VIEWS[DEFAULT_VIEW]
    return VIEWS.get(request.GET.get("view", ""), default)


def staff(request: HttpRequest) -> User:
    """The signed-in user; the staff site let nobody else through."""
    return cast(User, request.user)


class ViewFilter(SimpleListFilter):
    """The saved views, as tabs."""

    title = _("view")
    parameter_name = "view"
    template = "admin/consults/consultrequest/_views.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        self.shown = view_of(request)
        return [(name, view.label) for name, view in VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return self.shown.rows(queryset, staff(request))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for name, label in self.lookup_choices:
            yield {
                "selected": VIEWS[name] is self.shown,
                "query_string": changelist.get_query_string({"view": name}, ["key", "state", "p"]),
                "display": label,
            }


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
