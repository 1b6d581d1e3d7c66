"""Narrowing a list, leafing through it, and taking or giving what is ticked."""

import datetime as dt
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinic.models import User
from consults import triage
from consults.admin import paging
from consults.admin.queue import VIEWS
from consults.models import ConsultRequest, Event, EventKind, State
from locations.models import Location, Membership
from tests import build
from tests.articles import build as articles
from tests.consults.build import consult, consult_in, held_by, words

LIST = reverse("admin:consults_consultrequest_changelist")
ASSIGN = reverse("admin:consults_consultrequest_assign")
MONDAY_10 = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # 10:00 in Alabama


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY_10, tick=False):
        yield


@pytest.fixture
def clinic(db: None) -> Location:
    return build.location(name="Vestavia Hills")


@pytest.fixture
def staff(clinic: Location) -> User:
    return build.member(clinic, first_name="Ana", last_name="Reyes")


@pytest.fixture
def lead(clinic: Location) -> User:
    return build.member(clinic, Membership.Role.LEAD, first_name="Lea", last_name="Moss")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, **query: str) -> list[ConsultRequest]:
    return list(client.get(LIST, query).context["cl"].result_list)


def offered(client: Client, name: str, **query: str) -> list[str]:
    """What a filter offers to choose, by its words."""
    changes = client.get(LIST, query).context["cl"]
    [spec] = [each for each in changes.filter_specs if each.parameter_name == name] or [None]
    return [str(each["display"]) for each in spec.choices(changes)] if spec else []


# --- Narrowing ----------------------------------------------------------------------------------


def test_list_narrows_by_state(staff: User, clinic: Location) -> None:
    rows = {state: consult_in(state, clinic) for state in State}
    client = signed_in(staff)

    assert listed(client, state="trying") == [rows[State.TRYING]]
    assert listed(client, view="unclaimed", state="waiting") == [rows[State.WAITING]]
    assert offered(client, "state") == [
        "All", "New", "Trying to reach", "Waiting for reply", "Visit booked",
    ]  # fmt: skip
    assert listed(client, view="closed", state="") == [rows[State.CLOSED]]


@pytest.mark.parametrize("view", ["waiting", "visits", "quarantine", "closed"])
def test_state_is_not_offered_where_there_is_but_one(
    view: str, staff: User, clinic: Location
) -> None:
    assert offered(signed_in(staff), "state", view=view) == []


def test_list_narrows_by_who_has_it(staff: User, clinic: Location) -> None:
    other = build.member(clinic, first_name="Ben", last_name="Cole")
    mine, theirs, free = held_by(staff, clinic), held_by(other, clinic), consult(clinic)
    client = signed_in(staff)

    assert listed(client, assignee="me") == [mine]
    assert listed(client, assignee="nobody") == [free]
    assert listed(client, assignee=str(other.pk)) == [theirs]
    assert offered(client, "assignee") == ["Anybody or nobody", "Me", "Nobody", "Ben Cole"]


def test_list_narrows_by_article(staff: User, clinic: Location) -> None:
    story = articles.published(slug="a-story", title="A story")
    articles.published(slug="unread", title="Unread")
    row = consult(clinic, source=story)
    consult(clinic)
    client = signed_in(staff)

    assert listed(client, source="a-story") == [row]
    assert offered(client, "source") == ["Anywhere", "A story"]


def test_filters_offer_nothing_of_another_clinic(staff: User, clinic: Location) -> None:
    elsewhere = build.location(name="Elsewhere")
    stranger = build.member(elsewhere, first_name="Eve", last_name="Stone")
    source = articles.published(slug="other", title="Other")
    held_by(stranger, elsewhere, source=source)
    client = signed_in(staff)

    page = client.get(LIST).content.decode()

    assert [word for word in ("Elsewhere", "Eve Stone", "Other") if word in page] == []
    for name, value in (
        ("assignee", str(stranger.pk)),
        ("assignee", "x"),
        ("source", "other"),
        ("clinic", "x"),
    ):
        held_by(staff, clinic)
        assert (name, listed(client, **{name: value})) == (name, [])


def test_a_choice_is_kept_by_tabs_and_a_search_by_choices(staff: User, clinic: Location) -> None:
    row = held_by(staff, clinic)
    page = signed_in(staff).get(LIST, {"view": "mine", "source": "", "state": "new"})

    html = page.content.decode()
    assert row.reference in html
    assert '<input type="hidden" name="view" value="mine">' in html
    assert '<option value="new" selected>' in html
    assert 'href="?view=unclaimed"' in html.replace("source=&amp;", "")


