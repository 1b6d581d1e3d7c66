"""What the desk must not let happen: a flag that gets lost, a look that leaves no trace."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from consults import triage
from consults.models import ConsultRequest, State
from consults.states import ContactResult, NotAllowed
from locations.models import Location
from tests import build
from tests.consults.build import consult, consult_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Location:
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


def post(desk: Client, row: ConsultRequest, verb: str, query: str = "", **data: Any) -> Any:
    page = reverse("admin:consults_consultrequest_change", args=[row.pk])
    return desk.post(page + query, {"verb": verb, "seen": row.version} | data)


@pytest.mark.parametrize("state", [State.CLOSED, State.QUARANTINED])
def test_flagged_request_is_no_duplicate_of_one_nobody_works_on(
    clinic: Location, staff: User, state: State
) -> None:
    flagged, original = consult(clinic, is_flagged=True), consult_in(state, clinic)
    with pytest.raises(NotAllowed, match="is closed"):
        triage.mark_duplicate(flagged, staff, original)
    flagged.refresh_from_db()
    assert (flagged.is_flagged, flagged.state) == (True, State.NEW)


def test_flagged_request_is_no_duplicate_of_a_withdrawn_one(clinic: Location, staff: User) -> None:
    flagged = consult(clinic, is_flagged=True)
    withdrawn = consult(clinic, is_flagged=True, withdrawn_at=timezone.now())
    with pytest.raises(NotAllowed, match="is closed"):
        triage.mark_duplicate(flagged, staff, withdrawn)


def test_page_shown_again_after_an_error_goes_on_file(desk: Client, clinic: Location) -> None:
    row = consult(clinic)
    assert post(desk, row, "add_note", body="").status_code == 422
    assert [event.kind for event in row.events.all()] == ["viewed"]


def test_error_page_does_not_show_a_question_nobody_took(desk: Client, clinic: Location) -> None:
    row = consult(clinic, question="May my sister sit in?")
    page = post(desk, row, "add_note", "?question=1", body="").content.decode()
    assert "May my sister sit in?" not in page
    assert [event.kind for event in row.events.all()] == ["viewed"]


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("wait", {"until": "9999-12-31"}),
        ("book", {"day": "9999-12-31", "time": "23:59"}),
        ("book", {"day": "2062-12-03", "time": "10:00"}),
        ("log_contact", {"result": "no_answer", "then": "try", "day": "9999-12-31"}),
    ],
)
def test_day_far_away_is_refused_in_words(
    desk: Client, clinic: Location, verb: str, data: dict[str, str]
) -> None:
    response = post(desk, consult(clinic), verb, note="Kept as typed.", **data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "within the next two years" in page
    assert "Kept as typed." in page


def test_call_back_before_a_booked_visit_is_the_next_action(clinic: Location, staff: User) -> None:
    now = timezone.now()
    visit = now + dt.timedelta(days=5)
    row = consult_in(State.BOOKED, clinic, visit_at=visit, next_action_at=visit)
    call = now + dt.timedelta(days=1)
    changed = triage.log_contact(row, staff, ContactResult.CALL_BACK, next_at=call, note="Asked.")
    assert (changed.next_action_at, changed.visit_at, changed.state) == (call, visit, State.BOOKED)
