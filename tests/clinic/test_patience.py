"""How long a page waits for a database that says nothing. A socket pair stands in for it."""

import socket
import time
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2 import extensions

from clinic import patience
from clinic.patience import Patience


class Silent:
    """A connection whose server never answers."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def fileno(self) -> int:
        return self.end.fileno()

    def poll(self) -> int:
        return extensions.POLL_READ


class Answering(Silent):
    def poll(self) -> int:
        return extensions.POLL_OK


@pytest.fixture(autouse=True)
def _as_in_a_fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patience, "away_until", 0.0)
    monkeypatch.setattr(Patience, "for_one_wait", None)


@pytest.fixture
def silent() -> Iterator[Silent]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Silent(ours)


def seconds_waited(connection: Silent) -> float:
    started = time.monotonic()
    with pytest.raises(psycopg2.OperationalError):
        patience.wait(connection)
    return time.monotonic() - started


def test_silence_ends_in_an_error_and_what_follows_fails_at_once(silent: Silent) -> None:
    with patience.limited_to(0.3):
        assert 0.3 <= seconds_waited(silent) < 1
        assert seconds_waited(silent) < 0.1


def test_next_page_hardly_waits_while_the_database_is_known_to_be_away(silent: Silent) -> None:
    with patience.limited_to(0.1):
        seconds_waited(silent)
    with patience.limited_to(30):
        assert patience.PATIENCE_WHILE_AWAY <= seconds_waited(silent) < 2


def test_first_answer_ends_the_hurry(silent: Silent) -> None:
    with patience.limited_to(0.1):
        seconds_waited(silent)
    patience.wait(Answering(silent.end))
    with patience.limited_to(30):
        assert patience.patience.left == 30


def test_waits_of_one_page_are_counted_together(silent: Silent) -> None:
    with patience.limited_to(5):
        patience.patience.spend(4.8)
        assert seconds_waited(silent) < 1


def test_outside_a_page_one_wait_is_limited_only_where_the_process_asks(silent: Silent) -> None:
    assert patience.patience.left is None
    patience.limit_each_wait(0.2)
    assert 0.2 <= seconds_waited(silent) < 1
    assert 0.2 <= seconds_waited(silent) < 1


def test_patience_of_a_page_ends_with_it() -> None:
    with patience.limited_to(1):
        assert patience.patience.left == 1
    assert patience.patience.left is None


def test_wait_is_installed_for_every_connection_of_the_process() -> None:
    assert extensions.get_wait_callback() is patience.wait
