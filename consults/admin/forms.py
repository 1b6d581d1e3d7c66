"""The forms of the request page. Each checks what was typed and calls verbs of consults.triage."""

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import clock, contacts, triage
from consults.models import ConsultRequest, State
from consults.triage import ContactResult, DeclineReason, NotAllowed, SafetyStep
from locations.models import Location

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

Channel = ConsultRequest.Channel


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
    defaults: dict[str, Any] = {"label": gettext_lazy("Note"), "required": False}
    return forms.CharField(
        max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **(defaults | options)
    )


class DeskForm(forms.Form):
    """One thing to do with one request.

    `seen` is the version that was on the page; a save on an older one is refused in words.
    """

    verb: ClassVar[str]
    button: ClassVar["StrPromise"]
    done: ClassVar["StrPromise"]
    use_required_attribute = False

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

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
        triage.claim(self.row, actor, take_over=self.cleaned_data["take_over"])


class ReleaseForm(DeskForm):
    verb = "release"
    button = gettext_lazy("Give it back")
    done = gettext_lazy("Given back: anyone at the clinic may take it.")

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.assignee is not None

    def act(self, actor: User) -> None:
        triage.release(self.row, actor, seen=self.cleaned_data["seen"])


class ContactForm(SafetyForm):
    """How did it go, what next and when: one contact attempt and its next step, saved together."""

    verb = "log_contact"
    closes = False
    button = gettext_lazy("Save")
    done = gettext_lazy("Saved.")
    NEXT = (
        ("try", gettext_lazy("Try again")),
        ("book", gettext_lazy("Visit booked")),
        ("wait", gettext_lazy("Wait for their reply")),
    )

    result = forms.ChoiceField(
        label=gettext_lazy("How did it go?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say how it went: for example No answer.")},
    )
    next_step = forms.ChoiceField(
        label=gettext_lazy("What next?"), choices=NEXT, widget=forms.RadioSelect, initial="try"
    )
    day = day_field(label=gettext_lazy("Day"))
    time = time_field(label=gettext_lazy("Time"))
    note = note_field(help_text=gettext_lazy("What a colleague needs to know."))

    field_order = ("result", "next_step", "day", "time", "note", "safety")

    def __init__(self, row: ConsultRequest, data: Any = None, **options: Any) -> None:
        super().__init__(row, data, **options)
        self.choice("result").choices = list(self.results())
        if row.state == State.BOOKED:
            again = ("try", _("Keep the visit as it is"))
            self.choice("next_step").choices = [again, ("book", _("Move the visit")), self.NEXT[2]]

    def choice(self, name: str) -> forms.ChoiceField:
        return cast(forms.ChoiceField, self.fields[name])

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.withdrawn_at is None

    def results(self) -> list[tuple[str, Any]]:
        """What can have happened on the ways that are open: no text without consent."""
        ways = contacts.open_channels(self.row)
        labels = dict(ContactResult.choices)
        names = [ContactResult.REACHED, ContactResult.CALL_BACK]
        if Channel.PHONE in ways:
            names += [
                ContactResult.NO_ANSWER,
                ContactResult.LEFT_VOICEMAIL,
                ContactResult.SOMEONE_ELSE,
                ContactResult.WRONG_NUMBER,
            ]
        results: list[tuple[str, Any]] = [(str(name), labels[name]) for name in names]
        if Channel.TEXT in ways:
            results.append((f"{ContactResult.SENT_MESSAGE}-text", _("Sent a text message")))
        if Channel.EMAIL in ways:
            results.append((f"{ContactResult.SENT_MESSAGE}-email", _("Sent an email")))
        stop = ContactResult.ASKED_TO_STOP
        return [*results, (str(stop), labels[stop])]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        next_step, day, time = data.get("next_step"), data.get("day"), data.get("time")
        needs_both = next_step == "book" or data.get("result") == ContactResult.CALL_BACK
        if data.get("result") == ContactResult.ASKED_TO_STOP:
            return data
        if needs_both and not day and "day" not in self.errors:
            self.add_error("day", _("Give the day, for example 12/03/2026."))
        if (needs_both or (day and next_step == "book")) and not time and "time" not in self.errors:
            self.add_error("time", _("Give the time, for example 10:30 AM."))
        if time and not day and not needs_both:
            self.add_error("day", _("Give the day as well, for example 12/03/2026."))
        return data

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        result, _dash, channel = data["result"].partition("-")
        row = triage.log_contact(
            self.row,
            actor,
            result,
            channel=channel,
            next_at=self.next_at(),
            seen=data["seen"],
            note=data["note"],
            safety=self.safety_step,
        )
        if result == ContactResult.ASKED_TO_STOP:
            return
        if data["next_step"] == "book":
            triage.book(row, actor, day=data["day"], time=data["time"])
        elif data["next_step"] == "wait":
            triage.wait(row, actor, until=data["day"])

    def next_at(self) -> dt.datetime | None:
        """When to try again, if it was said: a day without a time begins when the clinic opens."""
        data = self.cleaned_data
        day, time = data["day"], data["time"]
        is_for_a_try = data["next_step"] == "try" or data["result"] == ContactResult.CALL_BACK
        if not day or not is_for_a_try:
            return None
        if time:
            return clock.at_clinic(self.row.location, day, time)
        return clock.start_of_work(self.row.location, day)


class BookForm(DeskForm):
    verb = "book"
    button = gettext_lazy("Book the visit")
    done = gettext_lazy("The visit is booked.")

    day = day_field(label=gettext_lazy("Day"))
    time = time_field(label=gettext_lazy("Time"), help_text=gettext_lazy("Clinic time."))
    note = note_field()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Give the day of the visit, for example 12/03/2026."))
        if not data.get("time") and "time" not in self.errors:
            self.add_error("time", _("Give the time of the visit, for example 10:30 AM."))
        return data

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.withdrawn_at is None

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.book(
            self.row,
            actor,
            day=data["day"],
            time=data["time"],
            seen=data["seen"],
            note=data["note"],
        )


class WaitForm(DeskForm):
    verb = "wait"
    button = gettext_lazy("Wait")
    done = gettext_lazy("Waiting. The request comes back to the desk on that day.")

    until = day_field(
        label=gettext_lazy("Wait until"),
        help_text=gettext_lazy("Blank: seven days from now. A booked visit is dropped."),
    )
    note = note_field()

    @property
    def is_offered(self) -> bool:
        return super().is_offered and self.row.withdrawn_at is None

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.wait(self.row, actor, until=data["until"], seen=data["seen"], note=data["note"])


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
