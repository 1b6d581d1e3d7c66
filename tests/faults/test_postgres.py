"""PostgreSQL stopped, frozen, restarted, cut off, full: nothing lost, nothing doubled."""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults import cluster as cluster_module
from tests.faults.cluster import Cluster
from tests.faults.cutter import Cutter
from tests.faults.site import Site
from tests.faults.visitor import Ask, Visitor, assert_kept, tally

Measured = Callable[[str, object], None]


@pytest.fixture
def visitor(postgres_site: Site) -> Visitor:
    return Visitor(postgres_site)


def test_database_stopped_between_form_and_send_keeps_everything(
    cluster: Cluster, visitor: Visitor, measured: Measured
) -> None:
    asks = [visitor.open_form() for _person in range(3)]
    cluster.stop()
    try:
        for ask in asks:
            assert_kept(ask, visitor.send(ask), visitor.site)
    finally:
        cluster.start()
    for ask in asks:
        visitor.send_until_taken(ask)
    measured("PostgreSQL stopped between form and send", tally(visitor.site, asks))


def test_database_stopped_leaves_no_page_without_help(cluster: Cluster, visitor: Visitor) -> None:
    cluster.stop()
    try:
        pages = [visitor.get(path) for path in ("/", "/consult/", "/locations/", "/articles/")]
        ready = visitor.get("/readyz")
    finally:
        cluster.start()
    assert [page.status for page in pages] == [503, 503, 503, 503]
    assert all("tel:988" in page.text and "tel:+1" in page.text for page in pages)
    assert ready.status == 503


def test_frozen_database_is_given_up_in_time(
    cluster: Cluster, visitor: Visitor, measured: Measured
) -> None:
    # Three times as many as the server has threads: nobody may queue behind those who wait.
    asks = [visitor.open_form() for _person in range(24)]
    cluster.freeze()
    try:
        with ThreadPoolExecutor(24) as people:
            # The second round meets threads that have to connect first.
            for _round in range(2):
                for ask, answer in zip(asks, people.map(visitor.send, asks), strict=True):
                    assert_kept(ask, answer, visitor.site)
    finally:
        cluster.thaw()
    for ask in asks:
        visitor.send_until_taken(ask)
    measured("PostgreSQL frozen with SIGSTOP", tally(visitor.site, asks))


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_database_restarted_under_posts_loses_and_doubles_nothing(
    how: str, cluster: Cluster, visitor: Visitor, measured: Measured
) -> None:
    asks = [visitor.open_form() for _person in range(24)]
    away = threading.Event()

    def restart() -> None:
        cluster.stop(how)
        away.set()
        time.sleep(0.5)
        cluster.start()

    def send(ask: Ask) -> None:
        if ask in asks[12:]:  # the first half meets the stop, the second what follows
            away.wait(30)
        visitor.send_until_taken(ask)

    restarting = threading.Thread(target=restart)
    restarting.start()
    with ThreadPoolExecutor(4) as people:
        list(people.map(send, asks))
    restarting.join()
    result = tally(visitor.site, asks)
    measured(f"PostgreSQL restarted ({how}) under posts", result)
    assert result.rows == 24
    assert result.failures > 0


# --- Answers that were lost on the way ----------------------------------------------------------


def test_connection_cut_after_commit_doubles_nothing(
    cluster: Cluster, postgres_site: Site, visitor: Visitor, measured: Measured
) -> None:
    """The database said yes and nobody heard it: the second send finds the row of the first."""
    with Cutter(listen=5442, forward=cluster_module.PORT) as cutter:
        url = cluster.url("clinic", port=5442)
        environment = postgres_site.environment | {"DATABASE_URL": url}
        site = Site(environment, 18313)
        site.phone_links = postgres_site.phone_links
        site.start_web()
        try:
            ask = Visitor(site).open_form()
            cutter.cuts_next_commit = True
            assert_kept(ask, Visitor(site).send(ask), site)
            assert cutter.cuts == 1
            assert len(postgres_site.rows_of(ask.marker)) == 1
            Visitor(site).send_until_taken(ask)
        finally:
            site.stop_web()
    measured("Connection cut after COMMIT", tally(postgres_site, [ask]))


