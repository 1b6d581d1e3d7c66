"""The questions of the form: what is asked, what passes, what is said when it does not."""

import datetime as dt
from typing import Any

import pytest
from django.core import signing
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consults.forms import ConsultForm
from consults.models import ConsultRequest
from locations.models import Location
from tests import build
from tests.consults.build import SAME_ORIGIN, answers, elements, field, form_token, words

pytestmark = pytest.mark.django_db

PHONE_ADVICE = "Enter a phone number with its area code, for example (205) 555-0134"
NAME_ADVICE = "Tell us what to call you, for example Sam"
ONE_LINE_ADVICE = "Write this on one line, without tabs, line breaks or hidden characters"


@pytest.fixture
def where() -> Location:
    return build.location()


def filled(where: Location | None, **changes: Any) -> ConsultForm:
    data = QueryDict(mutable=True)
    for name, value in answers(where, **changes).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form = ConsultForm(list(Location.objects.listed()), data)
    form.is_valid()
    return form


def errors(form: ConsultForm) -> dict[str, list[str]]:
    return {name: [str(text) for text in found] for name, found in form.errors.items()}


# --- What is asked ------------------------------------------------------------------------------


def test_form_asks_in_this_order(client: Client, where: Location) -> None:
    build.location(texting_phone="+12055550142")
    page = client.get("/consult/")
    labels = [words(e.text) for e in elements(page) if e.get("class") == "label"]
    assert labels == [
        "Who is this for?",
        "What should we call you?",
        "Which clinic?",
        "How should we reach you first?",
        "Phone number",
        "Email address",
        "May we leave a voicemail?",
        "When is a good time?",
        "Anything you want us to know? (optional)",
    ]
    consent = field(page, "may_text")[0]
    assert "checked" not in consent


def test_form_picks_nothing_for_the_visitor(client: Client, where: Location) -> None:
    page = client.get("/consult/")
    inputs = elements(page, "input")
    assert inputs
    assert not [e for e in inputs if "checked" in e]
    assert not [e for e in elements(page) if "required" in e or "maxlength" in e]
    assert "novalidate" in elements(page, "form")[0]
    assert "*" not in elements(page, "form")[0].text


def test_form_fields_have_a_label_and_autocomplete(client: Client, where: Location) -> None:
    page = client.get("/consult/")
    labelled = {e["for"] for e in elements(page, "label")}
    visible = [
        e for e in elements(page) if e.tag in {"input", "textarea"} and e.get("type") != "hidden"
    ]
    assert {e["id"] for e in visible} == labelled
    autocomplete = {
        name: field(page, name)[0]["autocomplete"] for name in ("name", "phone", "email")
    }
    assert autocomplete == {"name": "given-name", "phone": "tel", "email": "email"}


def test_form_offers_clinics_that_take_requests(client: Client) -> None:
    build.location(city="Open Town", slug="open-town", area="Known Area, AL")
    build.location(slug="soon", state=Location.State.COMING)
    build.location(slug="gone", state=Location.State.CLOSED)
    build.location(
        slug="pausing",
        name="Pausing Town",
        state=Location.State.PAUSED,
        pause_message="Please call us until June.",
    )
    page = client.get("/consult/")
    assert [e["value"] for e in field(page, "clinic")] == ["open-town", "unsure"]
    assert "Known Area, AL" in page.content.decode()
    assert "Pausing Town. Please call us until June." in page.content.decode()


def test_form_offers_a_clinic_again_after_its_pause(client: Client) -> None:
    yesterday = timezone.localdate() - dt.timedelta(days=2)
    build.location(slug="back", state=Location.State.PAUSED, paused_until=yesterday)
    assert field(client.get("/consult/"), "clinic")[0]["value"] == "back"


def test_form_offers_text_only_where_a_clinic_has_a_line(client: Client, where: Location) -> None:
    def channels() -> list[str]:
        return [e["value"] for e in field(client.get("/consult/"), "channel")]

    assert channels() == ["phone", "email"]
    build.location(name="Texting Town", texting_phone="+12055550142")
    assert channels() == ["phone", "text", "email"]
    assert "Only from: Texting Town" in client.get("/consult/").content.decode()


