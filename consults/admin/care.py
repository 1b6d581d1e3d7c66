"""More forms of the request page: corrections, the fixed mails, what is kept longer and why."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import contacts, triage
from consults.admin.forms import DeskForm, note_field
from consults.forms import EmailField, PhoneField
from consults.models import ConsultRequest, Correction, Outbox


class CorrectForm(DeskForm):
    verb = "correct"
    button = gettext_lazy("Add the correction")
    done = gettext_lazy("Added beside what they wrote.")

    phone = PhoneField(
        label=gettext_lazy("Right phone number"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        help_text=gettext_lazy("For example (205) 555-0134."),
    )
    email = EmailField(
        label=gettext_lazy("Right email address"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        help_text=gettext_lazy("For example sam@example.com. What they wrote stays as it is."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("phone") and not data.get("email"):
            self.add_error("phone", _("Give a number or an address, such as (205) 555-0134."))
        return data

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.stopped_at is None

    def act(self, actor: User) -> None:
        data, seen = self.cleaned_data, self.cleaned_data["seen"]
        kinds, row = Correction.Kind, self.row
        if data["phone"]:
            row = triage.correct(row, actor, kinds.PHONE, data["phone"].as_e164, seen=seen)
            seen = row.version
        if data["email"]:
            triage.correct(row, actor, kinds.EMAIL, data["email"], seen=seen)


class MailForm(DeskForm):
    """One of the fixed mails; a choice only where there is more than one."""

    verb = "owe_mail"
    button = gettext_lazy("Send this mail")
    done = gettext_lazy("The mail goes out now. Answers come to the clinic's mailbox.")

    mail = forms.ChoiceField(
        label=gettext_lazy("Which mail?"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("It is neutral: no name, no clinic, no treatment."),
        error_messages={"required": gettext_lazy("Pick the mail to send.")},
    )

    def __init__(self, row: ConsultRequest, data: Any = None, **options: Any) -> None:
        super().__init__(row, data, **options)
        labels = dict(Outbox.Kind.choices)
        kinds = contacts.mails_for(row)
        self.fields["mail"].choices = [(kind.value, labels[kind]) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["mail"].initial = kinds[0].value if kinds else ""

    @property
    def is_offered(self) -> bool:
        return super().is_offered and bool(contacts.mails_for(self.row))

    def act(self, actor: User) -> None:
        triage.owe_mail(self.row, actor, self.cleaned_data["mail"], seen=self.cleaned_data["seen"])


def reason_field(advice: Any) -> forms.CharField:
    return note_field(
        label=gettext_lazy("Why?"), required=True, error_messages={"required": advice}
    )


class KeepOpenForm(DeskForm):
    verb = "keep_open"
    button = gettext_lazy("Keep it open")
    done = gettext_lazy("Noted. This is asked again in 60 days.")

    reason = reason_field(
        gettext_lazy("Say why it stays open, for example Waits for a place in March.")
    )

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.is_open_too_long

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.keep_open(self.row, actor, data["reason"], seen=data["seen"])


class HoldForm(DeskForm):
    verb = "hold"
    button = gettext_lazy("Keep it from erasure")
    done = gettext_lazy("Kept from erasure until somebody takes that away.")

    reason = reason_field(
        gettext_lazy("Say why it is kept, for example A records request is open.")
    )

    @property
    def is_offered(self) -> bool:
        return super().is_offered and not (self.row.held_at or self.row.erased_at)

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.hold(self.row, actor, data["reason"], seen=data["seen"])


class UnholdForm(DeskForm):
    verb = "unhold"
    button = gettext_lazy("No longer keep it from erasure")
    done = gettext_lazy("It is erased when its time comes.")

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.held_at is not None

    def act(self, actor: User) -> None:
        triage.unhold(self.row, actor, seen=self.cleaned_data["seen"])
