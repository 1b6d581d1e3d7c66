"""Entering a phone call: the visitors' own form, read out by staff."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consults import calls, consent, tokens
from consults.admin.access import refuse
from consults.admin.queue import staff
from consults.admin.steps import shown
from consults.forms import MINOR, ConsultForm
from consults.models import ConsultRequest
from locations.models import Location


class VerbalConsentForm(forms.Form):
    use_required_attribute = False

    agreed = forms.BooleanField(
        label=gettext_lazy("I read this to them, and they said yes"),
        help_text=consent.CURRENT.sending,
        error_messages={
            "required": gettext_lazy("Read them the sentence, and tick this when they agree.")
        },
    )


def enter(request: HttpRequest) -> HttpResponse:
    user = staff(request)
    if not user.has_perm("consults.change_consultrequest"):
        refuse(request)
    clinics = list(Location.objects.listed().worked_at_by(user))
    if not clinics:
        refuse(request)
    data = request.POST if request.method == "POST" else None
    form, agreed = ConsultForm(clinics, data), VerbalConsentForm(data)
    token = tokens.FormToken.read(request.POST.get("token", "")) or tokens.FormToken.new()
    if data is not None and _is_complete(form, agreed):
        row = calls.enter(form.cleaned_data, token.nonce, user)
        return _onward(request, row)
    return _page(request, form, agreed, token)


def _is_complete(form: ConsultForm, agreed: VerbalConsentForm) -> bool:
    is_valid = form.is_valid() & agreed.is_valid()
    if form.cleaned_data.get("for_whom") == MINOR:
        advice = _("Nothing is stored for someone under 18. Point them to the child's doctor.")
        form.add_error("for_whom", advice)
        return False
    return is_valid


def _onward(request: HttpRequest, row: ConsultRequest) -> HttpResponse:
    if ConsultRequest.objects.visible_to(staff(request)).filter(pk=row.pk).exists():
        return redirect("admin:consults_consultrequest_change", row.pk)
    return redirect("admin:consults_consultrequest_changelist")


def _page(
    request: HttpRequest, form: ConsultForm, agreed: VerbalConsentForm, token: tokens.FormToken
) -> TemplateResponse:
    context = {
        "forms": [form, agreed],
        "token": token.signed(),
        "button": _("Store the call"),
        "intro": _("Ask in this order. Everything is stored as if they had written themselves."),
    }
    return shown(request, _("Enter a phone call"), context, failed=form.is_bound)
