"""The forms of the staff's screen for hours."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateformat import format as formatted
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from locations.calendar import Calendar, Span, federal_holidays
from locations.hours import span_words
from locations.models import Location
from locations.opening import BEFORE, Decision

LEAVE = ""
KINDS = [
    ("closed", gettext_lazy("Closed")),
    ("usual", gettext_lazy("Open as usual")),
    ("hours", gettext_lazy("Other hours")),
]
LONGEST_RUN = dt.timedelta(days=366)

Holding = tuple[str, tuple[Span, ...]]  # what holds on a day: its kind, and its hours if other


def date_input() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def time_input() -> forms.TimeInput:
    return forms.TimeInput({"type": "time"}, format="%H:%M")


class DecisionForm(forms.Form):
    """What holds on some days: closed, open as usual, or other hours with both times."""

    kind = forms.ChoiceField(
        label=gettext_lazy("On these days"),
        choices=KINDS,
        error_messages={"required": gettext_lazy("Choose what holds, for example Closed.")},
    )
    opens = forms.TimeField(
        label=gettext_lazy("Opens"),
        required=False,
        widget=time_input(),
        error_messages={"invalid": gettext_lazy("Enter a time, for example 09:00.")},
    )
    closes = forms.TimeField(
        label=gettext_lazy("Closes"),
        required=False,
        widget=time_input(),
        error_messages={"invalid": gettext_lazy("Enter a time, for example 12:00.")},
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        answers = self.cleaned_data
        if answers.get("kind") == "hours":
            self._check_times(answers)
        elif {"opens", "closes"} & set(self.changed_data) and self._has_times(answers):
            self.add_error("kind", _("Choose “Other hours”, or leave both times as they were."))
        else:
            answers["opens"] = answers["closes"] = None
        return answers

    def _check_times(self, answers: dict[str, Any]) -> None:
        opens, closes = answers.get("opens"), answers.get("closes")
        if "opens" in self.errors or "closes" in self.errors:
            return
        if not (opens and closes):
            self.add_error("opens", _("Give both times, for example 9 a.m. and noon."))
        elif opens >= closes:
            self.add_error("opens", BEFORE)

    @staticmethod
    def _has_times(answers: dict[str, Any]) -> bool:
        return bool(answers.get("opens") or answers.get("closes"))


class HolidayForm(DecisionForm):
    """One federal holiday, at one clinic or at several that may differ."""

    def __init__(
        self,
        day: dt.date,
        name: str,
        clinics: Sequence[Location],
        posted: QueryDict | None = None,
    ) -> None:
        self.day, self.name = day, name
        self.holding = {clinic: holding(Calendar.of(clinic), day) for clinic in clinics}
        super().__init__(posted, prefix=f"{day:%Y-%m-%d}", initial=self._held())
        self.fields["kind"].label = _("On this day")
        if self.differs:
            kind = self.fields["kind"]
            kind.required = False
            kind.choices = [(LEAVE, _("Leave as it is")), *KINDS]  # type: ignore[attr-defined]

    @property
    def differs(self) -> bool:
        """Whether one line cannot say what holds: clinics differ, or the day has a break."""
        held = set(self.holding.values())
        return len(held) != 1 or any(len(spans) > 1 for _kind, spans in held)

    @cached_property
    def in_words(self) -> list[str]:
        """What holds at each clinic, where one line cannot say it."""
        if not self.differs:
            return []
        return [f"{clinic.name}: {words(held)}" for clinic, held in self.holding.items()]

    def _held(self) -> dict[str, Any]:
        if self.differs:
            return {"kind": LEAVE}
        ((kind, spans),) = set(self.holding.values())
        opens, closes = spans[0] if spans else (None, None)
        return {"kind": kind, "opens": opens, "closes": closes}

    def decision(self) -> Decision:
        return Decision(self.day, self.day, label=self.name, **self.cleaned_data)


class RunOfDaysForm(DecisionForm):
    """A day or a run of days that differs from the week."""

    first_day = forms.DateField(
        label=gettext_lazy("First day"),
        widget=date_input(),
        error_messages={
            "required": gettext_lazy("Give the first day, for example 2026-12-24."),
            "invalid": gettext_lazy("Enter a day, for example 2026-12-24."),
        },
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=date_input(),
        help_text=gettext_lazy("Leave blank for one day."),
        error_messages={"invalid": gettext_lazy("Enter a day, for example 2026-12-31.")},
    )
    label = forms.CharField(
        label=gettext_lazy("Shown as"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Visitors read it, for example: Staff training."),
    )
    field_order = ("first_day", "last_day", "kind", "opens", "closes", "label")

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        first = answers.get("first_day")
        if first is None:
            return answers
        answers["last_day"] = last = answers.get("last_day") or first
        if last < first:
            self.add_error("last_day", _("The last day must not be before the first."))
        elif last - first > LONGEST_RUN:
            self.add_error("last_day", _("Give a run of a year or less, or change the usual week."))
        return answers

    def decision(self) -> Decision:
        return Decision(**self.cleaned_data)


def holiday_forms(
    year: int, today: dt.date, clinics: Sequence[Location], posted: QueryDict | None = None
) -> list[HolidayForm]:
    """A form for each federal holiday of the year that is not over and changes someone's week."""
    calendars = [Calendar.of(clinic) for clinic in clinics]
    return [
        HolidayForm(day, name, clinics, posted)
        for day, name in federal_holidays(year).items()
        if day >= today and any(matters(calendar, day) for calendar in calendars)
    ]


def matters(calendar: Calendar, day: dt.date) -> bool:
    """Whether the clinic would otherwise work on this day, or has decided about it."""
    decided = any(special.covers(day) for special in calendar.special)
    return decided or bool(calendar.counted_week[day.weekday()])


def holding(calendar: Calendar, day: dt.date) -> Holding:
    kind = calendar.kind(day)
    return kind, calendar.spans(day) if kind == "hours" else ()


def words(held: Holding) -> str:
    kind, spans = held
    return span_words(spans) if spans else str(dict(KINDS)[kind])


def listed(clinics: Iterable[Location]) -> str:
    return ", ".join(clinic.name for clinic in clinics)


def day_words(first: dt.date, last: dt.date) -> str:
    """As “Thursday, November 26, 2026”, or “December 24 to January 1, 2027”."""
    if first == last:
        return formatted(first, "l, F j, Y")
    return _("%(first)s to %(last)s") % {
        "first": formatted(first, "F j"),
        "last": formatted(last, "F j, Y"),
    }
