"""The table of moves, each verb, and the response clock."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from clinic.models import User
from consults import triage
from consults.models import OPEN_STATES, ConsultRequest, EventKind, Note, Outbox, Outcome, State
from consults.triage import MOVES, NotAllowed, Stale, Taken
from locations.models import Location, Membership
from tests import build
from tests.consults.build import consult, consult_in, held_by

MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # 10:00 in Alabama
TOMORROW = dt.date(2026, 12, 8)


@pytest.fixture
def clinic(db: None) -> Location:
    where = build.location()
    build.weekday_hours(where)
    return where


@pytest.fixture
def staff(clinic: Location) -> User:
    return build.member(clinic, first_name="Ana", last_name="Reyes")


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY_10, tick=False):
        yield


def local(text: str, where: Location) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=where.zone)


# --- The table ----------------------------------------------------------------------------------

MAIL_IN: dict[str, str] = {State.BOOKED.value: "visit", State.CLOSED.value: "closing"}
Verb = Callable[[ConsultRequest, User], ConsultRequest]
DO: dict[str, Verb] = {
    "claim": lambda row, by: triage.claim(row, by, take_over=True),
    "assign": lambda row, by: triage.assign(row, lead_with(by), build.member(row.location)),
    "release": triage.release,
    "transfer": lambda row, by: triage.transfer(row, by, build.location()),
    "log_contact": lambda row, by: triage.log_contact(row, by, "reached"),
    "wait": triage.wait,
    "book": lambda row, by: triage.book(row, by, day=TOMORROW, time=dt.time(10, 30)),
    "attended": triage.attended,
    "no_show": triage.no_show,
    "decline": lambda row, by: triage.decline(row, by, "cost"),
    "give_up": lambda row, by: triage.give_up(row, by, note="The number is out of service."),
    "withdraw": triage.withdraw,
    "reopen": triage.reopen,
    "mark_duplicate": lambda row, by: triage.mark_duplicate(row, by, consult(row.location)),
    "release_from_quarantine": triage.release_from_quarantine,
    "unmark_duplicate": lambda row, by: triage.unmark_duplicate(
        with_values(row, **({"outcome": Outcome.DUPLICATE} if row.state == State.CLOSED else {})),
        by,
    ),
    "correct": lambda row, by: triage.correct(row, by, "phone", "+12055550188"),
    "owe_mail": lambda row, by: triage.owe_mail(row, by, MAIL_IN.get(row.state, "tried")),
    "keep_open": lambda row, by: triage.keep_open(row, by, "Waits for a place."),
    "hold": lambda row, by: triage.hold(row, by, "A records request is open."),
    "unhold": lambda row, by: triage.unhold(with_values(row, held_at=MONDAY_10), by),
    "add_note": lambda row, by: triage.add_note(row, by, "Prefers mornings."),
}


def lead_with(person: User) -> User:
    """The same person as a lead, where they work."""
    person.memberships.update(role=Membership.Role.LEAD)
    return person


def with_values(row: ConsultRequest, **values: Any) -> ConsultRequest:
    """The row as if it had come here by the verbs before, without their events."""
    if values:
        ConsultRequest.objects.filter(pk=row.pk).update(**values)
    return row


PAIRS = [(verb, state) for verb in MOVES for state in State]


def test_every_verb_has_a_call_here() -> None:
    assert set(DO) == set(MOVES)


@pytest.mark.parametrize(("verb", "state"), [pair for pair in PAIRS if pair[1] in MOVES[pair[0]]])
def test_verb_from_an_allowed_state_moves_and_writes_one_event(
    verb: str, state: State, clinic: Location, staff: User
) -> None:
    row = consult_in(state, clinic, assignee=staff)

    DO[verb](row, staff)

    row.refresh_from_db()
    assert row.state == MOVES[verb][state]
    assert row.version == 2
    [event] = row.events.all()
    assert event.actor == staff
    assert event.at == MONDAY_10
    assert (event.detail["from"], event.detail["to"]) == (state.value, row.state)


@pytest.mark.parametrize(
    ("verb", "state"), [pair for pair in PAIRS if pair[1] not in MOVES[pair[0]]]
)
def test_verb_from_any_other_state_is_refused_and_leaves_no_trace(
    verb: str, state: State, clinic: Location, staff: User
) -> None:
    row = consult_in(state, clinic, assignee=staff)

    with pytest.raises(NotAllowed):
        DO[verb](row, staff)

    row.refresh_from_db()
    assert (row.state, row.version) == (state, 1)
    assert row.events.count() == 0


def test_allowed_names_the_verbs_of_a_state(clinic: Location) -> None:
    assert triage.allowed(consult_in(State.QUARANTINED, clinic)) == {
        "transfer",
        "withdraw",
        "release_from_quarantine",
        "hold",
        "unhold",
        "add_note",
    }


@pytest.mark.parametrize("verb", sorted(MOVES))
def test_verb_by_staff_of_another_clinic_is_refused(verb: str, clinic: Location) -> None:
    stranger = build.member(build.location())
    state = next(iter(MOVES[verb]))
    row = consult_in(state, clinic)

    with pytest.raises(NotAllowed, match="no longer with your clinic"):
        DO[verb](row, stranger)

    row.refresh_from_db()
    assert (row.version, row.events.count()) == (1, 0)


def test_save_on_a_stale_version_names_who_changed_it(clinic: Location, staff: User) -> None:
    row = consult(clinic)
    triage.wait(row, build.member(clinic, first_name="Ben", last_name="Cole"))

    with pytest.raises(Stale) as error:
        triage.book(row, staff, day=TOMORROW, time=dt.time(9), seen=row.version)

    assert str(error.value) == (
        "Ben Cole changed this request while you had it open. It is now: Waiting for reply."
    )


# --- Claiming -----------------------------------------------------------------------------------


def test_claim_of_what_somebody_has_names_them(clinic: Location, staff: User) -> None:
    row = held_by(staff, clinic)
    other = build.member(clinic)

    with pytest.raises(Taken, match="Ana Reyes has this request already"):
        triage.claim(row, other)

    assert triage.claim(row, other, take_over=True).assignee == other


@pytest.mark.django_db(transaction=True)
def test_claim_by_eight_at_once_has_one_winner() -> None:
    clinic = build.location()
    people = [build.member(clinic, first_name=f"P{number}") for number in range(8)]
    row = consult(clinic)
    won: list[User] = []
    told: list[str] = []
    start = threading.Barrier(8)

    def try_it(person: User) -> None:
        start.wait()
        try:
            triage.claim(row, person)
            won.append(person)
        except Taken as error:
            told.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    row.refresh_from_db()
    assert [row.assignee] == won
    assert told == [f"{won[0].first_name} has this request already."] * 7
    assert row.events.count() == 1


def test_release_all_of_gives_back_open_requests_only(clinic: Location, staff: User) -> None:
    admin = build.user()
    row = held_by(staff, clinic)
    closed = consult_in(State.CLOSED, clinic, assignee=staff)
    others = held_by(build.member(clinic), clinic)

    assert triage.release_all_of(staff, admin) == 1

    assert ConsultRequest.objects.get(pk=row.pk).assignee is None
    assert ConsultRequest.objects.get(pk=closed.pk).assignee == staff
    assert ConsultRequest.objects.get(pk=others.pk).assignee is not None
    assert [event.kind for event in row.events.all()] == [EventKind.RELEASED]


# --- Contact ------------------------------------------------------------------------------------


def test_log_contact_claims_and_stamps_the_first_attempt_once(
    clinic: Location, staff: User
) -> None:
    row = triage.log_contact(consult(clinic), staff, "no_answer")
    assert (row.assignee, row.first_response_at) == (staff, MONDAY_10)

    with time_machine.travel(MONDAY_10 + dt.timedelta(hours=1), tick=False):
        row = triage.log_contact(row, staff, "reached")

    assert row.first_response_at == MONDAY_10


@pytest.mark.parametrize("verb", ["claim", "wait", "add_note"])
def test_first_response_is_not_set_without_a_contact(
    verb: str, clinic: Location, staff: User
) -> None:
    assert DO[verb](consult(clinic), staff).first_response_at is None


def test_log_contact_suggests_the_next_day_at_another_good_time(
    clinic: Location, staff: User
) -> None:
    row = consult(clinic, good_times=["morning", "afternoon"])

    row = triage.log_contact(row, staff, "no_answer")  # on Monday morning

    assert row.next_action_at == local("2026-12-08T14:00", clinic)


def test_log_contact_with_a_note_keeps_its_words_out_of_the_event(
    clinic: Location, staff: User
) -> None:
    row = triage.log_contact(consult(clinic), staff, "reached", note="Asked about parking.")

    [event], [note] = row.events.all(), Note.objects.all()
    assert note.body == "Asked about parking."
    assert event.detail == {
        "from": "new",
        "to": "trying",
        "note": str(note.pk),
        "result": "reached",
        "channel": "phone",
    }


def test_left_voicemail_when_they_said_no_needs_a_reason(clinic: Location, staff: User) -> None:
    row = consult(clinic, voicemail="no")
    with pytest.raises(NotAllowed, match="asked for no voicemail"):
        triage.log_contact(row, staff, "left_voicemail")

    row = triage.log_contact(row, staff, "left_voicemail", note="The machine cut in; I hung up.")

    assert row.state == State.TRYING


def test_text_without_consent_is_refused(clinic: Location, staff: User) -> None:
    with pytest.raises(NotAllowed, match="did not agree to text messages"):
        triage.log_contact(consult(clinic), staff, "sent_message", channel="text")

    agreed = consult(clinic, may_text=True)
    triage.log_contact(agreed, staff, "sent_message", channel="text")

    assert agreed.events.get().detail["channel"] == "text"


def test_call_back_needs_a_time(clinic: Location, staff: User) -> None:
    row = consult(clinic)
    with pytest.raises(NotAllowed, match="Say when they asked to be called"):
        triage.log_contact(row, staff, "call_back")

    at = MONDAY_10 + dt.timedelta(hours=3)
    assert triage.log_contact(row, staff, "call_back", next_at=at).next_action_at == at


def test_wrong_number_is_struck_out(clinic: Location, staff: User) -> None:
    row = triage.log_contact(consult(clinic), staff, "wrong_number")

    assert row.wrong_channels == ["phone"]


def test_asked_to_stop_closes_and_ends_contact(clinic: Location, staff: User) -> None:
    row = triage.log_contact(consult(clinic), staff, "asked_to_stop")

    assert (row.state, row.outcome, row.withdrawn_at) == ("closed", "withdrawn", MONDAY_10)
    with pytest.raises(NotAllowed, match="This person withdrew"):
        triage.reopen(row, staff)


# --- Waiting, booking, closing -------------------------------------------------------------------


def test_wait_without_a_day_wakes_up_in_a_week(clinic: Location, staff: User) -> None:
    row = triage.wait(consult(clinic), staff)

    assert row.next_action_at == local("2026-12-14T09:00", clinic)


def test_book_reads_day_and_time_in_the_clinics_zone(staff: User) -> None:
    east = build.location(time_zone="America/New_York")
    person = build.member(east)

    row = triage.book(consult(east), person, day=TOMORROW, time=dt.time(10, 30))

    assert row.visit_at == dt.datetime(2026, 12, 8, 15, 30, tzinfo=dt.UTC)
    assert row.next_action_at == row.visit_at


def test_book_in_the_past_is_refused(clinic: Location, staff: User) -> None:
    with pytest.raises(NotAllowed, match="still to come"):
        triage.book(consult(clinic), staff, day=MONDAY_10.date(), time=dt.time(9, 59))


def test_give_up_needs_three_attempts_on_two_days_or_a_reason(
    clinic: Location, staff: User
) -> None:
    row = consult(clinic)
    for _attempt in range(3):
        row = triage.log_contact(row, staff, "no_answer")
    with pytest.raises(NotAllowed, match="Try three times on two different days"):
        triage.give_up(row, staff)

    with time_machine.travel(MONDAY_10 + dt.timedelta(days=1), tick=False):
        row = triage.log_contact(row, staff, "no_answer")
        row = triage.give_up(row, staff)

    assert (row.state, row.outcome) == (State.CLOSED, Outcome.COULD_NOT_REACH)


def test_decline_by_a_clinician_names_them(clinic: Location, staff: User) -> None:
    row = consult(clinic)
    with pytest.raises(NotAllowed, match="Name the clinician"):
        triage.decline(row, staff, "clinician")

    triage.decline(row, staff, "clinician", clinician="Dr. Rivera", note="Seen before.")

    assert row.events.get().detail["reason"] == "clinician"


CLOSING = ["attended", "no_show", "decline", "give_up"]


@pytest.mark.parametrize("verb", CLOSING)
def test_closing_with_a_safety_flag_needs_a_step(verb: str, clinic: Location, staff: User) -> None:
    state = State.BOOKED if verb in {"attended", "no_show"} else State.TRYING
    row = consult_in(state, clinic, is_flagged=True)
    with pytest.raises(NotAllowed, match="safety flag"):
        DO[verb](row, staff)

    calls: dict[str, Any] = {"decline": {"reason": "cost"}, "give_up": {"note": "No line."}}
    getattr(triage, verb)(row, staff, safety="spoke", **calls.get(verb, {}))

    assert row.events.get().detail["safety"] == "spoke"


def test_withdraw_by_the_person_closes(clinic: Location) -> None:
    row = triage.withdraw(consult(clinic))

    assert (row.state, row.outcome, row.withdrawn_at) == ("closed", "withdrawn", MONDAY_10)
    assert row.events.get().actor is None
    with pytest.raises(NotAllowed):
        triage.withdraw(row)


def test_withdraw_with_a_safety_flag_stays_until_someone_says_what_was_done(
    clinic: Location, staff: User
) -> None:
    row = triage.withdraw(consult(clinic, is_flagged=True))
    assert (row.state, row.withdrawn_at) == (State.NEW, MONDAY_10)
    with pytest.raises(NotAllowed):
        triage.log_contact(row, staff, "reached")

    row = triage.withdraw(row, staff, safety="lead_told")

    assert (row.state, row.outcome) == (State.CLOSED, Outcome.WITHDRAWN)


def test_mark_duplicate_carries_over_what_protects_the_person(
    clinic: Location, staff: User
) -> None:
    copy = consult(clinic, is_flagged=True, voicemail="no")
    original = consult(clinic, voicemail="named")

    triage.mark_duplicate(copy, staff, original)

    original.refresh_from_db()
    assert (original.is_flagged, original.voicemail) == (True, "no")
    assert copy.events.get().detail["other"] == str(original.pk)
    assert original.events.get().detail["part"] == "original"


def test_mark_duplicate_of_another_clinics_request_is_refused(
    clinic: Location, staff: User
) -> None:
    copy, foreign = consult(clinic), consult(build.location())

    with pytest.raises(NotAllowed):
        triage.mark_duplicate(copy, staff, foreign)

    copy.refresh_from_db()
    foreign.refresh_from_db()
    assert (copy.state, foreign.version) == (State.NEW, 1)


def test_transfer_keeps_the_clock_and_frees_the_request(clinic: Location, staff: User) -> None:
    row = held_by(staff, clinic)
    there = build.location()

    moved = triage.transfer(row, staff, there)

    assert (moved.location, moved.assignee) == (there, None)
    assert moved.next_action_at == row.next_action_at
    assert moved.promised_by == row.promised_by


def test_release_from_quarantine_owes_each_mail_once(clinic: Location, staff: User) -> None:
    due = MONDAY_10 + dt.timedelta(hours=2)
    row = consult_in(State.QUARANTINED, clinic, next_action_at=due)
    Outbox.objects.owe(Outbox.Kind.CONFIRMATION, row)

    row = triage.release_from_quarantine(row, staff)

    assert row.next_action_at == due
    kinds = row.outbox.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["confirmation", "staff_notice"]


# --- The clock ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "good_times", "due"),
    [
        ("2026-12-07T10:00", [], "2026-12-07T14:00"),
        ("2026-12-07T10:00", ["morning"], "2026-12-08T12:00"),
        ("2026-12-07T10:00", ["midday"], "2026-12-07T14:00"),
        ("2026-12-07T10:00", ["midday", "afternoon"], "2026-12-07T14:00"),
        ("2026-12-07T10:00", ["afternoon"], "2026-12-07T17:00"),
        # A Friday at 16:45: a quarter of an hour that day, the rest on Monday.
        ("2026-12-11T16:45", [], "2026-12-14T12:45"),
        # A Saturday counts from Monday at nine.
        ("2026-12-12T11:00", ["morning"], "2026-12-15T12:00"),
        # Christmas Day is a Friday in 2026, and closed.
        ("2026-12-24T16:45", [], "2026-12-28T12:45"),
    ],
)
def test_first_action_due_in_working_hours_and_chosen_windows(
    received: str, good_times: list[str], due: str, clinic: Location
) -> None:
    moment = triage.first_action_due(clinic, local(received, clinic), good_times)

    assert moment == local(due, clinic)


def test_promise_is_eight_working_hours(clinic: Location) -> None:
    assert triage.promise(clinic, local("2026-12-07T10:00", clinic), []) == local(
        "2026-12-08T10:00", clinic
    )


def test_promise_of_a_clinic_that_is_never_open_is_still_made(clinic: Location) -> None:
    clinic.special_days.create(
        first_day=dt.date(2026, 1, 1), last_day=dt.date(2036, 1, 1), kind="closed"
    )

    assert triage.promise(clinic, MONDAY_10, []) == MONDAY_10 + dt.timedelta(days=7)


@pytest.mark.parametrize("state", OPEN_STATES)
def test_every_open_state_has_a_next_action(state: State, clinic: Location, staff: User) -> None:
    row = consult_in(state, clinic)
    for verb in ("claim", "log_contact", "wait", "book"):
        row = DO[verb](row, staff)
        assert row.next_action_at is not None
        assert row.next_action_at > timezone.now() or verb == "claim"
