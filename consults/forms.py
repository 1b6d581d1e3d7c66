"""The form that asks for a consult. Plain questions, nothing medical, nothing lost on an error."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from articles.models import Article
from clinic.http import has_control_characters
from consults import consent
from consults.models import ConsultRequest
from locations.models import Location

Channel, ForWhom, Time, Voicemail = (
    ConsultRequest.Channel,
    ConsultRequest.ForWhom,
    ConsultRequest.Time,
    ConsultRequest.Voicemail,
)

MINOR = "minor"  # never stored: it leads to a page with next steps
UNSURE = "unsure"
ANY_TIME = "any"
NAME_LENGTH = 120
QUESTION_LENGTH = 2000
PHONE_EXAMPLE = "(205) 555-0134"
SLUG = re.compile(r"[-a-z0-9_]{1,120}", re.IGNORECASE)
NORTH_AMERICA, AREA_AND_NUMBER = 1, 10  # country code, digits

PHONE_INVALID = format_lazy(
    _("Enter a phone number with its area code, for example {example}"), example=PHONE_EXAMPLE
)
CRISIS_BOX = '{% include "_crisis_box.html" with size="large" only %}'


# Marks that turn the reading direction of all that follows, on whatever page prints it.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_one_line(value: str) -> None:
    if has_control_characters(value) or not TURNS.isdisjoint(value):
        raise ValidationError(
            _("Write this on one line, without tabs, line breaks or hidden characters"),
            code="one_line",
        )


def validate_visible(value: str) -> None:
    """Refuses text made only of marks that print nothing."""
    if not any(unicodedata.category(char)[0] in "LNPS" for char in value):
        raise ValidationError(_("Tell us what to call you, for example Sam"), code="required")


def validate_text(value: str) -> None:
    """Many lines are welcome; other control characters are no text."""
    if has_control_characters(value, allowed="\t\r\n"):
        raise ValidationError(
            _("Remove the hidden characters: type this again instead of pasting it"), code="text"
        )


class PhoneField(PhoneNumberField):
    """A number however it is typed; what is typed stays as it was when the form comes back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(region="US", max_length=40, **kwargs)
        self.error_messages |= {"invalid": PHONE_INVALID}

    def to_python(self, value: Any) -> PhoneNumber | str:
        validate_one_line(str(value or "").strip())
        number = super().to_python(value)
        # libphonenumber takes some seven-digit numbers for whole ones.
        digits = str(number.national_number) if number else ""
        if number and number.country_code == NORTH_AMERICA and len(digits) != AREA_AND_NUMBER:
            raise ValidationError(PHONE_INVALID, code="invalid")
        return number

    def run_validators(self, value: Any) -> None:
        if value and not value.is_valid():
            raise ValidationError(PHONE_INVALID, code="invalid")


class EmailField(forms.EmailField):
    default_validators = [validate_one_line, validate_email]


class HintedRadioSelect(forms.RadioSelect):
    """Radio buttons, some of which have a hint of their own (by value)."""

    hints: Mapping[str, object] = MappingProxyType({})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"hint": self.hints.get(str(value), "")}


