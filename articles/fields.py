"""The form fields that the staff site has of its own."""

import datetime as dt
import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

QUESTION = re.compile(r"^##(?!#)[ \t]*(.*)$", re.MULTILINE)
TALL = {"class": "article-text"}


class LinesField(forms.CharField):
    """A text of many lines, which end as they do in the database, however a browser sent them."""

    def to_python(self, value: Any) -> str:
        return with_plain_lines(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(with_plain_lines(initial or ""), data)


def with_plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n")


class QuestionsField(forms.CharField):
    """Questions and answers as one text: each question on a line that begins with ##."""

    widget = forms.Textarea(attrs={**TALL, "rows": 24})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n\n".join(f"## {item['question']}\n\n{item['answer']}" for item in value)
        return value

    def to_python(self, value: Any) -> list[dict[str, str]]:  # type: ignore[override]
        """Raises ValidationError for a text before the first question, or half a pair."""
        before, pairs = pairs_in(super().to_python(value) or "")
        if before:
            raise ValidationError(
                _("Begin with a question, for example: ## Will I be asleep?"), code="question"
            )
        for pair in pairs:
            if not pair["question"]:
                raise ValidationError(_("There is a ## without a question after it."))
            if not pair["answer"]:
                raise ValidationError(
                    _("Write an answer under “%(question)s”."),
                    params={"question": pair["question"]},
                )
        return pairs

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or []) != self.clean(data)
        except ValidationError:
            return True


def pairs_in(text: str) -> tuple[str, list[dict[str, str]]]:
    """What stands before the first question, and the questions with their answers."""
    before, *pieces = QUESTION.split(with_plain_lines(text))
    return before.strip(), [
        {"question": question.strip(), "answer": answer.strip()}
        for question, answer in zip(pieces[::2], pieces[1::2], strict=True)
    ]


class MomentField(forms.DateTimeField):
    """A moment in the editor's own zone. Says why when the clock shows it twice, or never."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            naive = cast(dict[str, Any], error.params)["datetime"]
            raise ValidationError(self.reason(naive), code=error.code) from error

    def reason(self, naive: dt.datetime) -> str:
        """Why this is no single moment: clocks go forward over it, or come back through it."""
        aware = naive.replace(tzinfo=timezone.get_current_timezone())
        there_and_back = aware.astimezone(dt.UTC).astimezone(aware.tzinfo)
        if there_and_back.replace(tzinfo=None) != naive:
            words = _(
                "There is no %(time)s on %(day)s: clocks go forward over that hour. Choose a time "
                "an hour earlier or later."
            )
        else:
            words = _(
                "%(time)s comes twice on %(day)s: clocks go back through that hour. Choose a time "
                "an hour earlier or later."
            )
        day, time = date_format(naive, "DATE_FORMAT"), date_format(naive, "TIME_FORMAT")
        return words % {"time": time, "day": day}
