"""SQLite locked by another process, without room, under eight connections."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.site import Site
from tests.faults.visitor import Visitor, assert_kept, tally

Measured = Callable[[str, object], None]

# Takes the one lock that writers share, says so, and keeps it until it is killed.
LOCKER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def visitor(sqlite_site: Site) -> Visitor:
    return Visitor(sqlite_site)


def test_database_locked_by_another_process_keeps_everything(
    visitor: Visitor, measured: Measured
) -> None:
    asks = [visitor.open_form() for _person in range(4)]
    command = [sys.executable, "-c", LOCKER, str(visitor.site.var / "db.sqlite3")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as locker:
        try:
            assert locker.stdout is not None
            assert locker.stdout.readline() == "locked\n"
            with ThreadPoolExecutor(4) as people:
                for ask, answer in zip(asks, people.map(visitor.send, asks), strict=True):
                    assert_kept(ask, answer, visitor.site)
            assert visitor.get("/locations/").status == 200
        finally:
            locker.kill()
    for ask in asks:
        visitor.send_until_taken(ask)
    measured("SQLite locked by another process", tally(visitor.site, asks))


@pytest.fixture
def no_room(sqlite_site: Site) -> Iterator[Callable[[], None]]:
    """The web process cannot write beyond 4 kB of any file, as on a full disk; undone by a call."""
    assert sqlite_site.web is not None
    process = sqlite_site.web.pid
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)

    def undo() -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)

    resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield undo
    finally:
        undo()


def test_no_room_keeps_everything(
    visitor: Visitor, no_room: Callable[[], None], measured: Measured
) -> None:
    asks = [visitor.ask() for _person in range(3)]
    assert [ask.answers[0].status for ask in asks] == [503, 503, 503]
    no_room()
    for ask in asks:
        visitor.send_until_taken(ask)
    measured("SQLite without room (file size limit)", tally(visitor.site, asks))


def test_one_form_sent_eight_times_at_once_is_one_row(visitor: Visitor, measured: Measured) -> None:
    ask = visitor.open_form()
    with ThreadPoolExecutor(8) as connections:
        list(connections.map(visitor.send, [ask] * 8))
    assert {answer.status for answer in ask.answers} == {302}
    assert len({answer.headers["Location"] for answer in ask.answers}) == 1
    measured("One form sent over eight connections at once, SQLite", tally(visitor.site, [ask]))
