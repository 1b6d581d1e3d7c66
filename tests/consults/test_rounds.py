"""What the worker does for the desk: frees claims, warns leads, writes digests."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail

from consults import notifications, rounds, triage
from consults.models import ConsultRequest, EventKind, Outbox, State
from locations.models import Location, Membership, SpecialDay
from tests import build
from tests.consults.build import consult

FRIDAY_15 = dt.datetime(2026, 12, 4, 21, 0, tzinfo=dt.UTC)  # 15:00 in Alabama
HOUR = dt.timedelta(hours=1)
MONDAY_9 = FRIDAY_15 + 66 * HOUR


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(FRIDAY_15, tick=False) as traveller:
        yield traveller


@pytest.fixture
def where(db: None) -> Location:
    clinic = build.location(notice_email="desk@example.com")
    build.weekday_hours(clinic)
    return clinic


def holder(row: ConsultRequest) -> object:
    return ConsultRequest.objects.get(pk=row.pk).assignee


# --- Untouched claims ---------------------------------------------------------------------------


def test_untouched_claim_frees_itself_after_4_working_hours(
    where: Location, clock: time_machine.Traveller
) -> None:
    staff = build.member(where)
    row = triage.claim(consult(where), staff)
    for moment in (FRIDAY_15 + 60 * HOUR, MONDAY_9 + 1.9 * HOUR):
        clock.move_to(moment)
        assert rounds.free_untouched() == 0

    clock.move_to(MONDAY_9 + 2 * HOUR)

    assert (rounds.free_untouched(), holder(row)) == (1, None)
    event = row.events.get(kind=EventKind.RELEASED)
    assert (event.actor, event.detail["from_user"]) == (None, staff.pk)
    assert rounds.free_untouched() == 0


@pytest.mark.parametrize("touch", ["note", "contact"])
def test_claim_that_was_used_stays(
    touch: str, where: Location, clock: time_machine.Traveller
) -> None:
    staff = build.member(where)
    row = triage.claim(consult(where), staff)
    if touch == "note":
        triage.add_note(row, staff, "Prefers mornings.")
    else:
        triage.log_contact(row, staff, "no_answer")
    clock.move_to(MONDAY_9 + 8 * HOUR)

    assert (rounds.free_untouched(), holder(row)) == (0, staff)


# --- Overdue and unclaimed ----------------------------------------------------------------------


def test_leads_hear_once_of_what_is_an_hour_overdue_and_nobodys(
    where: Location, clock: time_machine.Traveller
) -> None:
    build.member(where, Membership.Role.LEAD, email="lead@example.com")
    build.member(build.location(), Membership.Role.LEAD, email="other@example.com")
    staff = build.member(where)
    due = {"next_action_at": FRIDAY_15 + 1.5 * HOUR}
    consult(where, **due)
    consult(where, assignee=staff, **due)
    clock.move_to(MONDAY_9 + 0.4 * HOUR)
    assert rounds.owe_overdue() == 0

    clock.move_to(MONDAY_9 + 0.5 * HOUR)

    assert [rounds.owe_overdue() for _round in range(2)] == [1, 0]
    notifications.send_due()
    assert [message.to for message in mail.outbox] == [["lead@example.com"]]


# --- Digest -------------------------------------------------------------------------------------


def test_digest_goes_once_at_opening_with_counts_and_a_link(
    where: Location, clock: time_machine.Traveller
) -> None:
    build.member(where, email="wants@example.com").memberships.update(wants_notices=True)
    consult(where)
    consult(where, is_flagged=True)
    clock.move_to(MONDAY_9 - HOUR)
    assert rounds.owe_digests() == 0

    clock.move_to(MONDAY_9)

    assert [rounds.owe_digests() for _round in range(2)] == [1, 0]
    notifications.send_due()
    [message] = mail.outbox
    assert message.to == ["desk@example.com", "wants@example.com"]
    assert "Waiting: 2\nTo be read first: 1\nOverdue: 2\n" in message.body
    assert f"/admin/consults/consultrequest/?clinic={where.slug}" in message.body
    assert where.name not in message.body


@pytest.mark.parametrize("why", ["zero", "closed day", "long after opening"])
def test_no_digest(why: str, where: Location, clock: time_machine.Traveller) -> None:
    if why != "zero":
        consult(where)
    if why == "closed day":
        day = dt.date(2026, 12, 7)
        SpecialDay.objects.create(location=where, first_day=day, last_day=day, kind="closed")
    clock.move_to(MONDAY_9 + (HOUR if why == "long after opening" else 0 * HOUR))

    assert rounds.owe_digests() == 0
    assert Outbox.objects.count() == 0


def test_digest_warns_of_what_is_erased_within_two_days(
    where: Location, clock: time_machine.Traveller
) -> None:
    row = consult(where)
    triage.decline(row, build.member(where), "cost")
    clock.move_to(MONDAY_9 + dt.timedelta(days=84))  # a Monday, 87 days after it was closed

    assert rounds.owe_digests() == 0
    clock.move_to(MONDAY_9 + dt.timedelta(days=86))
    assert rounds.owe_digests() == 1
    notifications.send_due()
    assert "Erased within two days: 1" in mail.outbox[0].body


# --- Waiting --------------------------------------------------------------------------------------


def test_waiting_pauses_the_clock_of_the_first_contact(
    where: Location, clock: time_machine.Traveller
) -> None:
    staff = build.member(where)
    row = triage.wait(consult(where, received_at=FRIDAY_15), staff, until=dt.date(2026, 12, 9))
    clock.move_to(MONDAY_9 + 2 * HOUR)

    row = triage.log_contact(row, staff, "reached")

    # Two hours of Friday and two of Monday were open, and all of them were spent waiting.
    assert (row.state, row.response_minutes, row.waiting_since) == (State.TRYING, 0, None)


def test_first_contact_is_counted_in_working_minutes(
    where: Location, clock: time_machine.Traveller
) -> None:
    row = consult(where, received_at=FRIDAY_15)
    clock.move_to(MONDAY_9 + 1.5 * HOUR)

    row = triage.log_contact(row, build.member(where), "no_answer")

    assert row.response_minutes == 3 * 60 + 30


# --- What is held -------------------------------------------------------------------------------


def held(where: Location, reasons: list[str], **values: Any) -> ConsultRequest:
    row = consult(where, state=State.QUARANTINED, name="Canary", **values)
    triage.record(EventKind.QUARANTINED, row, reasons=reasons)
    return row


def test_held_requests_are_counted_once_a_day_on_closed_days_too(
    where: Location, clock: time_machine.Traveller
) -> None:
    build.member(where, role=Membership.Role.LEAD, email="lead@example.com")
    held(where, ["trap"])
    held(where, ["fast", "no_headers"])
    consult(where)
    clock.move_to(FRIDAY_15 + 16.9 * HOUR)  # Saturday, just before 8
    assert rounds.owe_held() == 0
    clock.move_to(FRIDAY_15 + 17 * HOUR)
    assert [rounds.owe_held() for _round in range(2)] == [1, 0]
    clock.shift(24 * HOUR)
    assert rounds.owe_held() == 1
    notifications.send_due()
    assert [message.to for message in mail.outbox] == [["desk@example.com", "lead@example.com"]] * 2
    body = mail.outbox[0].body
    assert "2 requests are held as possible spam." in body
    assert f"/admin/consults/consultrequest/?view=quarantine&clinic={where.slug}" in body
    assert "anary" not in body
    assert where.name not in body


def test_nothing_held_is_no_notice(where: Location, clock: time_machine.Traveller) -> None:
    consult(where)
    assert (rounds.owe_held(), rounds.owe_surge()) == (0, 0)


def test_digest_counts_what_is_held(where: Location, clock: time_machine.Traveller) -> None:
    consult(where)
    held(where, ["trap"])
    clock.move_to(MONDAY_9)
    rounds.owe_digests()
    notifications.send_due()
    assert "Held as possible spam: 1" in mail.outbox[0].body


def test_surge_is_told_once_a_day_to_the_clinics_it_held_something_of(
    where: Location, clock: time_machine.Traveller
) -> None:
    elsewhere = build.location(notice_email="elsewhere@example.com")
    held(where, ["surge", "used_form"])
    held(where, ["surge"])
    held(where, ["trap"])
    held(elsewhere, ["trap"])
    assert [rounds.owe_surge() for _round in range(2)] == [1, 0]
    notifications.send_due()
    [message] = mail.outbox
    assert (message.to, message.subject) == (["desk@example.com"], "Many requests came at once")
    assert "2 are held for that reason." in message.body
    clock.shift(24 * HOUR)
    assert rounds.owe_surge() == 0


def test_round_owes_both_notices(where: Location, clock: time_machine.Traveller) -> None:
    held(where, ["surge"])
    rounds.keep_up()
    assert sorted(Outbox.objects.values_list("kind", flat=True)) == ["held", "surge"]