@pytest.mark.parametrize("view", VIEWS)
def test_every_saved_view_takes_every_choice(view: str, staff: User, clinic: Location) -> None:
    consult(clinic)
    query = {"view": view, "state": "new", "assignee": "me", "source": "none", "clinic": "none"}

    assert listed(signed_in(staff), **query) == []


# --- The saved views, each against what it says ------------------------------------------------


def test_due_today_ends_at_midnight_and_begins_now(staff: User, clinic: Location) -> None:
    midnight = dt.datetime(2026, 12, 8, 6, 0, tzinfo=dt.UTC)
    moment = dt.timedelta(seconds=1)
    consult(clinic, next_action_at=MONDAY_10 - moment)
    now = consult(clinic, next_action_at=MONDAY_10)
    last = consult(clinic, next_action_at=midnight - moment)
    consult(clinic, next_action_at=midnight)
    client = signed_in(staff)

    assert listed(client, view="today") == [now, last]
    assert len(listed(client, view="overdue")) == 1


def test_visits_are_in_order_of_their_time(staff: User, clinic: Location) -> None:
    day = dt.timedelta(days=1)
    later = consult_in(State.BOOKED, clinic, visit_at=MONDAY_10 + 2 * day)
    sooner = consult_in(State.BOOKED, clinic, visit_at=MONDAY_10 + day)

    assert listed(signed_in(staff), view="visits") == [sooner, later]


def test_quarantine_lists_and_counts_what_is_not_erased(staff: User, clinic: Location) -> None:
    held = consult_in(State.QUARANTINED, clinic)
    consult_in(State.QUARANTINED, clinic, erased_at=MONDAY_10)
    client = signed_in(staff)

    assert listed(client, view="quarantine") == [held]
    [desk] = client.get(reverse("admin:index")).context["today"].desks
    assert desk.quarantined == 1


def test_a_search_lists_the_newest_first_whatever_its_state(staff: User, clinic: Location) -> None:
    day = dt.timedelta(days=1)
    old = consult(clinic, received_at=MONDAY_10 - 3 * day)
    closed = consult_in(State.CLOSED, clinic, received_at=MONDAY_10 - day)
    new = consult(clinic, received_at=MONDAY_10)
    client = signed_in(staff)
    find = reverse("admin:consults_consultrequest_find")

    response = client.post(find, {"words": "Jordan"}, follow=True)

    assert list(response.context["cl"].result_list) == [new, closed, old]


# --- Leafing ------------------------------------------------------------------------------------


