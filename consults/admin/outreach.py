"""Reaching the person: how it went, what next and when, the visit, waiting for a reply."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from consults import clock, contacts, triage
from consults.admin.forms import DeskForm, SafetyForm, day_field, note_field, time_field
from consults.models import ConsultRequest, State
from consults.triage import ContactResult

Channel = ConsultRequest.Channel


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
    note = note_field(
        label=gettext_lazy("Note for colleagues"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

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
        return super().is_offered and self.row.stopped_at is None

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
        return super().is_offered and self.row.stopped_at is None

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
        return super().is_offered and self.row.stopped_at is None

    def act(self, actor: User) -> None:
        data = self.cleaned_data
        triage.wait(self.row, actor, until=data["until"], seen=data["seen"], note=data["note"])
