"""Who asked us to stop is contacted by nobody, whichever of their requests is open."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from clinic.models import User
from consults import contacts, notifications, retention, spam, triage
from consults.models import ConsultRequest, Outbox, State, Stop
from consults.triage import NotAllowed
from locations.models import Location
from tests import build
from tests.consults.build import SAME_ORIGIN, consult, consult_in, send, words
from tests.consults.build import elements as elements_of

pytestmark = pytest.mark.django_db

MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # 10:00 in Alabama
PHONE, EMAIL = "+12055550134", "jordan@example.com"
IN_ANOTHER = "in another request"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def where() -> Location:
    clinic = build.location(notice_email="desk@example.com")
    build.weekday_hours(clinic)
    return clinic


@pytest.fixture
def staff(where: Location) -> User:
    return build.member(where)


@pytest.fixture
def open_row(where: Location) -> ConsultRequest:
    return consult(where)


@pytest.fixture
def stopped(open_row: ConsultRequest, clock: Any) -> ConsultRequest:
    """An open request of somebody who has withdrawn another one since, at another clinic."""
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(consult(build.location(), email=""))
    clock.shift(dt.timedelta(minutes=5))
    return open_row


def fresh(row: ConsultRequest) -> ConsultRequest:
    return ConsultRequest.objects.get(pk=row.pk)


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["new", "booked"])
def test_no_verb_contacts_whoever_stopped_in_another_request(
    staff: User, stopped: ConsultRequest, state: str
) -> None:
    if state == State.BOOKED:
        visit = timezone.now() + dt.timedelta(days=1)
        ConsultRequest.objects.filter(pk=stopped.pk).update(state=state, visit_at=visit)
    day = dt.date(2026, 12, 9)
    attempts = {
        "contact": lambda row: triage.log_contact(row, staff, "reached"),
        "book": lambda row: triage.book(row, staff, day=day, time=dt.time(10)),
        "wait": lambda row: triage.wait(row, staff),
        "correct": lambda row: triage.correct(row, staff, "email", "sam@example.com"),
    }
    for verb in attempts.values():
        with pytest.raises(NotAllowed, match=IN_ANOTHER):
            verb(fresh(stopped))
    assert fresh(stopped).version == stopped.version


def test_closed_request_of_whoever_stopped_is_not_opened_again(
    where: Location, staff: User, clock: Any
) -> None:
    row = consult_in("closed", where)
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(consult(where))
    with pytest.raises(NotAllowed, match=IN_ANOTHER):
        triage.reopen(fresh(row), staff)


def test_stopped_request_can_still_be_read_claimed_and_closed(
    staff: User, stopped: ConsultRequest
) -> None:
    triage.claim(stopped, staff)
    triage.give_up(fresh(stopped), staff, note="They asked us to stop elsewhere.")
    assert fresh(stopped).state == State.CLOSED


def test_no_mail_goes_to_whoever_stopped(where: Location, staff: User, clock: Any) -> None:
    row = consult(where)
    Outbox.objects.owe(Outbox.Kind.TRIED, row)
    Outbox.objects.owe(Outbox.Kind.STAFF_NOTICE, row)
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(consult(where, phone=""))
    notifications.send_due()
    assert [message.to for message in mail.outbox] == [["desk@example.com"]]
    assert contacts.mails_for(fresh(row)) == []
    with pytest.raises(NotAllowed):
        triage.owe_mail(fresh(row), staff, Outbox.Kind.TRIED)


@pytest.mark.parametrize("verb", ["asked_to_stop", "withdrawn", "withdrawn_after_closing"])
def test_each_way_to_stop_counts(where: Location, staff: User, clock: Any, verb: str) -> None:
    row = consult(where)
    other = consult_in("closed" if verb == "withdrawn_after_closing" else "new", where)
    clock.shift(dt.timedelta(minutes=5))
    if verb == "asked_to_stop":
        triage.log_contact(other, staff, "asked_to_stop")
    else:
        triage.withdraw(other)
    assert fresh(row).stopped_at == timezone.now()


def test_flagged_request_that_stays_open_stops_the_others(where: Location, clock: Any) -> None:
    row, flagged = consult(where), consult(where, is_flagged=True)
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(flagged)
    assert fresh(flagged).state == State.NEW
    assert fresh(row).stopped_at == timezone.now()


def test_stop_reaches_a_number_that_was_corrected_since(
    where: Location, staff: User, clock: Any
) -> None:
    row = consult(where, phone="+12055550177", email="")
    triage.correct(row, staff, "phone", PHONE)
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(consult(where, email=""))
    assert fresh(row).stopped_at == timezone.now()


def test_other_people_are_not_stopped(where: Location, stopped: ConsultRequest) -> None:
    assert consult(where, phone="+12055550177", email="sam@example.com").stopped_at is None
    assert consult(where, phone="", email="").stopped_at is None


# --- Until they write again ---------------------------------------------------------------------


def test_new_request_of_the_person_may_be_answered(
    client: Client, where: Location, staff: User, stopped: ConsultRequest
) -> None:
    send(client, where, email=EMAIL)
    row = ConsultRequest.objects.latest("received_at")
    assert row.stopped_at is None
    triage.log_contact(row, staff, "reached")
    assert fresh(stopped).stopped_at is None
    assert not Stop.objects.exists()


def test_new_request_by_phone_alone_leaves_the_address_stopped(
    client: Client, where: Location, clock: Any
) -> None:
    old = consult(where, phone="")
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(consult(where))
    clock.shift(dt.timedelta(minutes=5))
    send(client, where)
    assert ConsultRequest.objects.latest("received_at").stopped_at is None
    assert fresh(old).stopped_at is not None


def test_held_request_lifts_nothing_until_it_is_released(
    client: Client, where: Location, staff: User, stopped: ConsultRequest
) -> None:
    send(client, where, **{spam.TRAP_FIELD: "blue"})
    held = ConsultRequest.objects.quarantined().get()
    assert fresh(stopped).stopped_at is not None
    triage.release_from_quarantine(held, staff)
    assert fresh(stopped).stopped_at is None


def test_held_request_from_before_the_stop_lifts_nothing(
    where: Location, staff: User, clock: Any
) -> None:
    held = consult(where, state=State.QUARANTINED)
    clock.shift(dt.timedelta(minutes=5))
    triage.withdraw(consult(where))
    triage.release_from_quarantine(held, staff)
    assert fresh(held).stopped_at == timezone.now()
    notifications.send_due()
    assert [message.to for message in mail.outbox] == [["desk@example.com"]]


# --- What staff see, and what is kept -----------------------------------------------------------


def test_desk_says_why_and_offers_nothing_to_press(
    where: Location, staff: User, stopped: ConsultRequest
) -> None:
    desk = Client()
    desk.force_login(staff)
    page = desk.get(f"/admin/consults/consultrequest/{stopped.pk}/change/")
    text = words(page.content.decode())
    assert (
        "Someone with this number or address asked us to stop on December 7, 2026, in another "
        "request. Nobody may contact them unless they write again." in text
    )
    links = [e.get("href", "") for e in elements_of(page, "a")]
    assert not [link for link in links if link.startswith(("tel:+1205", "sms:", "mailto:"))]
    verbs = {e["value"] for e in elements_of(page, "input") if e.get("name") == "verb"}
    assert verbs.isdisjoint({"log_contact", "book", "wait", "owe_mail", "correct"})
    assert "claim" in verbs


def test_person_who_erases_leaves_no_hash_that_nobody_needs(
    client: Client, where: Location
) -> None:
    row = consult(where)
    triage.withdraw(row)
    assert Stop.objects.count() == 2
    retention.erase(fresh(row))
    assert not Stop.objects.exists()


def test_stop_outlives_the_request_while_another_needs_it(where: Location, clock: Any) -> None:
    row = consult(where, email="")
    clock.shift(dt.timedelta(minutes=5))
    withdrawn = consult(where)
    triage.withdraw(withdrawn)
    retention.erase(fresh(withdrawn))
    assert Stop.objects.count() == 1
    assert fresh(row).stopped_at is not None
    retention.erase(fresh(row))
    assert not Stop.objects.exists()


def test_withdrawal_page_stops_the_others_too(
    client: Client, where: Location, open_row: ConsultRequest, clock: Any
) -> None:
    clock.shift(dt.timedelta(minutes=5))
    confirmation = send(client, where, email=EMAIL)["Location"]
    page = client.get(confirmation)
    href = next(e["href"] for e in elements_of(page, "a") if "/withdraw/" in e.get("href", ""))
    client.post(href, headers=SAME_ORIGIN)
    assert fresh(open_row).stopped_at == timezone.now()
