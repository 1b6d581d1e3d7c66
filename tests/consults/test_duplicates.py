"""Two requests of one person: who gets the second, what carries over, and what comes back."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from consults import triage
from consults.models import ConsultRequest, EventKind, State
from consults.states import NotAllowed
from locations.models import Location
from tests import build
from tests.consults.build import answers, consult, consult_in, held_by, send

DAY = dt.timedelta(days=1)


@pytest.fixture
def where(db: None) -> Location:
    clinic = build.location()
    build.weekday_hours(clinic)
    return clinic


@pytest.fixture
def staff(where: Location) -> User:
    return build.member(where, first_name="Ana", last_name="Reyes")


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page_of(row: ConsultRequest) -> str:
    return reverse("admin:consults_consultrequest_change", args=[row.pk])


def joined(copy: ConsultRequest, staff: User, original: ConsultRequest) -> ConsultRequest:
    triage.mark_duplicate(copy, staff, original)
    original.refresh_from_db()
    return ConsultRequest.objects.get(pk=copy.pk)


# --- Who gets the second ------------------------------------------------------------------------


def test_second_request_goes_to_whoever_has_the_first(where: Location, staff: User) -> None:
    held_by(staff, where, name="Kim", phone="+12055550134", email="")

    send(Client(), where, name="Somebody else")

    row = ConsultRequest.objects.latest("received_at")
    assert row.assignee == staff
    assert row.claimed_at is not None  # so that it frees itself when nobody touches it
    assert [(event.kind, event.actor) for event in row.events.all()] == [
        ("received", None),
        ("claimed", None),
    ]
    assert row.events.last().detail == {"why": "same_person", "to_user": staff.pk}  # type: ignore[union-attr]


@pytest.mark.parametrize("why", ["other number", "closed", "other clinic", "left", "inactive"])
def test_second_request_is_nobodys_where_no_one_here_has_the_first(
    why: str, where: Location, staff: User
) -> None:
    first = held_by(staff, where, email="")
    if why == "other number":
        first.search_keys.all().delete()
    if why == "closed":
        triage.decline(first, staff, "cost")
    if why == "other clinic":
        ConsultRequest.objects.filter(pk=first.pk).update(location=build.location())
    if why == "left":
        staff.memberships.all().delete()
    if why == "inactive":
        User.objects.filter(pk=staff.pk).update(is_active=False)

    send(Client(), where)

    assert ConsultRequest.objects.latest("received_at").assignee is None


def test_held_request_goes_to_nobody_until_it_is_let_through(where: Location, staff: User) -> None:
    held_by(staff, where)
    row = consult_in(State.QUARANTINED, where)

    triage.release_from_quarantine(row, build.member(where))

    row.refresh_from_db()
    assert (row.assignee, row.claimed_at is None) == (staff, False)


def test_phone_call_by_somebody_else_goes_to_whoever_has_the_first(
    where: Location, staff: User
) -> None:
    held_by(staff, where)
    client = Client()
    client.force_login(build.member(where))

    client.post(reverse("admin:consults_consultrequest_call"), answers(where, agreed="on"))

    row = ConsultRequest.objects.latest("received_at")
    assert row.assignee == staff
    assert list(row.outbox.values_list("kind", flat=True)) == ["staff_notice"]


# --- What carries over, and back ----------------------------------------------------------------


def test_flag_withdrawal_and_stricter_rule_carry_over_and_come_back(
    where: Location, staff: User
) -> None:
    original = consult(where, voicemail="named")
    copy = consult(where, voicemail="no", is_flagged=True, withdrawn_at=timezone.now())

    copy = joined(copy, staff, original)
    assert (original.is_flagged, original.voicemail) == (True, "no")
    assert original.withdrawn_at == copy.withdrawn_at
    assert (copy.state, copy.outcome, copy.duplicate_of) == ("closed", "duplicate", original)

    triage.unmark_duplicate(copy, staff)

    original.refresh_from_db()
    copy.refresh_from_db()
    assert (original.is_flagged, original.voicemail, original.withdrawn_at) == (
        False,
        "named",
        None,
    )
    assert (copy.state, copy.is_flagged, copy.voicemail) == (State.NEW, True, "no")
    assert copy.withdrawn_at is not None
    assert [event.kind for event in original.events.all()] == ["duplicate", "not_duplicate"]


@pytest.mark.parametrize("stricter", ["no", "unnamed"])
def test_looser_rule_never_carries_over(stricter: str, where: Location, staff: User) -> None:
    original = consult(where, voicemail=stricter, is_flagged=True)

    joined(consult(where, voicemail="named"), staff, original)

    assert (original.voicemail, original.is_flagged) == (stricter, True)


def test_what_a_second_copy_brought_stays_when_the_first_is_taken_apart(
    where: Location, staff: User
) -> None:
    original = consult(where, voicemail="named")
    first = joined(consult(where, is_flagged=True, voicemail="no"), staff, original)
    joined(consult(where, is_flagged=True), staff, original)

    triage.unmark_duplicate(first, staff)

    original.refresh_from_db()
    assert (original.is_flagged, original.voicemail) == (True, "no")


def test_original_at_another_clinic_is_left_alone(where: Location, staff: User) -> None:
    original = consult(where, voicemail="named")
    copy = joined(consult(where, voicemail="no"), staff, original)
    triage.transfer(original, staff, build.location())
    version = ConsultRequest.objects.get(pk=original.pk).version

    triage.unmark_duplicate(copy, staff)

    original.refresh_from_db()
    assert (original.voicemail, original.version) == ("no", version)


def test_undo_is_for_30_days(where: Location, staff: User) -> None:
    copies = [joined(consult(where), staff, consult(where)) for _pair in range(2)]

    with time_machine.travel(timezone.now() + 30 * DAY - dt.timedelta(minutes=5), tick=False):
        triage.unmark_duplicate(copies[0], staff)
    with (
        time_machine.travel(timezone.now() + 30 * DAY + dt.timedelta(minutes=5), tick=False),
        pytest.raises(NotAllowed, match="30 days"),
    ):
        triage.unmark_duplicate(copies[1], staff)


def test_withdrawing_a_copy_withdraws_what_it_was_joined_to(where: Location, staff: User) -> None:
    original, flagged = consult(where), consult(where, is_flagged=True)
    for kept in (original, flagged):
        triage.withdraw(joined(consult(where), staff, kept))

    original.refresh_from_db()
    flagged.refresh_from_db()
    assert (original.state, original.outcome) == (State.CLOSED, "withdrawn")
    # The flag outlives it: somebody says first what was done.
    assert (flagged.state, flagged.withdrawn_at is None) == (State.NEW, False)


def test_copy_that_was_withdrawn_since_cannot_be_opened(where: Location, staff: User) -> None:
    copy = joined(consult(where), staff, consult(where))
    triage.withdraw(copy)

    with pytest.raises(NotAllowed, match="withdrew"):
        triage.unmark_duplicate(copy, staff)


# --- Names --------------------------------------------------------------------------------------


def test_different_names_are_joined_only_with_a_reason(where: Location, staff: User) -> None:
    copy, original = consult(where, name="Kim Lee"), consult(where, name="Jordan Miller")
    with pytest.raises(NotAllowed, match="different names"):
        triage.mark_duplicate(copy, staff, original)

    triage.mark_duplicate(copy, staff, original, note="Kim is what friends say.")

    assert copy.events.get().kind == EventKind.DUPLICATE


@pytest.mark.parametrize("name", ["jordan", "Míller, J.", ""])
def test_same_or_unknown_name_needs_no_reason(name: str, where: Location, staff: User) -> None:
    joined(consult(where, name=name), staff, consult(where, name="Jordan Miller"))


def test_nothing_is_joined_by_itself(where: Location) -> None:
    for _twin in range(2):
        send(Client(), where, name="Jordan Miller")

    assert list(ConsultRequest.objects.values_list("state", "duplicate_of")) == [("new", None)] * 2


# --- On the page --------------------------------------------------------------------------------


def test_page_joins_the_same_name_with_one_press(
    desk: Client, where: Location, staff: User
) -> None:
    original, row = held_by(staff, where), consult(where)

    html = desk.get(page_of(row)).content.decode()
    assert f"Close this one, keep {original.reference}" in html
    data: dict[str, Any] = {"verb": "mark_duplicate", "seen": 1, "reference": original.reference}
    desk.post(page_of(row), data)

    row.refresh_from_db()
    assert row.duplicate_of == original


@pytest.mark.parametrize("why", ["another name", "closed", "withdrawn"])
def test_page_offers_no_joining_where_it_would_be_refused(
    why: str, desk: Client, where: Location
) -> None:
    row = consult(where)
    other = consult_in(
        State.CLOSED if why == "closed" else State.NEW,
        where,
        name="Kim Lee" if why == "another name" else "Jordan",
        withdrawn_at=timezone.now() if why == "withdrawn" else None,
    )

    html = desk.get(page_of(row)).content.decode()

    assert other.reference in html
    assert f"keep {other.reference}" not in html
    assert ("another name" in html) == (why == "another name")