# --- Phone numbers, names, the question ---------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["(205) 555-0134", "205.555.0134", "+1 205 555 0134", " 2055550134 ", "1-205-555-0134"]
)
def test_phone_is_one_number_however_it_is_typed(where: Location, typed: str) -> None:
    assert filled(where, phone=typed).cleaned_data["phone"] == "+12055550134"


def test_phone_keeps_an_extension(where: Location) -> None:
    form = filled(where, phone="(205) 555-0134 ext. 12")
    assert form.cleaned_data["phone"] == "+12055550134;ext=12"


@pytest.mark.parametrize("typed", ["555-0134", "310-1234", "call me", "205 555 013", "1" * 60])
def test_phone_that_is_not_whole_is_refused_with_an_example(where: Location, typed: str) -> None:
    assert list(errors(filled(where, phone=typed))) == ["phone"]
    assert "(205) 555-0134" in filled(where, phone=typed).errors["phone"][0] or len(typed) > 40


@pytest.mark.parametrize("name", ["phone", "email", "name"])
@pytest.mark.parametrize("mark", ["\n", "\r\n", "\t", "\x00", "\x1b"])
def test_line_break_in_a_one_line_field_is_refused_in_words(
    where: Location, name: str, mark: str
) -> None:
    form = filled(where, **{name: f"20555{mark}50134"})
    assert form.errors[name][0] == ONE_LINE_ADVICE


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien",
        "O\u2019Brien",
        "José Núñez",
        "Thảo",
        "J",
        "Sam Lee",
        "😀",
        "שרה",
        "محمد",
        "李",
        "x" * 120,
    ],
)
def test_name_that_people_have_passes(where: Location, name: str) -> None:
    assert filled(where, name=name).cleaned_data["name"] == name


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("", NAME_ADVICE),
        ("   ", NAME_ADVICE),
        ("\u200b\u200f", NAME_ADVICE),
        ("x" * 121, "Shorten this to 120 characters or fewer"),
    ],
)
def test_name_without_letters_or_too_long_is_refused(
    where: Location, name: str, advice: str
) -> None:
    assert errors(filled(where, name=name)) == {"name": [advice]}


def test_question_takes_two_thousand_characters_and_many_lines(where: Location) -> None:
    text = "é\n" * 1000
    assert filled(where, question=text).cleaned_data["question"] == text.strip()
    form = filled(where, question="x" * 2001)
    assert errors(form) == {
        "question": [
            "Shorten this to 2,000 characters or fewer; you have 2001. "
            "The rest can wait until we talk"
        ]
    }


def test_question_with_hidden_characters_is_refused_in_words(where: Location) -> None:
    form = filled(where, question="a\x00b")
    assert form.errors["question"][0] == (
        "Remove the hidden characters: type this again instead of pasting it"
    )