def test_one_form_sent_eight_times_at_once_is_one_row(visitor: Visitor, measured: Measured) -> None:
    ask = visitor.open_form()
    with ThreadPoolExecutor(8) as connections:
        list(connections.map(visitor.send, [ask] * 8))
    assert {answer.status for answer in ask.answers} == {302}
    assert len({answer.headers["Location"] for answer in ask.answers}) == 1
    measured("One form sent over eight connections at once", tally(visitor.site, [ask]))


# --- No room ------------------------------------------------------------------------------------


@pytest.fixture
def full_disk(cluster: Cluster, postgres_site: Site) -> Iterator[Callable[[], None]]:
    """Moves the requests to a disk of two megabytes and fills it; the result makes room again."""
    folder = cluster.folder / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here (needs the right to mount)")
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        cluster.alone("clinic", f"CREATE TABLESPACE small LOCATION '{folder}'")
        cluster.alone("clinic", "ALTER TABLE consults_consultrequest SET TABLESPACE small")
        ballast = folder / "ballast"
        fill(ballast)
        yield ballast.unlink
        cluster.alone("clinic", "ALTER TABLE consults_consultrequest SET TABLESPACE pg_default")
        cluster.alone("clinic", "DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Writes until the disk has no room."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


# A write beyond it fails as on a full disk, and in the same place. Not smaller than a segment of
# PostgreSQL's log of changes, which must go on.
FILE_LIMIT = 16 * 1024 * 1024
# A page that holds a row takes no other, however small the rows are.
SPARSE = "ALTER TABLE consults_consultrequest SET (fillfactor = 10)"
BALLAST = """
CREATE TEMP TABLE ballast AS SELECT * FROM consults_consultrequest LIMIT 1;
INSERT INTO consults_consultrequest
    SELECT (jsonb_populate_record(ballast, jsonb_build_object(
        'id', gen_random_uuid(),
        'reference', 'B' || n,
        'submission_hash', 'ballast' || n,
        'state', 'closed', 'outcome', 'attended', 'closed_at', now(), 'received_at', '2020-01-01'
    ))).* FROM ballast, generate_series(FIRST, LAST) n;
"""


@pytest.fixture
def no_larger_files(
    cluster: Cluster, postgres_site: Site, visitor: Visitor
) -> Iterator[Callable[[], None]]:
    """Fills the table of requests up to a limit on files; the result lifts the limit.

    Needs no right to mount: a process may lower its own limit and raise it again.
    """
    visitor.ask()
    cluster.alone("clinic", SPARSE)
    fill_table_up_to(postgres_site, FILE_LIMIT)
    cluster.limit_files(str(FILE_LIMIT))
    try:
        yield lambda: cluster.limit_files("unlimited")
    finally:
        cluster.limit_files("unlimited")
        postgres_site.sql(
            "DELETE FROM consults_consultrequest WHERE submission_hash LIKE 'ballast%'"
        )
        cluster.alone("clinic", "ALTER TABLE consults_consultrequest RESET (fillfactor)")
        cluster.alone("clinic", "VACUUM FULL consults_consultrequest")


def fill_table_up_to(site: Site, size: int) -> None:
    """Adds rows until the file ends at `size`."""
    pages, last = "SELECT pg_relation_size('consults_consultrequest') / 8192", 0
    while missing := size // 8192 - site.sql(pages)[0][0]:
        ballast = BALLAST.replace("FIRST", str(last + 1)).replace("LAST", str(last + missing))
        last += missing
        site.sql(ballast)


def ask_until_there_is_no_room(visitor: Visitor, refused: int = 5) -> list[Ask]:
    """Sends until so many were refused: pages with a little room take a few requests first."""
    asks: list[Ask] = []
    while [answer.status for ask in asks for answer in ask.answers].count(503) < refused:
        assert len(asks) < 100, "there is room without end"
        asks.append(visitor.ask())
    return asks


def test_no_room_for_the_table_keeps_everything(
    no_larger_files: Callable[[], None], visitor: Visitor, measured: Measured
) -> None:
    asks = ask_until_there_is_no_room(visitor)
    no_larger_files()
    for ask in asks:
        visitor.send_until_taken(ask)
    measured("PostgreSQL's table cannot grow (file size limit)", tally(visitor.site, asks))


def test_full_disk_keeps_everything(
    full_disk: Callable[[], None], visitor: Visitor, measured: Measured
) -> None:
    asks = ask_until_there_is_no_room(visitor)
    full_disk()
    for ask in asks:
        visitor.send_until_taken(ask)
    measured("PostgreSQL's disk full", tally(visitor.site, asks))
