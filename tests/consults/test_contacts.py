"""How a person is reached: good times, corrections, wrong numbers, and the three fixed mails."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail

from clinic.models import User
from consults import contacts, notifications, retention, triage
from consults.models import ConsultRequest, Correction, Outbox, SearchKey, State
from consults.triage import NotAllowed
from locations.models import Location
from tests import build
from tests.consults.build import consult, consult_in

MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # 10:00 in Alabama
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def where(db: None) -> Location:
    clinic = build.location(notice_email="desk@example.com")
    build.weekday_hours(clinic)
    return clinic


@pytest.fixture
def staff(where: Location) -> User:
    return build.member(where)


# --- Good times ---------------------------------------------------------------------------------


def test_call_outside_the_good_times_asks_for_a_reason(where: Location, staff: User) -> None:
    row = consult(where, good_times=["afternoon"])

    with pytest.raises(NotAllowed, match="They asked for other times"):
        triage.log_contact(row, staff, "no_answer")

    triage.log_contact(row, staff, "no_answer", note="They called us.")
    assert row.events.get().detail["result"] == "no_answer"


@pytest.mark.parametrize("what", ["inside", "any time", "email", "asked to stop"])
def test_no_reason_is_asked_where_nothing_was_overstepped(
    what: str, where: Location, staff: User
) -> None:
    row = consult(where, good_times={"inside": ["morning"], "any time": []}.get(what, ["midday"]))
    result = {"email": "sent_message", "asked to stop": "asked_to_stop"}.get(what, "no_answer")

    triage.log_contact(row, staff, result, channel="email" if what == "email" else "")

    assert row.events.count() == 1


def test_a_call_at_the_time_they_named_needs_no_reason(
    where: Location, staff: User, clock: time_machine.Traveller
) -> None:
    row = consult(where, good_times=["afternoon"])
    named = MONDAY_10 + 25 * HOUR
    triage.log_contact(row, staff, "call_back", next_at=named, note="They called us.")
    clock.move_to(named)

    triage.log_contact(row, staff, "reached")

    assert row.events.contacts().count() == 2


def test_weekend_is_outside_every_window(
    where: Location, staff: User, clock: time_machine.Traveller
) -> None:
    row = consult(where, good_times=["morning"])
    clock.move_to(MONDAY_10 - 24 * HOUR)

    with pytest.raises(NotAllowed, match="other times"):
        triage.log_contact(row, staff, "no_answer")


# --- Corrections --------------------------------------------------------------------------------


def test_corrected_number_stands_beside_what_was_written(where: Location, staff: User) -> None:
    row = consult(where)

    triage.correct(row, staff, "phone", "+12055550188")

    row.refresh_from_db()
    [correction] = row.corrections.all()
    assert (row.phone, correction.value) == ("+12055550134", "+12055550188")
    assert b"0188" not in bytes(correction.value_sealed or b"")
    assert row.events.get().detail["corrected"] == "phone"
    digests = SearchKey.digests("phone", "+12055550188")
    assert list(ConsultRequest.objects.filed_under(digests)) == [row]


def test_wrong_number_strikes_out_the_newest_first(where: Location, staff: User) -> None:
    row = triage.correct(consult(where), staff, "phone", "+12055550188")

    row = triage.log_contact(row, staff, "wrong_number")
    row = ConsultRequest.objects.get()
    assert (row.wrong_channels, contacts.open_channels(row)) == ([], ["phone", "email"])

    triage.log_contact(row, staff, "wrong_number")
    row = ConsultRequest.objects.get()
    assert (row.wrong_channels, contacts.open_channels(row)) == (["phone"], ["email"])

    row = triage.correct(row, staff, "phone", "+12055550177")
    assert contacts.open_channels(ConsultRequest.objects.get()) == ["phone", "email"]


def test_erasing_takes_corrections_along(where: Location, staff: User) -> None:
    row = triage.correct(consult(where), staff, "email", "new@example.com")

    retention.erase(row)

    assert (Correction.objects.count(), SearchKey.objects.count()) == (0, 0)


def test_correction_for_someone_who_withdrew_is_refused(where: Location, staff: User) -> None:
    row = triage.withdraw(consult(where, is_flagged=True))

    with pytest.raises(NotAllowed, match="asked us to stop"):
        triage.correct(row, staff, "phone", "+12055550188")


# --- The three fixed mails ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kind", "subject"),
    [
        (State.TRYING, "tried", "We tried to reach you"),
        (State.BOOKED, "visit", "Your visit"),
        (State.CLOSED, "closing", "We have closed your request"),
    ],
)
def test_fixed_mail_goes_to_the_person_and_is_answered_by_the_clinic(
    state: str, kind: str, subject: str, where: Location, staff: User
) -> None:
    row = consult_in(state, where)
    triage.correct(row, staff, "email", "new@example.com") if state != State.CLOSED else None

    triage.owe_mail(row, staff, kind)
    notifications.send_due()

    [message] = mail.outbox
    assert message.subject == subject
    assert message.to == ["jordan@example.com" if state == State.CLOSED else "new@example.com"]
    assert message.reply_to == ["desk@example.com"]
    assert "Jordan" not in message.body
    assert where.name not in message.body


def test_fixed_mail_pressed_twice_goes_once_and_may_go_again_later(
    where: Location, staff: User
) -> None:
    row = consult(where)
    for _press in range(2):
        row = triage.owe_mail(row, staff, "tried")
    notifications.send_due()
    assert len(mail.outbox) == 1

    triage.owe_mail(row, staff, "tried")
    notifications.send_due()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("why", ["wrong state", "withdrawn", "no address", "wrong address"])
def test_fixed_mail_is_refused(why: str, where: Location, staff: User) -> None:
    values_of: dict[str, dict[str, Any]] = {
        "withdrawn": {"withdrawn_at": MONDAY_10},
        "no address": {"email": ""},
        "wrong address": {"wrong_channels": ["email"]},
    }
    row = consult(where, **values_of.get(why, {}))

    with pytest.raises(NotAllowed, match="cannot go now"):
        triage.owe_mail(row, staff, "visit" if why == "wrong state" else "tried")

    assert Outbox.objects.count() == 0


def test_mail_about_a_visit_that_was_dropped_does_not_go(where: Location, staff: User) -> None:
    row = triage.owe_mail(consult_in(State.BOOKED, where), staff, "visit")
    triage.wait(row, staff)

    notifications.send_due()

    assert (len(mail.outbox), Outbox.objects.count()) == (0, 0)
