"""Closing a request: after a visit, without one, as a duplicate; and opening it again."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import triage
from consults.admin.forms import DeskForm, SafetyForm, note_field
from consults.models import ConsultRequest, Outcome
from consults.triage import DeclineReason, NotAllowed


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
        choices=[
            ("give_up", gettext_lazy("Could not be reached")),
            ("withdraw", gettext_lazy("They withdrew")),
            *DeclineReason.choices,
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say why: for example Could not be reached.")},
    )
    note = note_field()

    field_order = ("reason", "safety", "note")

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
            triage.decline(self.row, actor, data["reason"], note=data["note"], **common)


class ReopenForm(DeskForm):
    verb = "reopen"
    button = gettext_lazy("Open it again")
    done = gettext_lazy("Open again, and yours.")

    note = note_field()

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.withdrawn_at is None

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

    def act(self, actor: User) -> None:
        reference = self.cleaned_data["reference"].strip().upper()
        of = ConsultRequest.objects.visible_to(actor).filter(reference=reference).first()
        if of is None:
            raise NotAllowed(_("Your clinics have no request with that reference."))
        triage.mark_duplicate(self.row, actor, of, seen=self.cleaned_data["seen"])


class UnmarkDuplicateForm(DeskForm):
    verb = "unmark_duplicate"
    button = gettext_lazy("It is no duplicate")
    done = gettext_lazy("Open again.")

    note = note_field()

    @property
    def is_offered(self) -> bool:
        is_duplicate = self.row.outcome == Outcome.DUPLICATE
        return super().is_offered and is_duplicate and not self.row.withdrawn_at

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.unmark_duplicate(self.row, actor, seen=data["seen"], note=data["note"])
