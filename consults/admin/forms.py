"""The forms of the request page. Each checks what was typed and calls verbs of consults.triage.

Here is what they share, and who has the request; outreach.py, closing.py and care.py have the rest.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import triage
from consults.models import ConsultRequest
from consults.triage import SafetyStep
from locations.models import Location

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

FARTHEST = dt.timedelta(days=2 * 365)


def validate_near(day: dt.date) -> None:
    """A slip of the finger in the year must not put a request out of everybody's sight."""
    if abs(day - timezone.localdate()) > FARTHEST:
        raise ValidationError(gettext_lazy("Choose a day within the next two years."), code="far")


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(
        required=False,
        validators=[validate_near],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Give the day as 12/03/2026.")},
        **options,
    )


def time_field(**options: Any) -> forms.TimeField:
    return forms.TimeField(
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p"],
        error_messages={"invalid": gettext_lazy("Give the time as 14:30 or 2:30 PM.")},
        **options,
    )


def note_field(**options: Any) -> forms.CharField:
    defaults: dict[str, Any] = {
        "label": gettext_lazy("Note"),
        "required": False,
        "widget": forms.Textarea(attrs={"rows": 3}),
    }
    return forms.CharField(max_length=4000, **(defaults | options))


class SeenField(forms.IntegerField):
    """The version that was on the page. One that is missing or no number is older than any."""

    OLDER_THAN_ANY = 0

    def clean(self, value: Any) -> int:
        try:
            return int(super().clean(value) or self.OLDER_THAN_ANY)
        except ValidationError:
            return self.OLDER_THAN_ANY


class DeskForm(forms.Form):
    """One thing to do with one request.

    `seen` is the version that was on the page; a save on an older one is refused in words.
    """

    verb: ClassVar[str]
    button: ClassVar["StrPromise"]
    done: ClassVar["StrPromise"]
    use_required_attribute = False

    seen = SeenField(widget=forms.HiddenInput, required=False)

    def __init__(self, row: ConsultRequest, data: Any = None, **options: Any) -> None:
        super().__init__(data, auto_id=f"{self.verb}-%s", label_suffix="", **options)
        self.row = row

    def act(self, actor: User) -> None:
        """Does it. Raises NotAllowed with a sentence for staff."""
        raise NotImplementedError

    @property
    def is_offered(self) -> bool:
        return self.verb in triage.allowed(self.row)


class SafetyForm(DeskForm):
    """Asks what was done about a safety flag, where there is one."""

    closes: ClassVar[bool] = True

    safety = forms.ChoiceField(
        label=gettext_lazy("What was done about the safety flag?"),
        choices=SafetyStep.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Say what was done: for example Spoke with them.")
        },
    )

    def __init__(self, row: ConsultRequest, data: Any = None, **options: Any) -> None:
        super().__init__(row, data, **options)
        self.fields["safety"].required = self.closes
        if not row.is_flagged:
            del self.fields["safety"]

    @property
    def safety_step(self) -> str:
        step: str = self.cleaned_data.get("safety", "")
        return step


class ClaimForm(DeskForm):
    verb = "claim"
    button = gettext_lazy("I'll take it")
    done = gettext_lazy("You have this request now.")

    take_over = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.claim(self.row, actor, take_over=data["take_over"], seen=data["seen"])


class ReleaseForm(DeskForm):
    verb = "release"
    button = gettext_lazy("Give it back")
    done = gettext_lazy("Given back: anyone at the clinic may take it.")

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.assignee is not None

    def act(self, actor: User) -> None:
        triage.release(self.row, actor, seen=self.cleaned_data["seen"])


class TransferForm(DeskForm):
    verb = "transfer"
    button = gettext_lazy("Move it")
    done = gettext_lazy("Moved. The clock and the promise stay as they were.")

    to = forms.ModelChoiceField(
        label=gettext_lazy("To which clinic?"),
        queryset=Location.objects.none(),
        error_messages={"required": gettext_lazy("Pick the clinic it belongs to.")},
    )
    note = note_field()

    def __init__(self, row: ConsultRequest, data: Any = None, **options: Any) -> None:
        super().__init__(row, data, **options)
        field = cast("forms.ModelChoiceField[Location]", self.fields["to"])
        field.queryset = Location.objects.listed().exclude(pk=row.location_id)

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.transfer(self.row, actor, data["to"], seen=data["seen"], note=data["note"])


class ReleaseFromQuarantineForm(DeskForm):
    verb = "release_from_quarantine"
    button = gettext_lazy("Not spam: let it through")
    done = gettext_lazy("Let through. The notices go out now.")

    def act(self, actor: User) -> None:
        triage.release_from_quarantine(self.row, actor, seen=self.cleaned_data["seen"])


class NoteForm(DeskForm):
    verb = "add_note"
    button = gettext_lazy("Add the note")
    done = gettext_lazy("Note added.")

    body = note_field(
        label=gettext_lazy("Add a note"),
        required=True,
        error_messages={"required": gettext_lazy("Write the note first.")},
    )

    def act(self, actor: User) -> None:
        triage.add_note(self.row, actor, self.cleaned_data["body"])


class SearchForm(forms.Form):
    """Words of a name, a phone number, an email address or a reference."""

    words = forms.CharField(
        label=gettext_lazy("Find a request"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Name, phone, email or reference: whole words."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
