"""How long a page waits for PostgreSQL, and no longer.

A frozen server answers nothing: its own statement_timeout is frozen with it, and no socket option
ends the wait. psycopg2 lets us do the waiting: while a page is being made, what it has waited in
all is counted, and beyond its patience the wait ends with OperationalError.

While the database is known to be away, pages wait hardly at all: otherwise the people who come next
would queue for a thread behind those who wait in vain.
"""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions

KNOWN_AWAY_SECONDS = 10.0
PATIENCE_WHILE_AWAY = 0.3  # seconds


class Patience(threading.local):
    """What this thread may still wait, in seconds."""

    # Until then (time.monotonic) every thread takes the database to be away.
    away_until = 0.0
    # For one wait outside a page. None: as long as it takes, as a migration does.
    for_one_wait: float | None = None
    # For the page in hand, in all.
    for_page: float | None = None

    @property
    def left(self) -> float | None:
        return self.for_one_wait if self.for_page is None else max(self.for_page, 0)

    def spend(self, seconds: float) -> None:
        if self.for_page is not None:
            self.for_page -= seconds

    def is_at_its_end(self) -> None:
        """A page that has waited in vain tries nothing else: what follows fails at once."""
        Patience.away_until = time.monotonic() + KNOWN_AWAY_SECONDS
        if self.for_page is not None:
            self.for_page = 0


patience = Patience()


def limit_each_wait(seconds: float) -> None:
    """For a process that must never stand still: no single wait takes longer, on any thread."""
    Patience.for_one_wait = seconds


@contextmanager
def limited_to(seconds: float) -> Iterator[None]:
    """Everything inside may wait so long for PostgreSQL in all."""
    if time.monotonic() < Patience.away_until:
        seconds = min(seconds, PATIENCE_WHILE_AWAY)
    before, patience.for_page = patience.for_page, seconds
    try:
        yield
    finally:
        patience.for_page = before


def install() -> None:
    """Puts our waiting into psycopg2, for every connection of this process."""
    extensions.set_wait_callback(wait)


@contextmanager
def left_to_psycopg2() -> Iterator[None]:
    """For COPY, which psycopg2 refuses while somebody else does its waiting. In commands only."""
    ours = extensions.get_wait_callback()
    extensions.set_wait_callback(None)
    try:
        yield
    finally:
        extensions.set_wait_callback(ours)


def wait(connection: Any) -> None:
    """Waits until PostgreSQL has answered. psycopg2 closes the connection when this raises."""
    while True:
        state = connection.poll()
        if state == extensions.POLL_OK:
            Patience.away_until = 0.0
            return
        events = select.POLLIN if state == extensions.POLL_READ else select.POLLOUT
        _wait_for(connection.fileno(), events)


def _wait_for(descriptor: int, events: int) -> None:
    """Waits for one socket. Raises OperationalError when patience is at its end."""
    poll = select.poll()
    poll.register(descriptor, events)
    left, started = patience.left, time.monotonic()
    ready = poll.poll(None if left is None else left * 1000)
    patience.spend(time.monotonic() - started)
    if not ready:
        patience.is_at_its_end()
        raise psycopg2.OperationalError("The database did not answer in time.")
