"""Two people, or the worker, at one request in the same moment: real threads, both databases.

Each race is run ROUNDS times, so that either side comes first now and then. What happened is what
one after the other could have done, and nobody is told of something that is not so.
"""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from consults import retention, triage
from consults.models import ConsultRequest, State
from consults.triage import NotAllowed, Stale, Taken
from locations.models import Location
from tests import build
from tests.consults.build import consult, consult_in

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each of them answered, or the exception that it raised; all start together."""
    start, answers = threading.Barrier(len(actions)), [None] * len(actions)

    def run(place: int, action: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers[place] = action()
        except Exception as error:
            answers[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(place, action)) for place, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def outcome(answer: Any) -> str:
    return type(answer).__name__ if isinstance(answer, Exception) else "done"


@pytest.fixture
def where() -> Location:
    clinic = build.location()
    build.weekday_hours(clinic)
    return clinic


@pytest.fixture
def people(where: Location) -> list[User]:
    return [build.member(where) for _person in range(2)]


def kinds(row: ConsultRequest) -> list[str]:
    return list(row.events.order_by("pk").values_list("kind", flat=True))


def now(row: ConsultRequest) -> ConsultRequest:
    return ConsultRequest.objects.get(pk=row.pk)


def test_two_claim_at_once(where: Location, people: list[User]) -> None:
    for _round in range(ROUNDS):
        row = consult(where)

        answers = at_once(*(partial(triage.claim, row, person) for person in people))

        assert Counter(map(outcome, answers)) == {"done": 1, Taken.__name__: 1}
        [winner] = [person for person, answer in zip(people, answers, strict=True)
                    if outcome(answer) == "done"]  # fmt: skip
        assert now(row).assignee == winner
        assert kinds(row) == ["claimed"]


def test_claim_and_withdrawal_at_once(where: Location, people: list[User]) -> None:
    for _round in range(ROUNDS):
        row = consult(where)

        claimed, withdrawn = at_once(
            partial(triage.claim, row, people[0]), partial(triage.withdraw, row)
        )

        assert outcome(withdrawn) == "done"
        after = now(row)
        assert (after.state, after.outcome) == (State.CLOSED, "withdrawn")
        if outcome(claimed) == "done":
            assert kinds(row) == ["claimed", "withdrawn"]
        else:
            assert isinstance(claimed, NotAllowed)
            assert kinds(row) == ["withdrawn"]


def test_contact_and_withdrawal_at_once(where: Location, people: list[User]) -> None:
    """Whatever comes first, nobody contacts the person afterwards."""
    for _round in range(ROUNDS):
        row = consult(where)

        called, withdrawn = at_once(
            partial(triage.log_contact, row, people[0], "no_answer"), partial(triage.withdraw, row)
        )

        assert outcome(withdrawn) == "done"
        assert now(row).state == State.CLOSED
        assert (outcome(called) == "done") == (kinds(row) == ["contact", "withdrawn"])


def test_two_log_a_contact_at_once(where: Location, people: list[User]) -> None:
    """From the same page: the second is told, and what was typed is shown again."""
    for _round in range(ROUNDS):
        row = consult(where)

        answers = at_once(
            *(partial(triage.log_contact, row, person, "no_answer", seen=1) for person in people)
        )

        assert Counter(map(outcome, answers)) == {"done": 1, Stale.__name__: 1}
        assert kinds(row) == ["contact"]
        assert now(row).version == 2


def test_transfer_and_claim_at_once(where: Location, people: list[User]) -> None:
    there = build.location()
    for _round in range(ROUNDS):
        row = consult(where)

        moved, claimed = at_once(
            partial(triage.transfer, row, people[0], there), partial(triage.claim, row, people[1])
        )

        assert outcome(moved) == "done"
        after = now(row)
        # Nobody has a request of a clinic where they do not work.
        assert (after.location, after.assignee) == (there, None)
        if outcome(claimed) == "done":
            assert kinds(row) == ["claimed", "transferred"]
        else:
            assert isinstance(claimed, NotAllowed)
            assert kinds(row) == ["transferred"]


def test_purge_and_look_at_once(where: Location, people: list[User]) -> None:
    long_ago = timezone.now() - dt.timedelta(days=400)
    client = Client()
    client.force_login(people[0])
    for _round in range(ROUNDS):
        row = consult_in(State.CLOSED, where, closed_at=long_ago, received_at=long_ago)
        address = reverse("admin:consults_consultrequest_change", args=[row.pk])

        erased, looked = at_once(retention.purge, partial(client.get, address))

        assert (erased, looked.status_code) == (1, 200)
        assert now(row).name == ""
        assert sorted(kinds(row)) == ["erased", "viewed"]


def test_purge_and_reopening_at_once(where: Location, people: list[User]) -> None:
    """Either it was erased, and is not opened again; or it was opened, and nothing is erased."""
    long_ago = timezone.now() - dt.timedelta(days=100)
    for _round in range(ROUNDS):
        row = consult_in(State.CLOSED, where, closed_at=long_ago, received_at=long_ago)

        erased, opened = at_once(retention.purge, partial(triage.reopen, row, people[0]))

        after = now(row)
        if outcome(opened) == "done":
            assert (erased, after.state, after.name) == (0, State.TRYING, "Jordan Miller")
        else:
            assert isinstance(opened, NotAllowed)
            assert (erased, after.state, after.name) == (1, State.CLOSED, "")


def test_two_mark_duplicates_of_each_other_at_once(where: Location, people: list[User]) -> None:
    for _round in range(ROUNDS):
        one, two = consult(where), consult(where, is_flagged=True)

        answers = at_once(
            partial(triage.mark_duplicate, one, people[0], two),
            partial(triage.mark_duplicate, two, people[1], one),
        )

        assert Counter(map(outcome, answers)) == {"done": 1, NotAllowed.__name__: 1}
        [kept] = ConsultRequest.objects.open().filter(pk__in=[one.pk, two.pk])
        assert kept.is_flagged


def test_two_workers_seal_at_once(where: Location) -> None:
    from consults import chain

    for _round in range(ROUNDS):
        for _event in range(20):
            triage.record("listed")

        answers = at_once(chain.seal_batch, chain.seal_batch)

        assert sum(answers) == 20
        assert chain.verify().is_whole