# --- What one answer asks of another ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"phone": ""}, {"phone": ["Enter a phone number, for example (205) 555-0134"]}),
        ({"voicemail": None}, {"voicemail": ["Choose whether we may leave a voicemail"]}),
        (
            {"channel": "email"},
            {"email": ["Enter an email address, for example sam@example.com"]},
        ),
        (
            {"channel": "email", "email": "sam@"},
            {"email": ["Enter an email address in full, for example sam@example.com"]},
        ),
        (
            {"channel": "text"},
            {"may_text": ["Tick the box so that we may text you, or choose another way"]},
        ),
        ({"channel": "pigeon"}, {"channel": ["Choose how we should reach you first"]}),
    ],
)
def test_chosen_way_asks_for_what_it_needs(
    where: Location, changes: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    where.texting_phone = "+12055550142"
    where.save()
    assert errors(filled(where, **changes)) == expected


@pytest.mark.parametrize("junk", [{"may_text": "on"}, {"may_text": "?"}, {}])
def test_answer_that_does_not_apply_to_a_call_is_ignored(
    where: Location, junk: dict[str, str]
) -> None:
    form = filled(where, **junk)
    assert errors(form) == {}
    assert form.cleaned_data["may_text"] is False


@pytest.mark.parametrize("voicemail", ["named", "shout", "", None])
def test_voicemail_answer_is_ignored_where_nobody_calls(
    where: Location, voicemail: str | None
) -> None:
    form = filled(where, channel="email", email="sam@example.com", phone="", voicemail=voicemail)
    assert errors(form) == {}
    assert form.cleaned_data["voicemail"] == "no"


def test_text_is_refused_by_a_clinic_without_a_line(where: Location) -> None:
    other = build.location(name="Texting Town", texting_phone="+12055550142")
    refused = filled(where, channel="text", may_text="on")
    assert errors(refused) == {
        "channel": [f"{where.name} cannot send text messages. Choose a phone call or email"]
    }
    taken = filled(other, channel="text", may_text="on", voicemail=None)
    assert errors(taken) == {}
    assert taken.cleaned_data["may_text"] is True


def test_backup_contact_is_kept(where: Location) -> None:
    form = filled(where, email="sam@example.com")
    assert form.cleaned_data["email"] == "sam@example.com"


@pytest.mark.parametrize(
    ("ticked", "stored"),
    [
        ([], []),
        (["any"], []),
        (["any", "morning"], []),
        (["afternoon", "morning"], ["morning", "afternoon"]),
    ],
)
def test_good_times_are_in_the_order_of_the_day(
    where: Location, ticked: list[str], stored: list[str]
) -> None:
    assert filled(where, good_times=ticked).cleaned_data["good_times"] == stored


# --- Which clinic -------------------------------------------------------------------------------


def test_unsure_goes_by_area_code_else_to_the_default() -> None:
    build.location(area_codes="205, 659")
    by_code = build.location(area_codes="703, 571")
    default = build.location(is_default=True)

    def goes_to(phone: str) -> Location:
        form = filled(None, phone=phone)
        assert form.cleaned_data["location_was_chosen"] is False
        return form.cleaned_data["location"]

    assert goes_to("(703) 555-0134") == by_code
    assert goes_to("(212) 555-0134") == default
    assert goes_to("+44 20 7946 0958") == default


def test_unsure_without_a_phone_goes_to_the_default() -> None:
    build.location(area_codes="205")
    default = build.location(is_default=True)
    form = filled(None, channel="email", email="sam@example.com", phone="")
    assert form.cleaned_data["location"] == default


def test_paused_clinic_cannot_be_chosen(where: Location) -> None:
    paused = build.location(state=Location.State.PAUSED)
    assert errors(filled(paused)) == {"clinic": ["Choose a clinic, or “Not sure, help me choose”"]}


# --- Anything at all ----------------------------------------------------------------------------

ANY_TEXT = st.text(max_size=60) | st.sampled_from(
    ["phone", "text", "email", "self", "minor", "any"]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_form_answers_any_input_with_a_page(client: Client, data: st.DataObject) -> None:
    where = Location.objects.first() or build.location(texting_phone="+12055550142")
    names = [*ConsultForm.base_fields, "from", "token", "unknown"]
    start = answers(where)
    for name in data.draw(st.sets(st.sampled_from(names), max_size=5)):
        start[name] = data.draw(
            st.lists(ANY_TEXT, max_size=3) if name == "good_times" else ANY_TEXT
        )
    before = ConsultRequest.objects.count()
    response = client.post("/consult/", start, headers=SAME_ORIGIN)
    assert response.status_code in {200, 302, 422}
    is_stored = response.status_code == 302
    assert ConsultRequest.objects.count() - before == int(is_stored)


def test_token_made_for_something_else_is_foreign(client: Client, where: Location) -> None:
    foreign = signing.dumps(["nonce", 1, False], salt="something.else")
    assert client.post("/consult/", answers(where, token=foreign)).status_code == 422
    assert client.post("/consult/", answers(where, token=form_token())).status_code == 302
