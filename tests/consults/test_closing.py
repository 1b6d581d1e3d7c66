"""Closing with a next step for the person, and saves from a page that is no longer true."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from consults import triage
from consults.admin.verbs import FORMS
from consults.models import ConsultRequest, Note, State
from consults.signposts import SIGNPOSTS
from consults.states import DeclineReason
from locations.models import Location
from tests import build
from tests.consults.build import consult, consult_in, held_by
from tests.consults.test_desk import POSTS, START, VALUES


@pytest.fixture
def clinic(db: None) -> Location:
    where = build.location()
    build.weekday_hours(where)
    return where


@pytest.fixture
def staff(clinic: Location) -> User:
    return build.member(clinic)


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page_of(row: ConsultRequest) -> str:
    return reverse("admin:consults_consultrequest_change", args=[row.pk])


def page(response: Any) -> str:
    return str(response.content.decode())


# --- Where they can turn next -------------------------------------------------------------------


@pytest.mark.parametrize("reason", DeclineReason.values)
def test_every_reason_comes_with_a_signpost_before_and_after(
    reason: str, desk: Client, clinic: Location
) -> None:
    row = consult(clinic)
    signpost = str(SIGNPOSTS[reason])
    assert signpost in page(desk.get(page_of(row)))
    data = {"verb": "close", "seen": 1, "reason": reason, "clinician": "Dr. Rivera"}

    assert desk.post(page_of(row), data).status_code == 302

    assert f"What you can tell them: {signpost}" in page(desk.get(page_of(row)))


def test_other_endings_tell_of_no_signpost(desk: Client, clinic: Location, staff: User) -> None:
    row = triage.give_up(consult(clinic), staff, note="No line.")

    assert "What you can tell them" not in page(desk.get(page_of(row)))


def test_clinician_who_decided_is_named_and_sealed(desk: Client, clinic: Location) -> None:
    row = consult(clinic)
    data = {"verb": "close", "seen": 1, "reason": "clinician", "note": "Seen before."}

    refused = desk.post(page_of(row), data)
    assert refused.status_code == 422
    assert "Name the clinician, for example Dr. Rivera." in page(refused)
    desk.post(page_of(row), {**data, "clinician": " Dr. Rivera "})

    note = Note.objects.get()
    assert note.body == "Decided by Dr. Rivera. Seen before."
    assert b"Rivera" not in bytes(note.body_sealed or b"")
    assert "Rivera" not in str(row.events.last().detail)  # type: ignore[union-attr]


def test_clinics_own_protocol_shows_with_a_flag_and_only_there(
    desk: Client, clinic: Location
) -> None:
    clinic.safety_protocol = "Tell Dr. Rivera first.\nThen call."
    clinic.save()

    assert "Tell Dr. Rivera first." in page(desk.get(page_of(consult(clinic, is_flagged=True))))
    assert "Tell Dr. Rivera first." not in page(desk.get(page_of(consult(clinic))))


# --- Saves from an old page ---------------------------------------------------------------------

# A note is only ever added, and a plain claim answers by itself to whoever was faster.
UNCHECKED = {"add_note", "claim"}


@pytest.mark.parametrize("seen", ["", "0", "x", None], ids=["empty", "zero", "text", "missing"])
@pytest.mark.parametrize("verb", sorted(set(FORMS) - UNCHECKED))
def test_save_that_does_not_say_what_it_saw_is_stale(
    verb: str, seen: str | None, desk: Client, clinic: Location, staff: User
) -> None:
    values = VALUES.get(verb, {})
    if verb == "keep_open":
        values = {"received_at": timezone.now() - timezone.timedelta(days=61)}  # type: ignore[attr-defined]
    if verb == "unmark_duplicate":
        values = {"outcome": "duplicate"}
    row = consult_in(START.get(verb, State.NEW), clinic, **values)
    if verb == "release":
        row = held_by(staff, clinic)
    consult(clinic, reference="KHB-4WM", phone="", email="")
    data = {"verb": verb, **POSTS[verb], **({} if seen is None else {"seen": seen})}
    data |= {"to": str(build.location().pk), "day": "", "time": "", "until": ""}
    if verb == "book":
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        data |= {"day": tomorrow.isoformat(), "time": "10:30"}

    response = desk.post(page_of(row), data)

    assert response.status_code == 422
    assert "changed this request while you had it open" in page(response)
    row.refresh_from_db()
    assert row.version == 1


def test_taking_over_asks_whom_it_was_meant_to_be_taken_from(
    desk: Client, clinic: Location, staff: User
) -> None:
    row = held_by(build.member(clinic), clinic)
    later = build.member(clinic, first_name="Ben", last_name="Cole")
    triage.claim(row, later, take_over=True)

    response = desk.post(page_of(row), {"verb": "claim", "take_over": "1", "seen": row.version})

    assert response.status_code == 422
    assert "Ben Cole changed this request" in page(response)
    row.refresh_from_db()
    assert row.assignee == later
