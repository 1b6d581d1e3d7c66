"""The queue and the request page, through the browser's eyes."""

import datetime as dt
import re
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import User
from consults import triage
from consults.models import ConsultRequest, Event, EventKind, Note, State
from locations.models import Location, Membership
from tests import build
from tests.consults.build import consult, consult_in, held_by

LIST = reverse("admin:consults_consultrequest_changelist")
FIND = reverse("admin:consults_consultrequest_find")
MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # 10:00 in Alabama


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY_10, tick=False):
        yield


@pytest.fixture
def clinic(db: None) -> Location:
    where = build.location(name="Vestavia Hills", practice_name="Porch Clinic")
    build.weekday_hours(where)
    return where


@pytest.fixture
def staff(clinic: Location) -> User:
    return build.member(clinic, first_name="Ana", last_name="Reyes")


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page_of(row: ConsultRequest) -> str:
    return reverse("admin:consults_consultrequest_change", args=[row.pk])


def text_of(response: Any) -> str:
    """The page as words, without tags and line breaks."""
    html = re.sub(r"<(style|script).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def do(desk: Client, row: ConsultRequest, verb: str, **data: Any) -> HttpResponse:
    return desk.post(page_of(row), {"verb": verb, "seen": row.version, **data})  # type: ignore[return-value]


def kinds(row: ConsultRequest) -> list[str]:
    return list(row.events.values_list("kind", flat=True))


# --- The queue ----------------------------------------------------------------------------------


def shown(response: Any) -> list[ConsultRequest]:
    return list(response.context["cl"].result_list)


def test_queue_opens_on_open_requests_with_safety_first_then_by_due(
    desk: Client, clinic: Location
) -> None:
    later = consult(clinic, next_action_at=MONDAY_10 + dt.timedelta(hours=9))
    sooner = consult(clinic, next_action_at=MONDAY_10 - dt.timedelta(hours=1))
    flagged = consult(clinic, next_action_at=MONDAY_10 + dt.timedelta(days=3), is_flagged=True)
    consult_in(State.CLOSED, clinic)
    consult_in(State.QUARANTINED, clinic)

    response = desk.get(LIST)

    assert shown(response) == [flagged, sooner, later]
    assert "1 h late" in text_of(response)
    assert "in 9 h" in text_of(response)


def test_saved_views_list_what_they_say(desk: Client, clinic: Location, staff: User) -> None:
    mine = held_by(staff, clinic)
    overdue = consult(clinic, next_action_at=MONDAY_10 - dt.timedelta(minutes=1))
    waiting = consult_in(State.WAITING, clinic, assignee=staff)
    booked = consult_in(State.BOOKED, clinic, assignee=staff)
    closed = consult_in(State.CLOSED, clinic)
    held = consult_in(State.QUARANTINED, clinic)

    found = {
        view: set(shown(desk.get(LIST, {"view": view})))
        for view in ("mine", "unclaimed", "overdue", "waiting", "visits", "quarantine", "closed")
    }

    assert found == {
        "mine": {mine, waiting, booked},
        "unclaimed": {overdue},
        "overdue": {overdue},
        "waiting": {waiting},
        "visits": {booked},
        "quarantine": {held},
        "closed": {closed},
    }


def test_clinic_filter_is_for_those_with_two(desk: Client, clinic: Location, staff: User) -> None:
    second = build.location(name="Opelika")
    here, there = consult(clinic), consult(second)
    assert "All my clinics" not in text_of(desk.get(LIST))

    Membership.objects.create(user=staff, location=second)

    assert "All my clinics" in text_of(desk.get(LIST))
    assert shown(desk.get(LIST, {"clinic": second.slug})) == [there]
    assert set(shown(desk.get(LIST))) == {here, there}


def test_queue_takes_as_many_queries_for_three_rows_as_for_one(
    desk: Client, clinic: Location, staff: User
) -> None:
    counts = []
    for more in (1, 2):
        for _row in range(more):
            held_by(build.member(clinic), clinic, is_flagged=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            desk.get(LIST)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_queue_reads_no_sealed_text_and_goes_on_file(
    desk: Client, clinic: Location, staff: User
) -> None:
    consult(clinic)

    with CaptureQueriesContext(connection) as queries:
        response = desk.get(LIST)

    assert not any("name_sealed" in query["sql"] for query in queries)
    assert "Jordan" not in text_of(response)
    event = Event.objects.get(kind=EventKind.LISTED)
    assert (event.actor, event.detail) == (staff, {"count": 1})


# --- Searching ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["Jordan", "miller JORDAN", "(205) 555-0134", "2055550134", " Jordan@Example.com "]
)
def test_search_finds_by_whole_words_and_keeps_them_out_of_the_address(
    words: str, desk: Client, clinic: Location
) -> None:
    row = consult_in(State.CLOSED, clinic)
    consult(clinic, name="Kim", phone="+12055550199", email="kim@example.com")

    response = desk.post(FIND, {"words": words})

    address = unquote(response.headers["Location"])
    assert re.fullmatch(rf"{re.escape(LIST)}\?key=[0-9a-f.]+", address)
    assert shown(desk.get(address)) == [row]
    assert Event.objects.filter(kind=EventKind.SEARCHED).get().detail == {}


def test_search_for_part_of_a_word_or_two_people_finds_nothing(
    desk: Client, clinic: Location
) -> None:
    consult(clinic)
    consult(clinic, name="Kim Lee", phone="+12055550199", email="kim@example.com")

    for words in ("Jord", "Jordan Kim"):
        assert shown(desk.post(FIND, {"words": words}, follow=True)) == []


@pytest.mark.parametrize("words", ["khb-4wm", "KHB4WM", " KHB 4WM "])
def test_search_by_reference_opens_the_request(words: str, desk: Client, clinic: Location) -> None:
    row = consult(clinic, reference="KHB-4WM")

    assert desk.post(FIND, {"words": words}).headers["Location"] == page_of(row)


def test_search_without_words_says_what_to_type(desk: Client, clinic: Location) -> None:
    response = desk.post(FIND, {"words": " - "}, follow=True)

    assert "Type a whole word of the name, a phone number or email." in text_of(response)
    assert desk.get(FIND).status_code == 405


def test_search_with_a_broken_key_finds_nothing(desk: Client, clinic: Location) -> None:
    consult(clinic)

    assert shown(desk.get(LIST, {"key": "Jordan"})) == []


# --- Looking at a request -------------------------------------------------------------------------


def test_request_page_shows_how_to_reach_them_and_goes_on_file(
    desk: Client, clinic: Location, staff: User
) -> None:
    row = consult(clinic, may_text=True, good_times=["afternoon"])

    response = desk.get(page_of(row))

    html, words = response.content.decode(), text_of(response)
    assert 'href="tel:+12055550134"' in html
    assert 'href="sms:+12055550134"' in html
    assert 'href="mailto:jordan@example.com"' in html
    assert "(205) 555-0134" in words
    assert "This is Ana. Please call me back at (205) 555-0134." in words
    assert "Porch Clinic" not in words  # no voicemail may name the clinic here
    assert "Late afternoon, 2 to 5. Now is outside them" in words
    assert [(event.kind, event.actor) for event in row.events.all()] == [("viewed", staff)]


def test_request_page_names_no_patient_in_title_or_address(desk: Client, clinic: Location) -> None:
    row = consult(clinic)

    html = desk.get(page_of(row)).content.decode()

    title = re.search(r"<title>(.*?)</title>", html, re.S)
    assert title is not None
    assert title[1].strip() == f"Request {row.reference} | Staff"
    for href in re.findall(r'(?:href|action)="(/[^"]*)"', html):
        assert not re.search(r"jordan|miller|0134", href, re.I)


@pytest.mark.parametrize(
    ("voicemail", "words"),
    [
        ("no", "Hang up. They asked for no message."),
        ("unnamed", "Hello, this message is for Jordan Miller. This is Ana."),
        ("named", "This is Ana from Porch Clinic."),
    ],
)
def test_voicemail_script_follows_their_rule(
    voicemail: str, words: str, desk: Client, clinic: Location
) -> None:
    row = consult(clinic, voicemail=voicemail)

    assert words in text_of(desk.get(page_of(row)))


def test_question_is_shown_on_request_and_goes_on_file(desk: Client, clinic: Location) -> None:
    row = consult(clinic, question="Is there parking?")
    closed = text_of(desk.get(page_of(row)))
    assert "Is there parking?" not in closed
    assert "Show the question" in closed

    opened = text_of(desk.get(page_of(row), {"question": "1"}))

    assert "Is there parking?" in opened
    assert kinds(row) == ["viewed", "question_shown"]
    assert [event.detail["question"] for event in row.events.all()] == [False, True]


@pytest.mark.parametrize("why", ["flagged", "mine"])
def test_question_is_open_when_flagged_or_mine(
    why: str, desk: Client, clinic: Location, staff: User
) -> None:
    values = {"is_flagged": True} if why == "flagged" else {"assignee": staff}
    row = consult(clinic, question="Is there parking?", **values)

    assert "Is there parking?" in text_of(desk.get(page_of(row)))
    assert row.events.get().detail == {"question": True}


def test_second_opener_sees_who_opened_it(desk: Client, clinic: Location) -> None:
    row, other = consult(clinic), build.member(clinic, first_name="Ben", last_name="Cole")
    triage.record(EventKind.VIEWED, row, other)

    assert "Ben Cole opened this less than 15 minutes ago." in text_of(desk.get(page_of(row)))

    with time_machine.travel(MONDAY_10 + dt.timedelta(minutes=16), tick=False):
        assert "opened this less than" not in text_of(desk.get(page_of(row)))


def test_what_cannot_be_opened_is_said_in_words(
    desk: Client, clinic: Location, staff: User
) -> None:
    row, other = held_by(staff, clinic, question="Is there parking?"), consult(clinic)
    triage.add_note(row, staff, "Prefers mornings.")
    row.refresh_from_db()
    for column in ("name_sealed", "phone_sealed", "email_sealed", "question_sealed"):
        setattr(row, column, other.name_sealed)  # sealed for another row
    row.save()
    Note.objects.update(body_sealed=b"broken")

    response = desk.get(page_of(row))

    assert response.status_code == 200
    assert text_of(response).count("Cannot be opened with the keys of this site.") == 5
    assert "tel:" not in response.content.decode().replace("tel:988", "")


def test_request_page_takes_as_many_queries_for_three_entries_as_for_one(
    desk: Client, clinic: Location, staff: User
) -> None:
    row, counts = consult(clinic), []
    for more in (1, 2):
        for _note in range(more):
            triage.add_note(row, build.member(clinic), "Prefers mornings.")
            consult(clinic)
        with CaptureQueriesContext(connection) as queries:
            desk.get(page_of(row))
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 21


# --- Doing ----------------------------------------------------------------------------------------


def test_a_call_and_its_booking_are_one_press(desk: Client, clinic: Location, staff: User) -> None:
    row = consult(clinic)

    response = do(
        desk,
        row,
        "log_contact",
        result="reached",
        next_step="book",
        day="2026-12-09",
        time="10:30",
        note="Comes with a friend.",
    )

    assert (response.status_code, response.headers["Location"]) == (302, page_of(row))
    row.refresh_from_db()
    assert (row.state, row.assignee) == (State.BOOKED, staff)
    assert row.visit_at == dt.datetime(2026, 12, 9, 16, 30, tzinfo=dt.UTC)
    assert kinds(row) == ["contact", "booked"]
    words = text_of(desk.get(page_of(row)))
    assert "Saved." in words
    assert "Comes with a friend." in words
    assert "Wed Dec 9, 10:30 AM" in words


def test_no_answer_alone_is_enough(desk: Client, clinic: Location) -> None:
    row = consult(clinic)

    do(desk, row, "log_contact", result="no_answer", next_step="try")

    row.refresh_from_db()
    # Tomorrow, at another time of day than this morning.
    assert row.next_action_at == dt.datetime(2026, 12, 8, 18, 0, tzinfo=dt.UTC)


def test_a_mistake_is_said_in_words_and_what_was_typed_is_kept(
    desk: Client, clinic: Location
) -> None:
    row = consult(clinic)

    response = do(
        desk, row, "log_contact", result="reached", next_step="book", note="Comes with a friend."
    )

    html, words = response.content.decode(), text_of(response)
    assert response.status_code == 422
    assert "Give the day, for example 12/03/2026." in words
    assert "Give the time, for example 10:30 AM." in words
    assert "There is a problem" in words
    assert 'href="#log_contact-day"' in html
    assert 'id="log_contact-day"' in html
    assert "Comes with a friend." in words
    assert re.search(r'value="book"[^>]*checked', html)
    assert "<title>Error:" in re.sub(r"<title>\s+", "<title>", html)
    row.refresh_from_db()
    assert (row.state, kinds(row)) == (State.NEW, ["viewed"])


def test_a_refusal_undoes_the_whole_press(desk: Client, clinic: Location) -> None:
    row = consult(clinic)

    response = do(
        desk,
        row,
        "log_contact",
        result="reached",
        next_step="book",
        day="2026-12-07",
        time="09:00",
        note="Comes with a friend.",
    )

    assert "Choose a day and time that is still to come." in text_of(response)
    row.refresh_from_db()
    assert (row.state, row.assignee, kinds(row)) == (State.NEW, None, ["viewed"])
    assert Note.objects.count() == 0


def test_a_stale_save_shows_what_is_there_now_and_what_was_typed(
    desk: Client, clinic: Location
) -> None:
    row = consult(clinic)
    triage.wait(row, build.member(clinic, first_name="Ben", last_name="Cole"))

    response = do(desk, row, "log_contact", result="reached", next_step="try", note="My words.")

    words = text_of(response)
    assert "Ben Cole changed this request while you had it open." in words
    assert "Waiting for reply" in words
    assert "My words." in words
    # Pressing again, having seen it, goes through.
    assert 'name="seen" value="2"' in response.content.decode()
    again = do(desk, ConsultRequest.objects.get(), "log_contact", result="reached", next_step="try")
    assert again.status_code == 302


def test_claim_of_what_was_taken_meanwhile_names_who_has_it(desk: Client, clinic: Location) -> None:
    row = consult(clinic)
    triage.claim(row, build.member(clinic, first_name="Ben", last_name="Cole"))

    response = do(desk, row, "claim")

    assert "Ben Cole has this request already." in text_of(response)
    assert "Take it over" in text_of(response)
    row.refresh_from_db()
    assert do(desk, row, "claim", take_over="1").status_code == 302


POSTS: dict[str, dict[str, str]] = {
    "claim": {},
    "release": {},
    "log_contact": {"result": "no_answer", "next_step": "try"},
    "book": {"day": "2026-12-09", "time": "10:30"},
    "wait": {"until": "2026-12-10"},
    "attended": {},
    "no_show": {},
    "close": {"reason": "cost"},
    "transfer": {},
    "mark_duplicate": {"reference": "KHB-4WM"},
    "reopen": {},
    "release_from_quarantine": {},
    "unmark_duplicate": {},
    "correct": {"phone": "(205) 555-0188"},
    "owe_mail": {"mail": "tried"},
    "keep_open": {"reason": "Waits for a place in March."},
    "hold": {"reason": "A records request is open."},
    "unhold": {},
    "add_note": {"body": "Prefers mornings."},
}
START = {
    "attended": State.BOOKED,
    "no_show": State.BOOKED,
    "reopen": State.CLOSED,
    "release_from_quarantine": State.QUARANTINED,
    "unmark_duplicate": State.CLOSED,
}
VALUES: dict[str, dict[str, Any]] = {
    "unmark_duplicate": {"outcome": "duplicate"},
    "keep_open": {"received_at": MONDAY_10 - dt.timedelta(days=61)},
    "unhold": {"held_at": MONDAY_10},
}


@pytest.mark.parametrize("verb", sorted(POSTS))
def test_every_form_on_the_page_does_what_it_says(
    verb: str, desk: Client, clinic: Location, staff: User
) -> None:
    row = consult_in(START.get(verb, State.NEW), clinic, **VALUES.get(verb, {}))
    if verb == "release":
        row = held_by(staff, clinic)
    consult(clinic, reference="KHB-4WM", phone="", email="")
    data = dict(POSTS[verb])
    if verb == "transfer":
        data["to"] = str(build.location().pk)
    assert f'value="{verb}"' in desk.get(page_of(row)).content.decode()

    response = do(desk, row, verb, **data)

    assert response.status_code == 302
    row.refresh_from_db()
    assert row.version == 2


def test_every_form_is_covered_here() -> None:
    from consults.admin.verbs import FORMS

    assert set(POSTS) == set(FORMS)


def test_moving_to_another_clinic_leads_back_to_the_queue(desk: Client, clinic: Location) -> None:
    row = consult(clinic)

    response = do(desk, row, "transfer", to=build.location().pk)

    assert response.headers["Location"] == LIST
    assert desk.get(page_of(row)).status_code == 404


def test_someone_who_withdrew_is_offered_no_contact(desk: Client, clinic: Location) -> None:
    row = triage.withdraw(consult(clinic, is_flagged=True))

    html = desk.get(page_of(row)).content.decode()

    assert "Nobody may contact them." in html
    for verb in ("log_contact", "book", "wait"):
        assert f'value="{verb}"' not in html
    for link in ("tel:+1", "sms:", "mailto:"):
        assert link not in html


def test_wrong_number_is_struck_out_and_not_offered(desk: Client, clinic: Location) -> None:
    row = consult(clinic, may_text=True)

    do(desk, row, "log_contact", result="wrong_number", next_step="try")

    html = desk.get(page_of(row)).content.decode()
    assert "<s>(205) 555-0134</s>" in html
    assert "tel:+1" not in html
    assert 'value="no_answer"' not in html
    assert 'value="sent_message-email"' in html


def test_closing_a_flagged_request_asks_what_was_done(desk: Client, clinic: Location) -> None:
    row = consult(clinic, is_flagged=True)

    refused = do(desk, row, "close", reason="cost")
    assert "Say what was done: for example Spoke with them." in text_of(refused)

    do(desk, row, "close", reason="cost", safety="not_a_crisis")
    row.refresh_from_db()
    assert (row.state, row.outcome) == (State.CLOSED, "not_a_fit")


def test_visit_buttons_come_on_the_day_of_the_visit(desk: Client, clinic: Location) -> None:
    row = consult_in(State.BOOKED, clinic, visit_at=MONDAY_10 + dt.timedelta(days=1))

    assert "They came" not in text_of(desk.get(page_of(row)))

    row.visit_at = MONDAY_10 + dt.timedelta(hours=5)
    row.save()

    assert "They came" in text_of(desk.get(page_of(row)))


def test_an_unknown_button_is_refused_in_words(desk: Client, clinic: Location) -> None:
    row = consult(clinic)

    response = desk.post(page_of(row), {"verb": "delete", "seen": 1}, follow=True)

    assert "Press one of the buttons on the page." in text_of(response)


def test_a_post_without_the_csrf_token_is_refused(clinic: Location, staff: User) -> None:
    client, row = Client(enforce_csrf_checks=True), consult(clinic)
    client.force_login(staff)

    assert do(client, row, "claim").status_code == 403
    assert client.post(FIND, {"words": "Jordan"}).status_code == 403
    row.refresh_from_db()
    assert row.assignee is None


def test_what_staff_typed_is_escaped(desk: Client, clinic: Location) -> None:
    row = consult(
        clinic, name="<b>Jordan</b>", question="<script>alert(1)</script>", is_flagged=True
    )
    do(desk, row, "add_note", body="<img src=x>")

    html = desk.get(page_of(row)).content.decode()

    assert "<b>Jordan" not in html
    assert "<script>alert" not in html
    assert "<img src=x>" not in html
