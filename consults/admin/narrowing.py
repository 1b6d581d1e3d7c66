"""Narrowing a list down: by clinic, state, who has it, and the article that people came from.

Each offers only what the reader's own clinics have; any other value in the address lists nothing.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article
from clinic.models import User
from consults.admin.queue import VIEWS, staff, view_of
from consults.models import ConsultRequest, State
from locations.workplaces import colleagues, my_clinics

ME, NOBODY = "me", "nobody"


class ClinicFilter(SimpleListFilter):
    """Only the clinics where the user works; left out when there is but one."""

    title = gettext_lazy("clinic")
    parameter_name = "clinic"
    template = "admin/consults/consultrequest/_clinics.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        self.clinics = {clinic.slug: clinic for clinic in my_clinics(request)}
        return [(slug, clinic.name) for slug, clinic in self.clinics.items()]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1 or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        clinic = self.clinics.get(self.value() or "")
        return queryset.at_clinics([clinic] if clinic else [])


class ChoiceFilter(SimpleListFilter):
    """A list to pick from; all of them stand in one form beneath the tabs."""

    template = "admin/consults/consultrequest/_choice.html"
    is_choice = True
    everything = gettext_lazy("All")

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1 or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        if self.value() not in {str(value) for value, _label in self.lookup_choices}:
            return queryset.none()
        return self.narrowed(queryset, self.value() or "", staff(request))

    def narrowed(self, rows: Any, value: str, user: User) -> Any:
        raise NotImplementedError

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"value": "", "selected": not self.value(), "display": self.everything}
        for value, label in self.lookup_choices:
            selected = self.value() == str(value)
            yield {"value": value, "selected": selected, "display": label}


class StateFilter(ChoiceFilter):
    """The states that the saved view has; left out where it has but one."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return [(state.value, state.label) for state in view_of(request).states]

    def narrowed(self, rows: Any, value: str, user: User) -> Any:
        return rows.standing(State(value))


class AssigneeFilter(ChoiceFilter):
    """Who has it: the reader, nobody, or a colleague from one of the reader's clinics."""

    title = gettext_lazy("Who has it")
    parameter_name = "assignee"
    everything = gettext_lazy("Anybody or nobody")

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        if view_of(request) in (VIEWS["mine"], VIEWS["unclaimed"], VIEWS["quarantine"]):
            return []
        others = colleagues(my_clinics(request)).exclude(pk=staff(request).pk)
        named = [(person.pk, person.display_name) for person in others]
        return [(ME, _("Me")), (NOBODY, _("Nobody")), *named]

    def narrowed(self, rows: Any, value: str, user: User) -> Any:
        if value == NOBODY:
            return rows.taken_by(None)
        return rows.taken_by(user.pk if value == ME else int(value))


class SourceFilter(ChoiceFilter):
    """The articles that people came from to the reader's own clinics."""

    title = gettext_lazy("Came from")
    parameter_name = "source"
    everything = gettext_lazy("Anywhere")

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        own = ConsultRequest.objects.visible_to(staff(request)).at_clinics(my_clinics(request))
        articles = Article.objects.filter(Exists(own.filter(source=OuterRef("pk"))))
        title = Coalesce("live_revision__title", "slug", output_field=CharField())
        titles = articles.annotate(title=title).order_by("title")
        return list(titles.values_list("slug", "title"))

    def has_output(self) -> bool:
        return bool(self.lookup_choices) or self.value() is not None

    def narrowed(self, rows: Any, value: str, user: User) -> Any:
        return rows.from_article(value)
