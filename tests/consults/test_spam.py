"""What is held, what never is, and that nobody who sends can tell."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from consults import spam
from consults.models import ConsultRequest, EventKind, Outbox, State
from consults.tokens import FormToken
from locations.models import Location
from tests import build
from tests.consults.build import SAME_ORIGIN, answers, elements, form_token, send, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> Location:
    return build.location()


def held(row: ConsultRequest) -> list[str]:
    event = row.events.filter(kind=EventKind.QUARANTINED).first()
    return event.detail["reasons"] if event else []


def test_trap_alone_holds_without_a_notice_and_looks_the_same(
    client: Client, where: Location
) -> None:
    response = send(client, where, **{spam.TRAP_FIELD: "blue"}, email="sam@example.com")
    row = ConsultRequest.objects.get()
    assert (row.state, held(row)) == (State.QUARANTINED, ["trap"])
    assert not Outbox.objects.exists()
    page = client.get(response["Location"])
    assert words(elements(page, "h1")[0].text) == "We have your request"
    assert row.next_action_at is not None


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"token": None}, {}),
        ({"name": "https://x.example"}, SAME_ORIGIN),
    ],
)
def test_one_other_signal_holds_nothing(
    client: Client, where: Location, changes: dict[str, Any], headers: dict[str, str]
) -> None:
    token = form_token(seconds_ago=60)
    client.post("/consult/", answers(where) | changes | {"token": token}, headers=headers)
    assert ConsultRequest.objects.get().state == State.NEW


def test_fast_alone_holds_nothing(client: Client, where: Location) -> None:
    send(client, where, token=form_token(seconds_ago=0))
    assert ConsultRequest.objects.get().state == State.NEW


def test_two_signals_hold_with_both_reasons(client: Client, where: Location) -> None:
    client.post("/consult/", answers(where, token=form_token(seconds_ago=0)))
    row = ConsultRequest.objects.get()
    assert (row.state, held(row)) == (State.QUARANTINED, ["fast", "no_headers"])


def test_form_shown_again_is_never_too_fast(client: Client, where: Location) -> None:
    token = form_token(seconds_ago=0, was_shown_again=True)
    client.post("/consult/", answers(where, token=token))
    assert ConsultRequest.objects.get().state == State.NEW


def test_crisis_is_never_held(client: Client, where: Location) -> None:
    send(client, where, **{spam.TRAP_FIELD: "blue"}, question="I want to kill myself")
    row = ConsultRequest.objects.get()
    assert (row.state, row.is_flagged, held(row)) == (State.NEW, True, [])
    assert Outbox.objects.count() == 1


def test_trap_is_out_of_sight_and_reach(client: Client, where: Location) -> None:
    page = client.get("/consult/")
    trap = next(e for e in elements(page) if e.get("name") == spam.TRAP_FIELD)
    assert (trap["tabindex"], trap["autocomplete"], trap.get("value")) == ("-1", "off", None)
    around = next(e for e in elements(page) if e.get("class") == "trap")
    assert around["aria-hidden"] == "true"


def codes(address: str) -> list[str]:
    request = RequestFactory().post("/consult/", headers=SAME_ORIGIN, REMOTE_ADDR=address)
    return spam.signals(request, FormToken("n", 0), "Sam")


def test_many_posts_in_an_hour_count_by_address(settings: Any) -> None:
    settings.CONSULT_POSTS_PER_HOUR = 2
    with time_machine.travel(dt.datetime(2026, 3, 2, 16, 5, tzinfo=dt.UTC), tick=False) as clock:
        assert [codes("192.0.2.1") for _post in range(3)] == [[], [], ["many"]]
        assert codes("192.0.2.2") == []
        clock.shift(dt.timedelta(hours=1))
        assert codes("192.0.2.1") == []


def test_address_is_kept_nowhere_in_clear(client: Client, where: Location) -> None:
    send(client, where)
    assert cache._cache  # type: ignore[attr-defined]
    assert "127.0.0.1" not in str(cache._cache)  # type: ignore[attr-defined]


def test_address_hash_changes_with_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    monkeypatch.setattr(cache, "add", lambda key, *args, **kwargs: keys.append(key))
    for days in range(2):
        with time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False):
            codes("192.0.2.1")
    assert len({key.rpartition(":")[2] for key in keys}) == 2


# --- A surge ------------------------------------------------------------------------------------


def test_what_arrives_above_the_rate_is_held_until_the_minute_is_calm_again(
    client: Client, where: Location, settings: Any
) -> None:
    settings.SURGE_PER_MINUTE = 2
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _post in range(4):
            send(client, where)
            clock.shift(dt.timedelta(seconds=20))
        rows = ConsultRequest.objects.order_by("received_at")
        assert [held(row) for row in rows] == [[], [], ["surge"], ["surge"]]
        clock.shift(dt.timedelta(seconds=60))
        send(client, where)
    assert rows.filter(state=State.NEW).count() == 3


def test_surge_never_holds_a_crisis(client: Client, where: Location, settings: Any) -> None:
    settings.SURGE_PER_MINUTE = 0
    send(client, where, question="I want to kill myself")
    assert ConsultRequest.objects.get().state == State.NEW


@pytest.mark.parametrize(("count", "words_shown"), [(1, "One of the last day"), (2, "2 of the")])
def test_staff_home_says_what_a_surge_held(
    client: Client, where: Location, settings: Any, count: int, words_shown: str
) -> None:
    elsewhere = build.location()
    settings.SURGE_PER_MINUTE = 0
    for _post in range(count):
        send(client, where)
    send(client, elsewhere)
    client.force_login(build.member(where))
    assert words_shown in client.get("/admin/").content.decode()


def test_staff_home_says_nothing_of_a_surge_without_one(client: Client, where: Location) -> None:
    send(client, where, **{spam.TRAP_FIELD: "blue"})
    assert ConsultRequest.objects.get().state == State.QUARANTINED
    client.force_login(build.member(where))
    assert "than anyone could read" not in client.get("/admin/").content.decode()
