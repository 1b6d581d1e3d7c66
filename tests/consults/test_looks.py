"""Every look on file: one event each, and no look at all where the event cannot be written."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from consults.admin.verbs import FORMS
from consults.models import ConsultRequest, Event
from locations.models import Location, Membership
from tests import build
from tests.consults.build import answers, consult
from tests.consults.test_desk import POSTS
from tests.consults.test_matrix import ADDRESSES, REQUEST_PAGES

QUESTION = "Is there parking for a canary?"
TODAY = timezone.localdate().isoformat()
PERIOD = {"first_day": TODAY, "last_day": TODAY}


@pytest.fixture
def clinic(db: None) -> Location:
    return build.location(phone="+12055550100")


@pytest.fixture
def lead(clinic: Location) -> User:
    return build.member(clinic, Membership.Role.LEAD)


@pytest.fixture
def row(clinic: Location) -> ConsultRequest:
    return consult(clinic, question=QUESTION, phone="+12055550177", is_flagged=True)


@pytest.fixture
def client(lead: User) -> Client:
    client = Client()
    client.force_login(lead)
    return client


def address(page: str, *arguments: object) -> str:
    return reverse(f"{REQUEST_PAGES}{page}", args=arguments)


def text_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode() + response.headers.get("Location", ""))


# --- One event each -----------------------------------------------------------------------------

LOOKS: list[tuple[str, str, dict[str, Any] | None, bool, str]] = [
    # page, what it asks or posts, whether it is about one request, and the event
    ("changelist", "get", None, False, "listed"),
    ("change", "get", None, True, "viewed"),
    ("change", "get", {"question": "1"}, True, "question_shown"),
    ("print", "get", None, True, "printed"),
    ("change", "post", {"verb": "add_note", "body": ""}, True, "viewed"),
    ("change", "post", {"verb": "claim", "seen": "1"}, True, "claimed"),
    ("delete", "get", None, True, "refused"),
    ("find", "post", {"words": "Jordan"}, False, "searched"),
    ("person", "post", {"words": "(205) 555-0134"}, False, "searched"),
    ("export", "post", {**PERIOD, "reason": "The yearly count."}, False, "exported"),
]


@pytest.mark.parametrize(("door", "how", "data", "is_about_one", "kind"), LOOKS)
def test_look_writes_one_event_without_content(
    door: str,
    how: str,
    data: dict[str, Any] | None,
    is_about_one: bool,
    kind: str,
    client: Client,
    lead: User,
    row: ConsultRequest,
) -> None:
    arguments = [row.pk] if door in {"change", "print", "delete"} else []

    getattr(client, how)(address(door, *arguments), data)

    [event] = Event.objects.all()
    about = row if is_about_one else None
    assert (event.kind, event.actor, event.request) == (kind, lead, about)
    for words in ("Jordan", "0134", "0177", "canary", "yearly"):
        assert words not in str(event.detail)


def test_list_of_looks_is_itself_on_file(client: Client, lead: User) -> None:
    client.post(address("looks"), {**PERIOD, "person": str(lead.pk)})

    assert [event.kind for event in Event.objects.all()] == ["reported"]


def test_page_says_who_looked_at_the_request(clinic: Location, row: ConsultRequest) -> None:
    for first_name, page in (("Ana", "change"), ("Ben", "print")):
        client = Client()
        client.force_login(build.member(clinic, first_name=first_name, last_name="Reyes"))
        client.get(address(page, row.pk))
    client.force_login(build.member(build.location(), first_name="Cleo", last_name="Reyes"))
    client.get(address("change", row.pk))
    client.force_login(build.member(clinic, first_name="Dora"))

    response = client.get(address("change", row.pk))

    looks = [(entry.who, entry.what) for entry in response.context["page"].looks]
    assert looks == [
        ("Cleo Reyes", "Refused"),
        ("Ben Reyes", "Copy opened for printing"),
        ("Ana Reyes", "Opened"),
    ]


@pytest.mark.parametrize("who", ["editor", "staff"])
def test_whoever_lacks_the_right_is_refused_on_file(
    who: str, clinic: Location, row: ConsultRequest
) -> None:
    person = build.user("Editor") if who == "editor" else build.member(clinic)
    client = Client()
    client.force_login(person)
    pages = ["export", "looks", "person", "reports"]
    if who == "editor":
        pages += ["changelist", "call"]

    statuses = [client.get(address(page)).status_code for page in pages]
    if who == "editor":
        statuses += [client.get(address(page, row.pk)).status_code for page in ("change", "print")]
        statuses.append(client.post(address("find"), {"words": "Jordan"}).status_code)

    assert set(statuses) == {403}
    refusals = Event.objects.filter(kind="refused", actor=person)
    assert refusals.count() == len(statuses) == Event.objects.count()


# --- No event, no look --------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise OperationalError("no room")

    monkeypatch.setattr(Event, "save", refuse)
    monkeypatch.setattr(type(Event.objects.all()), "bulk_create", refuse)


def test_no_page_shows_a_person_when_its_event_cannot_be_written(
    broken: None, client: Client, row: ConsultRequest
) -> None:
    """Every address of the desk, read from the URLconf."""
    shown = []
    for name, parts in ADDRESSES:
        if not name.startswith(REQUEST_PAGES):
            continue
        path = reverse(name, args=[row.pk] if parts else [])
        for query in ({}, {"question": "1"}, {"view": "open"}):
            text = text_of(client.get(path, query))
            marks = [mark for mark in ("Jordan", "0177", "canary", row.reference) if mark in text]
            shown += [(name, mark) for mark in marks]
    assert shown == []


@pytest.mark.parametrize(
    ("door", "data"),
    [
        ("find", {"words": "Jordan"}),
        ("find", {"words": "KHB-4WM"}),
        ("person", {"words": "(205) 555-0134"}),
        ("export", {**PERIOD, "reason": "The yearly count.", "names": "on"}),
        ("call", {}),
    ],
)
def test_nothing_is_found_or_stored_when_its_event_cannot_be_written(
    door: str, data: dict[str, Any], broken: None, client: Client, clinic: Location
) -> None:
    row = consult(clinic, reference="KHB-4WM")
    given = data or answers(clinic, agreed="on")

    response = client.post(address(door), given)

    assert response.status_code == 503
    assert str(row.pk) not in text_of(response)
    assert row.reference not in text_of(response)
    assert ConsultRequest.objects.count() == 1


@pytest.mark.parametrize("verb", sorted(set(FORMS) & {"claim", "log_contact", "add_note", "close"}))
def test_nothing_is_done_when_its_event_cannot_be_written(
    verb: str, broken: None, client: Client, clinic: Location
) -> None:
    row = consult(clinic)
    before = ConsultRequest.objects.values().get()

    response = client.post(address("change", row.pk), {"verb": verb, "seen": 1, **POSTS[verb]})

    assert response.status_code == 503
    assert ConsultRequest.objects.values().get() == before
    assert row.notes.count() == 0
