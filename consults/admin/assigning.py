"""Taking or giving the ticked requests of a list: each through its verb, and told in words."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.models import User
from consults import triage
from consults.admin.access import led_by, refuse
from consults.admin.queue import PARAMETERS, staff
from consults.models import ConsultRequest
from consults.triage import NotAllowed
from locations.models import Location
from locations.workplaces import colleagues

LIST = "admin:consults_consultrequest_changelist"
TICK = re.compile(r"([0-9a-f-]{36})\.([0-9]{1,9})")


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.display_name
        return name


class TicksField(forms.MultipleChoiceField):
    """The ticked lines: which request, and the version of it that was on the page."""

    def to_python(self, value: Any) -> list[Any]:
        found = [TICK.fullmatch(each) for each in super().to_python(value)]
        try:
            return [(uuid.UUID(tick[1]), int(tick[2])) for tick in found if tick]
        except ValueError:
            return []

    def validate(self, value: Any) -> None:
        if not value:
            raise ValidationError(self.error_messages["required"])


class AssignForm(forms.Form):
    use_required_attribute = False

    rows = TicksField(
        error_messages={"required": gettext_lazy("Tick the requests first, then press the button.")}
    )
    to = PersonChoice(
        label=gettext_lazy("Give the ticked requests to"),
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Pick somebody from the list.")},
    )

    def __init__(self, user: User, led: Sequence[Location], data: Any = None) -> None:
        """`led` are the clinics where the user is a lead; who leads none only takes."""
        super().__init__(data, initial={"to": user.pk}, label_suffix="", auto_id="assign-%s")
        people = colleagues(led) if led else User.objects.filter(pk=user.pk)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        self.is_for_others = bool(led)


@dataclass
class Told:
    done: int = 0
    refused: list[str] = field(default_factory=list)


def assign_ticked(request: HttpRequest) -> HttpResponse:
    user = staff(request)
    if not user.has_perm("consults.change_consultrequest"):
        refuse(request)
    form = AssignForm(user, list(led_by(user)), request.POST)
    if form.is_valid():
        to = form.cleaned_data["to"]
        _tell(request, to, _assigned(form.cleaned_data["rows"], user, to))
    else:
        for error in [each for listed in form.errors.values() for each in listed]:
            messages.warning(request, str(error))
    return HttpResponseRedirect(_back(request.POST.get("back", "")))


def _assigned(ticks: list[tuple[uuid.UUID, int]], user: User, to: User) -> Told:
    """One transaction and one event each: what fails leaves the others done."""
    told = Told()
    keys = [key for key, _seen in ticks]
    rows = ConsultRequest.objects.visible_to(user).in_bulk(keys)
    for key, seen in ticks:
        row = rows.get(key)
        if row is None:
            told.refused.append(_("One request is no longer with your clinic."))
            continue
        try:
            if to == user:
                triage.claim(row, user)
            else:
                triage.assign(row, user, to, seen=seen)
        except NotAllowed as reason:
            told.refused.append(f"{row.reference}: {reason}")
        else:
            told.done += 1
    return told


def _tell(request: HttpRequest, to: User, told: Told) -> None:
    words = {"count": told.done, "who": to.display_name}
    if told.done and to == request.user:
        is_yours = ngettext(
            "%(count)d request is yours now.", "%(count)d requests are yours now.", told.done
        )
        messages.success(request, is_yours % words)
    elif told.done:
        given = ngettext(
            "%(who)s has %(count)d more request.", "%(who)s has %(count)d more requests.", told.done
        )
        messages.success(request, given % words)
    for refusal in told.refused:
        messages.warning(request, refusal)


def _back(query: str) -> str:
    """The list as it was, from those of its parameters that we know."""
    asked, known = QueryDict(query.removeprefix("?")), QueryDict(mutable=True)
    for name in (*PARAMETERS, "p"):
        if asked.get(name):
            known[name] = asked[name]
    address = reverse(LIST)
    return f"{address}?{known.urlencode()}" if known else address
