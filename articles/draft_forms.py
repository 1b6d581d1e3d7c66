"""What somebody without an account fills in to say something to a draft."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from articles.drafts import COMMENT_LENGTH, NAME_LENGTH
from clinic.http import has_control_characters

TOO_LONG = _("Shorten this to %(limit_value)d characters or fewer; you have %(show_value)d")
# Marks that turn the reading direction of all that follows, on whatever page prints it.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_one_line(value: str) -> None:
    if has_control_characters(value):
        raise ValidationError(_("Write your name on one line"), code="one_line")


def validate_plain(value: str) -> None:
    """Many lines are welcome; hidden characters are not."""
    if has_control_characters(value, allowed="\t\r\n") or not TURNS.isdisjoint(value):
        raise ValidationError(
            _("Remove the hidden characters: type this again instead of pasting it"), code="plain"
        )


class CommentForm(forms.Form):
    """A name and a comment, both plain text."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Your name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
        validators=[validate_one_line, validate_plain],
        error_messages={
            "required": _("Give your name, so that the editors know who says it"),
            "max_length": TOO_LONG,
        },
    )
    text = forms.CharField(
        label=_("Your comment"),
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 6}),
        help_text=_(
            "Say which sentence you mean. Plain text, up to 2,000 characters. Nothing about a "
            "patient."
        ),
        validators=[validate_plain],
        error_messages={
            "required": _("Write your comment, for example: the second figure needs its source"),
            "max_length": TOO_LONG,
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # A browser would cut off what is pasted; we say what is too long instead.
            field.widget.attrs.pop("maxlength", None)

    @classmethod
    def filled(cls, posted: QueryDict) -> "CommentForm":
        """The form with what was typed, unjudged."""
        return cls(initial={name: posted.get(name, "") for name in cls.base_fields})

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True  # the token would set a cookie
        return helper
