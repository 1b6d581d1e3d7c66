"""What is held, what never is, and that nobody who sends can tell."""

import datetime as dt
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client, RequestFactory
from django.utils import timezone

from consults import rounds, spam
from consults.models import ConsultRequest, EventKind, Outbox, State, Tally
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


def test_addresses_of_one_ipv6_network_count_together(settings: Any) -> None:
    settings.CONSULT_POSTS_PER_HOUR = 1
    assert [codes(f"2001:db8:0:1::{number}") for number in (1, 2)] == [[], ["many"]]
    assert codes("2001:db8:0:2::1") == []
    assert [codes(f"::ffff:192.0.2.{number}") for number in (1, 2)] == [[], []]


def test_address_is_kept_nowhere_in_clear(client: Client, where: Location) -> None:
    send(client, where)
    assert Tally.objects.exists()
    assert "127.0.0.1" not in str(list(Tally.objects.values()))


def test_address_hash_changes_with_the_day() -> None:
    for days in range(2):
        with time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False):
            assert codes("192.0.2.1") == []
    assert list(Tally.objects.values_list("count", flat=True)) == [1, 1]


def test_tallies_are_forgotten_when_their_time_is_over() -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        codes("192.0.2.1")
        spam.note_use(FormToken("nonce", 0))
        rounds.keep_up()
        assert Tally.objects.count() == 2
        clock.shift(spam.HOUR + dt.timedelta(seconds=1))
        rounds.keep_up()
        assert Tally.objects.count() == 1
        clock.shift(dt.timedelta(days=1))
        rounds.keep_up()
    assert not Tally.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_posts_at_the_same_moment_are_all_counted() -> None:
    start = threading.Barrier(8)

    def post() -> None:
        start.wait()
        Tally.objects.add("address", "192.0.2.1", spam.HOUR)
        connections.close_all()

    threads = [threading.Thread(target=post) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Tally.objects.of("address", "192.0.2.1") == 8


# --- A surge ------------------------------------------------------------------------------------


def sent_from(number: int, where: Location, **changes: Any) -> ConsultRequest:
    """One more request, from an address of its own."""
    client = Client(REMOTE_ADDR=f"192.0.2.{number}")
    known = set(ConsultRequest.objects.values_list("pk", flat=True))
    assert send(client, where, **changes).status_code == 302
    return ConsultRequest.objects.exclude(pk__in=known).get()


def test_surge_holds_what_one_form_brings_until_the_minute_is_calm_again(
    where: Location, settings: Any
) -> None:
    settings.SURGE_PER_MINUTE = 2
    pattern = form_token()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        rows = [
            sent_from(number, where, token=pattern, name=f"Sam {number}") for number in range(5)
        ]
        assert [held(row) for row in rows] == [[], [], *[["surge", "used_form"]] * 3]
        clock.shift(dt.timedelta(seconds=60))
        assert held(sent_from(9, where, token=pattern, name="Kim")) == []


@pytest.fixture
def surging(where: Location, settings: Any) -> None:
    """Two requests in the last minute, where two are as many as staff could read."""
    settings.SURGE_PER_MINUTE = 2
    for number in (100, 101):
        sent_from(number, where)


@pytest.mark.usefixtures("surging")
def test_surge_lets_a_person_through(where: Location) -> None:
    row = sent_from(1, where)
    assert (row.state, row.outbox.count()) == (State.NEW, 1)


@pytest.mark.usefixtures("surging")
def test_surge_holds_what_came_sooner_than_people_write(where: Location) -> None:
    with time_machine.travel(int(timezone.now().timestamp()), tick=False):
        row = sent_from(1, where, token=form_token(seconds_ago=7, was_shown_again=True))
        assert held(row) == ["surge", "hasty"]
        assert held(sent_from(2, where, token=form_token(seconds_ago=8))) == []


@pytest.mark.usefixtures("surging")
def test_surge_holds_the_third_of_one_address(where: Location) -> None:
    assert [held(sent_from(1, where)) for _post in range(3)] == [[], [], ["surge", "seen_before"]]


@pytest.mark.usefixtures("surging")
def test_surge_holds_for_one_other_signal(where: Location) -> None:
    row = sent_from(1, where, name="https://x.example")
    assert held(row) == ["surge", "link_in_name"]


def test_surge_lets_through_no_more_than_staff_could_read(where: Location, settings: Any) -> None:
    settings.SURGE_PER_MINUTE = 2
    midday = dt.datetime(2026, 3, 2, 18, 0, 5, tzinfo=dt.UTC)
    with time_machine.travel(midday, tick=False) as clock:
        for number in (110, 111):
            sent_from(number, where)
        assert [held(sent_from(number, where)) for number in range(3)] == [[], [], ["surge"]]
        clock.shift(dt.timedelta(seconds=57))
        assert held(sent_from(4, where)) == []


@pytest.mark.usefixtures("surging")
def test_same_form_sent_twice_in_a_surge_is_one_request_let_through(where: Location) -> None:
    form = answers(where)
    first, second = (
        Client(REMOTE_ADDR="192.0.2.1").post("/consult/", form, headers=SAME_ORIGIN)
        for _time in range(2)
    )
    assert first["Location"] == second["Location"]
    assert ConsultRequest.objects.count() == 3
    assert not ConsultRequest.objects.quarantined().exists()


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


def test_every_setting_of_requests_stands_in_the_example_of_a_production_site() -> None:
    root = Path(__file__).parents[2]
    source = (root / "clinic/settings.py").read_text()
    part = source.partition("# --- Consult requests")[2].partition("\n# --- ")[0]
    names = re.findall(r'env\.\w+\("(\w+)"', part)
    assert "SURGE_PER_MINUTE" in names
    example = (root / "deploy/production.env.example").read_text()
    assert [name for name in names if f"# {name}=" not in example] == []
