"""The forms of publishing: when, why, and what people say to findings."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import MomentField
from articles.findings import Finding
from articles.forms import WIDE
from articles.judgements import SHORTEST_REASON


class ReadForm(forms.Form):
    """Warnings that an editor says to have read, each ticked by itself."""

    read = forms.MultipleChoiceField(
        label=_("Warnings I have read"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They never stand in the way. Your name is kept with those you tick."),
    )

    def __init__(self, *args: Any, warnings: Sequence[Finding] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warnings = warnings
        if warnings:
            cast(forms.MultipleChoiceField, self.fields["read"]).choices = [
                (found.fingerprint, f"“{found.sentence}” {found.message}") for found in warnings
            ]
        else:
            del self.fields["read"]

    def chosen(self) -> list[Finding]:
        ticked = self.cleaned_data.get("read", ())
        return [found for found in self.warnings if found.fingerprint in ticked]


class OverrideForm(forms.Form):
    fingerprint = forms.CharField(max_length=24, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why this sentence may stand"),
        strip=True,
        min_length=SHORTEST_REASON,
        max_length=2000,
        error_messages={
            "min_length": _("Say why the sentence may stand, in at least 20 characters."),
            "required": _("Say why the sentence may stand, in at least 20 characters."),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least 20 characters. It counts for these very words, and is kept."),
    )


class PublishForm(ReadForm):
    field_order = ["because", "at", "read"]

    because = forms.CharField(
        label=_("Corrected because"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=WIDE),
        help_text=_(
            "Readers see this on the page. For example: a larger study did not find the same."
        ),
    )
    at = MomentField(
        label=_("Go live at"),
        required=False,
        help_text=_("In your own time zone. Leave it empty to publish now."),
    )

    def __init__(
        self, *args: Any, needs_reason: bool = False, at_once: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["because"]
        if at_once:
            del self.fields["at"]

    def clean_at(self) -> Any:
        at = self.cleaned_data["at"]
        if at is not None and at <= timezone.now():
            raise ValidationError(_("That moment has passed. Leave this empty to publish now."))
        return at
