"""Erasing one person: found by phone or email, listed, confirmed by typing, on file."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import retention
from consults.admin.access import led_by, refuse
from consults.admin.queue import contact_digests, staff
from consults.admin.steps import shown
from consults.models import ConsultRequest, EventKind
from consults.states import record


class PersonForm(forms.Form):
    use_required_attribute = False

    words = forms.CharField(
        label=gettext_lazy("Phone number or email address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("For example (205) 555-0134 or sam@example.com."),
        error_messages={
            "required": gettext_lazy("Give a phone number or an address: (205) 555-0134.")
        },
    )

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if not contact_digests(words):
            raise forms.ValidationError(
                _("Give a whole phone number or address, such as (205) 555-0134.")
            )
        return words


class ConfirmForm(PersonForm):
    """What is typed names the number that was listed: a list that changed since is shown again."""

    words = forms.CharField(widget=forms.HiddenInput)
    typed = forms.CharField(max_length=40, required=False)

    def __init__(self, count: int, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.phrase = _("erase %(count)d") % {"count": count}
        self.fields["typed"].label = _("Type: %(phrase)s") % {"phrase": self.phrase}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.strip().casefold() != self.phrase:
            raise forms.ValidationError(
                _("Type exactly this to erase: %(phrase)s") % {"phrase": self.phrase}
            )
        return typed


def erase_person(request: HttpRequest) -> HttpResponse:
    """Leads find the person at their clinics, the site administrator at every clinic."""
    user = staff(request)
    is_lead = user.has_perm("consults.change_consultrequest") and led_by(user).exists()
    if not (user.has_perm("consults.erase_person") or is_lead):
        refuse(request)
    title, data = _("Erase one person"), request.POST if request.method == "POST" else None
    search = PersonForm(data, label_suffix="")
    if data is None or not search.is_valid():
        context = {"forms": [search], "button": _("Find their requests")}
        return shown(request, title, context, failed=data is not None)
    rows = _found(user, search.cleaned_data["words"])
    erasable = [row for row in rows if row.may_be_erased_by_staff]
    confirm = ConfirmForm(len(erasable), data)
    if "typed" in data and erasable and confirm.is_valid():
        return _erase(request, user, erasable)
    if "typed" not in data:
        confirm = ConfirmForm(len(erasable), initial={"words": data["words"]})
    context = {
        "rows": rows,
        "forms": [confirm] if erasable else [],
        "button": _("Erase for good"),
        "intro": _("Reference, dates, clinic, outcome and who did what stay. The rest is gone."),
    }
    return shown(request, title, context, template="person", failed=confirm.is_bound)


def _found(user: User, words: str) -> list[ConsultRequest]:
    record(EventKind.SEARCHED, actor=user, to="erase")
    rows = ConsultRequest.objects.erasable_by(user).reached_at(contact_digests(words))
    return list(rows.select_related("location").order_by("received_at"))


def _erase(request: HttpRequest, user: User, rows: list[ConsultRequest]) -> HttpResponse:
    erased = sum(retention.erase_for_person(row, user) for row in rows)
    messages.success(request, _("%(count)d requests erased.") % {"count": erased})
    return redirect("admin:consults_consultrequest_person")
