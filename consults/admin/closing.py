"""Closing a request: after a visit, without one, as a duplicate; and opening it again."""

from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import triage
from consults.admin.forms import DeskForm, SafetyForm, note_field
from consults.admin.queue import reference_in
from consults.duplicates import can_undo
from consults.models import ConsultRequest
from consults.signposts import SIGNPOSTS
from consults.triage import DeclineReason, NotAllowed


def with_signpost(reason: str, label: Any) -> str:
    """The reason, and beneath it where the person can turn next."""
    return format_html('<span>{}<small class="help">{}</small></span>', label, SIGNPOSTS[reason])


class VisitForm(SafetyForm):
    """What came of the visit; offered from its day on, so that nothing is pressed too early."""

    @property
    def is_offered(self) -> bool:
        visit, zone = self.row.visit_at, self.row.location.zone
        if visit is None or not super().is_offered:
            return False
        return visit.astimezone(zone).date() <= timezone.localdate(timezone=zone)


class AttendedForm(VisitForm):
    verb = "attended"
    button = gettext_lazy("They came")
    done = gettext_lazy("Closed: they came.")

    def act(self, actor: User) -> None:
        triage.attended(self.row, actor, seen=self.cleaned_data["seen"], safety=self.safety_step)


class NoShowForm(VisitForm):
    verb = "no_show"
    button = gettext_lazy("They did not come")
    done = gettext_lazy("Closed: they did not come.")

    def act(self, actor: User) -> None:
        triage.no_show(self.row, actor, seen=self.cleaned_data["seen"], safety=self.safety_step)


class CloseForm(SafetyForm):
    """Closes without a visit. The reason picks the verb."""

    verb = "close"
    button = gettext_lazy("Close the request")
    done = gettext_lazy("Closed.")

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say why: for example Could not be reached.")},
    )
    clinician = forms.CharField(
        label=gettext_lazy("Which clinician decided?"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only if a clinician decided. For example Dr. Rivera."),
    )
    note = note_field()

    field_order = ("reason", "clinician", "safety", "note")

    def __init__(self, row: ConsultRequest, data: Any = None, **options: Any) -> None:
        super().__init__(row, data, **options)
        declined = [(code, with_signpost(code, label)) for code, label in DeclineReason.choices]
        others = [("give_up", _("Could not be reached")), ("withdraw", _("They withdrew"))]
        cast(forms.ChoiceField, self.fields["reason"]).choices = [*others, *declined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        is_theirs = data.get("reason") == DeclineReason.CLINICIAN
        if is_theirs and not data.get("clinician") and "clinician" not in self.errors:
            self.add_error("clinician", _("Name the clinician, for example Dr. Rivera."))
        return data

    @property
    def is_offered(self) -> bool:
        return "decline" in triage.allowed(self.row)

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        common: dict[str, Any] = {"seen": data["seen"], "safety": self.safety_step}
        if data["reason"] == "withdraw":
            triage.withdraw(self.row, actor, note=data["note"], **common)
        elif data["reason"] == "give_up":
            triage.give_up(self.row, actor, note=data["note"], **common)
        else:
            reason, clinician = data["reason"], data["clinician"]
            triage.decline(
                self.row, actor, reason, clinician=clinician, note=data["note"], **common
            )


class ReopenForm(DeskForm):
    verb = "reopen"
    button = gettext_lazy("Open it again")
    done = gettext_lazy("Open again, and yours.")

    note = note_field()

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.stopped_at is None

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.reopen(self.row, actor, seen=data["seen"], note=data["note"])


class DuplicateForm(DeskForm):
    verb = "mark_duplicate"
    button = gettext_lazy("Mark as a duplicate")
    done = gettext_lazy("Closed as a duplicate. Flag and voicemail rule went to the other one.")

    reference = forms.CharField(
        label=gettext_lazy("Reference of the request to keep"),
        max_length=9,
        help_text=gettext_lazy("For example KHB-4WM."),
        error_messages={"required": gettext_lazy("Give the other reference, such as KHB-4WM.")},
    )

    note = note_field(help_text=gettext_lazy("Needed where they gave different names."))

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        reference = reference_in(data["reference"])
        of = ConsultRequest.objects.visible_to(actor).filter(reference=reference).first()
        if of is None:
            raise NotAllowed(_("Your clinics have no request with that reference."))
        triage.mark_duplicate(self.row, actor, of, seen=data["seen"], note=data["note"])


class UnmarkDuplicateForm(DeskForm):
    verb = "unmark_duplicate"
    button = gettext_lazy("It is no duplicate")
    done = gettext_lazy("Open again.")

    note = note_field()

    @property
    def is_offered(self) -> bool:
        return super().is_offered and can_undo(self.row)

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.unmark_duplicate(self.row, actor, seen=data["seen"], note=data["note"])