class SourceField(forms.Field):
    """The slug of the article the visitor came from. Whatever else stands there is dropped."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> str:
        return value if isinstance(value, str) and SLUG.fullmatch(value) else ""


def choice_messages(advice: Any) -> dict[str, Any]:
    return {"required": advice, "invalid_choice": advice}


def text_input(autocomplete: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "autocomplete": autocomplete, **attrs})


class ConsultForm(forms.Form):
    """Asks in the order of the page. `clinics` are those visitors see, in their order.

    After `is_valid()`, `cleaned_data` holds only answers that apply, and besides them what follows
    from them: where the request goes, whether that was chosen, the article it came from.
    """

    use_required_attribute = False

    for_whom = forms.ChoiceField(
        label=_("Who is this for?"),
        choices=[*ForWhom.choices, (MINOR, _("Someone under 18"))],
        widget=forms.RadioSelect,
        help_text=_(
            "Asking for someone else? Give your own name and number. We cannot tell you about "
            "their care unless they agree."
        ),
        error_messages=choice_messages(_("Choose who this is for")),
    )
    name = forms.CharField(
        label=_("What should we call you?"),
        max_length=NAME_LENGTH,
        widget=text_input("given-name"),
        help_text=_("A first name is fine."),
        validators=[validate_one_line, validate_visible],
        error_messages={
            "required": _("Tell us what to call you, for example Sam"),
            "max_length": _("Shorten this to %(limit_value)d characters or fewer"),
        },
    )
    clinic = forms.ChoiceField(
        label=_("Which clinic?"),
        widget=HintedRadioSelect,
        error_messages=choice_messages(_("Choose a clinic, or “Not sure, help me choose”")),
    )
    channel = forms.ChoiceField(
        label=_("How should we reach you first?"),
        widget=HintedRadioSelect,
        error_messages=choice_messages(_("Choose how we should reach you first")),
    )
    phone = PhoneField(
        label=_("Phone number"),
        required=False,
        widget=text_input("tel"),
        help_text=_(
            "Needed for a call or a text. Otherwise it is optional, as a backup. "
            "For example (205) 555-0134."
        ),
    )
    email = EmailField(
        label=_("Email address"),
        required=False,
        max_length=254,
        widget=text_input("email", type="email", spellcheck="false"),
        help_text=_(
            "Needed if we should write to you. Otherwise it is optional, as a backup. "
            "For example sam@example.com."
        ),
        error_messages={
            "invalid": _("Enter an email address in full, for example sam@example.com"),
            "max_length": _("Enter an email address in full, for example sam@example.com"),
        },
    )
    may_text = forms.BooleanField(
        label=consent.CURRENT.texting,
        required=False,
        help_text=_("Only if you chose text message:"),
    )
    voicemail = forms.ChoiceField(
        label=_("May we leave a voicemail?"),
        choices=Voicemail.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Only if you chose a phone call. Think about who else might hear it."),
        error_messages=choice_messages(_("Choose whether we may leave a voicemail")),
    )
    good_times = forms.MultipleChoiceField(
        label=_("When is a good time?"),
        choices=[(ANY_TIME, _("Any time")), *Time.choices],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Weekdays, clinic time. Tick all that suit you; nothing ticked is any time."),
        error_messages=choice_messages(_("Tick the times that suit you, or none")),
    )
    question = forms.CharField(
        label=_("Anything you want us to know? (optional)"),
        required=False,
        max_length=QUESTION_LENGTH,
        widget=forms.Textarea(
            attrs={
                "class": "input",
                "rows": 5,
                "data-count": QUESTION_LENGTH,
                "data-left": _("%s characters left"),
                "data-over": _("%s characters too many"),
            }
        ),
        help_text=_(
            "A question, or what would make this easier. Please leave out medical details. "
            "Up to 2,000 characters."
        ),
        validators=[validate_text],
        error_messages={
            "max_length": _(
                "Shorten this to 2,000 characters or fewer; you have %(show_value)d. The rest can "
                "wait until we talk"
            )
        },
    )

    def __init__(self, clinics: Sequence[Location], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = SourceField(required=False)
        self.clinics = {clinic.slug: clinic for clinic in clinics if clinic.takes_requests()}
        self.paused = [clinic for clinic in clinics if clinic.is_paused()]
        self._offer_clinics()
        self._offer_channels()
        for field in self.fields.values():
            # A browser would cut off what is pasted; we say what is too long instead.
            field.widget.attrs.pop("maxlength", None)

    @classmethod
    def filled(cls, clinics: Sequence[Location], posted: QueryDict) -> "ConsultForm":
        """The form with what was typed, unjudged."""
        several = {"good_times"}
        initial = {
            name: posted.getlist(name) if name in several else posted.get(name, "")
            for name in [*cls.base_fields, "from"]
        }
        return cls(clinics, initial=initial)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True  # the token would set a cookie
        helper.layout = Layout(
            "for_whom",
            "name",
            "clinic",
            "channel",
            "phone",
            "email",
            Div("may_text", data_shows_when=f"channel={Channel.TEXT}"),
            Div("voicemail", data_shows_when=f"channel={Channel.PHONE}"),
            "good_times",
            HTML(CRISIS_BOX),
            "question",
            "from",
        )
        return helper

    def _offer_clinics(self) -> None:
        field = cast(forms.ChoiceField, self.fields["clinic"])
        field.choices = [
            *((clinic.slug, f"{clinic.city}, {clinic.region}") for clinic in self.clinics.values()),
            (UNSURE, _("Not sure, help me choose")),
        ]
        widget = cast(HintedRadioSelect, field.widget)
        widget.hints = {clinic.slug: clinic.area for clinic in self.clinics.values()}
        messages = (
            f"{_('Not taking requests for now:')} {clinic.name}. {clinic.pause_message}".strip()
            for clinic in self.paused
        )
        field.help_text = " ".join(messages)

    def _offer_channels(self) -> None:
        field = cast(forms.ChoiceField, self.fields["channel"])
        with_texting = [clinic.name for clinic in self.clinics.values() if clinic.texting_phone]
        offered = [
            choice for choice in Channel.choices if choice[0] != Channel.TEXT or with_texting
        ]
        field.choices = offered
        if len(with_texting) < len(self.clinics):
            towns = ", ".join(with_texting)
            hint = _("Only from: %(towns)s") % {"towns": towns}
            cast(HintedRadioSelect, field.widget).hints = {Channel.TEXT.value: hint}

    # --- What one field cannot know -------------------------------------------------------------

    def clean_phone(self) -> str:
        """E.164, with an extension as RFC 3966 writes it: +12055550134;ext=12."""
        number = self.cleaned_data["phone"]
        if not number:
            return ""
        return number.as_e164 + (f";ext={number.extension}" if number.extension else "")

    def clean_good_times(self) -> list[str]:
        """In the order of the day; empty means any time."""
        ticked = self.cleaned_data["good_times"]
        return [] if ANY_TIME in ticked else [time for time in Time.values if time in ticked]

    def clean(self) -> dict[str, Any]:
        answers = self.cleaned_data
        self._route(answers)
        channel = answers.get("channel")
        if channel in {Channel.PHONE, Channel.TEXT}:
            self._need("phone", _("Enter a phone number, for example (205) 555-0134"))
        if channel == Channel.EMAIL:
            self._need("email", _("Enter an email address, for example sam@example.com"))
        if channel == Channel.PHONE:
            self._need("voicemail", _("Choose whether we may leave a voicemail"))
        if channel == Channel.TEXT:
            self._need("may_text", _("Tick the box so that we may text you, or choose another way"))
            self._check_texting(answers.get("location"))
        self._drop_what_does_not_apply(channel)
        slug = answers.pop("from")
        answers["source"] = published_article(slug) if slug else None
        return answers

    def _need(self, name: str, advice: Any) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, advice)

    def _drop_what_does_not_apply(self, channel: str | None) -> None:
        answers = self.cleaned_data
        answers["may_text"] = channel == Channel.TEXT and answers.get("may_text", False)
        if channel != Channel.PHONE:
            answers["voicemail"] = Voicemail.NO.value
            self.errors.pop("voicemail", None)

    def _check_texting(self, location: Location | None) -> None:
        if location is not None and not location.texting_phone:
            self.add_error(
                "channel",
                _("%(clinic)s cannot send text messages. Choose a phone call or email")
                % {"clinic": location.name},
            )

    def _route(self, answers: dict[str, Any]) -> None:
        """Settles where the request goes: as chosen, else by area code, else the default clinic."""
        chosen = answers.get("clinic")
        if chosen is None:
            return
        answers["location_was_chosen"] = chosen != UNSURE
        answers["location"] = (
            self.clinics.get(chosen)
            or by_area_code(self.clinics.values(), answers.get("phone", ""))
            or Location.objects.default()
        )


def published_article(slug: str) -> Article | None:
    return Article.objects.published().filter(slug=slug).first()


def by_area_code(clinics: Iterable[Location], phone: str) -> Location | None:
    """The first clinic that lists the area code of this North American number (E.164)."""
    code = phone[2:5] if phone.startswith("+1") else None
    return next(
        (clinic for clinic in clinics if code in re.findall(r"\d{3}", clinic.area_codes)), None
    )
