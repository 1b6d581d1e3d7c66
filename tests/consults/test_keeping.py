"""Keeping longer than usual with a reason, and duplicates there and back."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from clinic.models import User
from consults import retention, triage
from consults.models import ConsultRequest, Note, State
from consults.triage import NotAllowed
from locations.models import Location
from tests import build
from tests.consults.build import consult, consult_in

MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def where(db: None) -> Location:
    return build.location()


@pytest.fixture
def staff(where: Location) -> User:
    return build.member(where)


def test_hold_with_a_reason_stops_erasure_until_it_ends(
    where: Location, staff: User, clock: time_machine.Traveller
) -> None:
    row = consult_in(State.CLOSED, where)
    row = triage.hold(row, staff, "A records request is open.")
    clock.move_to(MONDAY_10 + 400 * DAY)
    assert retention.purge() == 0

    triage.unhold(row, staff)

    assert retention.purge() == 1


@pytest.mark.parametrize("verb", [triage.hold, triage.keep_open])
def test_keeping_asks_for_a_reason_and_seals_it(verb: Any, where: Location, staff: User) -> None:
    row = consult(where)
    with pytest.raises(NotAllowed, match="Say why"):
        verb(row, staff, " ")

    verb(row, staff, "Waits for a place in March.")

    assert Note.objects.get().body == "Waits for a place in March."
    assert row.events.get().detail.keys() == {"from", "to", "note"}


def test_open_for_more_than_60_days_is_listed_until_a_reason_is_given(
    where: Location, staff: User, clock: time_machine.Traveller
) -> None:
    row = consult(where, received_at=MONDAY_10 - 61 * DAY)
    consult(where, received_at=MONDAY_10 - 59 * DAY)
    consult_in(State.CLOSED, where, received_at=MONDAY_10 - 61 * DAY)
    assert list(ConsultRequest.objects.open_too_long()) == [row]

    triage.keep_open(row, staff, "Waits for a place in March.")

    assert list(ConsultRequest.objects.open_too_long()) == []
    clock.move_to(MONDAY_10 + 61 * DAY)
    assert row in ConsultRequest.objects.open_too_long()


def test_duplicate_is_undone_within_30_days_with_its_own_flag(
    where: Location, staff: User, clock: time_machine.Traveller
) -> None:
    row = consult(where, is_flagged=True)
    row = triage.mark_duplicate(row, staff, consult(where))
    assert (row.is_flagged, row.duplicate_of is None) == (False, False)
    clock.move_to(MONDAY_10 + 30 * DAY)

    row = triage.unmark_duplicate(row, staff)

    assert (row.state, row.outcome, row.is_flagged) == (State.NEW, "", True)
    assert row.duplicate_of is None


def test_duplicate_is_not_undone_after_30_days_nor_when_it_was_none(
    where: Location, staff: User, clock: time_machine.Traveller
) -> None:
    other = consult_in(State.CLOSED, where)
    with pytest.raises(NotAllowed, match="not closed as a duplicate"):
        triage.unmark_duplicate(other, staff)
    row = triage.mark_duplicate(consult(where), staff, consult(where))
    clock.move_to(MONDAY_10 + 31 * DAY)

    with pytest.raises(NotAllowed, match="undone for 30 days"):
        triage.unmark_duplicate(row, staff)