def test_a_long_list_is_counted_as_far_as_anyone_leafs(
    staff: User, clinic: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST", 2)
    client = signed_in(staff)
    for _row in range(2):
        consult(clinic)
    assert "These are the first" not in client.get(LIST).content.decode()

    consult(clinic)

    page = client.get(LIST)
    assert page.context["cl"].result_count == 2
    assert "These are the first 2. Narrow the list" in page.content.decode()


# --- Taking and giving ---------------------------------------------------------------------------


def tick(*rows: ConsultRequest) -> list[str]:
    return [f"{row.pk}.{row.version}" for row in rows]


def assign(user: User, to: User, rows: list[str], **data: str) -> Any:
    posted = {"rows": rows, "to": str(to.pk), "back": "?view=unclaimed&evil=1", **data}
    return signed_in(user).post(ASSIGN, posted, follow=True)


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def holder(row: ConsultRequest) -> User | None:
    row.refresh_from_db()
    return row.assignee


def test_ticked_requests_are_taken_each_with_its_event(staff: User, clinic: Location) -> None:
    rows = [consult(clinic) for _row in range(3)]

    response = assign(staff, staff, tick(*rows[:2]))

    assert [holder(row) for row in rows] == [staff, staff, None]
    assert [row.events.get().kind for row in rows[:2]] == ["claimed", "claimed"]
    assert told(response) == ["2 requests are yours now."]
    assert response.redirect_chain == [(f"{LIST}?view=unclaimed", 302)]


def test_what_somebody_has_stays_theirs_and_is_told_by_reference(
    staff: User, clinic: Location
) -> None:
    other = build.member(clinic, first_name="Ben", last_name="Cole")
    taken, free = held_by(other, clinic), consult(clinic)

    response = assign(staff, staff, tick(taken, free))

    assert [holder(taken), holder(free)] == [other, staff]
    assert told(response) == [
        "1 request is yours now.",
        f"{taken.reference}: Ben Cole has this request already.",
    ]


def test_a_lead_gives_requests_to_a_colleague(lead: User, staff: User, clinic: Location) -> None:
    rows = [consult(clinic), held_by(lead, clinic)]

    response = assign(lead, staff, tick(*rows))

    assert [holder(row) for row in rows] == [staff, staff]
    assert told(response) == ["Ana Reyes has 2 more requests."]
    [event] = rows[1].events.all()
    assert (event.kind, event.actor) == ("assigned", lead)
    assert (event.detail["from_user"], event.detail["to_user"]) == (lead.pk, staff.pk)
    assert rows[0].claimed_at == MONDAY_10  # an untouched one frees itself


def test_a_request_changed_meanwhile_is_left_and_told(
    lead: User, staff: User, clinic: Location
) -> None:
    row = consult(clinic)
    ticked = tick(row)
    triage.log_contact(row, lead, "no_answer", note="Early.")

    response = assign(lead, staff, ticked)

    assert holder(row) == lead
    assert told(response) == [
        f"{row.reference}: Lea Moss changed this request while you had it open. "
        "It is now: Trying to reach."
    ]


def test_staff_cannot_give_and_nobody_gives_to_another_clinic(
    lead: User, staff: User, clinic: Location
) -> None:
    row, elsewhere = consult(clinic), build.member(build.location())

    for by, to in ((staff, lead), (lead, elsewhere), (lead, build.user("Editor"))):
        assert told(assign(by, to, tick(row))) == ["Pick somebody from the list."]
    with pytest.raises(triage.NotAllowed, match="Only a lead of the clinic"):
        triage.assign(row, staff, lead)
    with pytest.raises(triage.NotAllowed, match="does not take requests of Vestavia Hills"):
        triage.assign(row, lead, elsewhere)
    assert (holder(row), row.events.count()) == (None, 0)


def test_a_lead_of_one_clinic_does_not_give_at_another(lead: User, staff: User) -> None:
    second = build.location(name="Opelika")
    for person in (lead, staff):
        Membership.objects.create(user=person, location=second)
    row = consult(second)

    response = assign(lead, staff, tick(row))

    assert told(response) == [
        f"{row.reference}: Only a lead of the clinic gives requests to others."
    ]


@pytest.mark.parametrize("rows", [[], ["nonsense"], ["x" * 36 + ".1"]])
def test_nothing_ticked_says_what_to_do(rows: list[str], staff: User) -> None:
    assert told(assign(staff, staff, rows)) == ["Tick the requests first, then press the button."]


def test_another_clinics_request_is_neither_taken_nor_named(staff: User, clinic: Location) -> None:
    row = consult(build.location())

    response = assign(staff, staff, tick(row))

    assert holder(row) is None
    assert told(response) == ["One request is no longer with your clinic."]
    assert row.reference not in words(response.content.decode())


def test_ticks_are_offered_where_something_may_be_taken(staff: User, clinic: Location) -> None:
    consult(clinic)
    consult_in(State.CLOSED, clinic)
    client = signed_in(staff)

    assert client.get(LIST).content.decode().count('class="tick"') == 1
    assert 'class="tick"' not in client.get(LIST, {"view": "closed"}).content.decode()
    assert client.get(ASSIGN).status_code == 405
    assert signed_in(build.user("Editor")).post(ASSIGN, {}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_people_who_take_the_same_three_share_them() -> None:
    where = build.location()
    people = [build.member(where), build.member(where)]
    rows = [consult(where) for _row in range(3)]
    start, answers = threading.Barrier(2), list[str]()

    def take(person: User) -> None:
        try:
            client = signed_in(person)
            start.wait(timeout=20)
            posted = {"rows": tick(*rows), "to": str(person.pk)}
            # What two clients render at once, each takes for its own: the page itself is read.
            answers.append(client.post(ASSIGN, posted, follow=True).content.decode())
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    claimed = Event.objects.filter(kind=EventKind.CLAIMED)
    assert claimed.count() == 3
    assert {holder(row) for row in rows} <= set(people)
    assert sum(page.count("has this request already.") for page in answers) == 3
