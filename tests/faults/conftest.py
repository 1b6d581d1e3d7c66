"""Real parts, started once: a PostgreSQL cluster, a site on it, a site on SQLite."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, binaries
from tests.faults.postbox import Postbox
from tests.faults.site import SMTP_PORT, Site, development, production

MEASURED: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here is one of `faults`, and needs to run once only: it brings its own parts."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What docs/measurements.md quotes."""
    if MEASURED:
        terminalreporter.section("measured under faults")
        for line in MEASURED:
            terminalreporter.line(line)


@pytest.fixture
def measured() -> Callable[[str, object], None]:
    """Notes a figure for the end of the run."""

    def note(what: str, figure: object) -> None:
        MEASURED.append(f"{what}: {figure}")

    return note


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    folder = binaries()
    if folder is None:
        reason = "PostgreSQL's own programs are missing (on Debian: apt-get install postgresql)"
        if os.environ.get("REQUIRE_ALL_TESTS") == "1":
            raise pytest.UsageError(reason)
        pytest.skip(reason)
    cluster = Cluster(folder)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def postgres_site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A production site, behind gunicorn, on the test's own PostgreSQL."""
    cluster.run("createdb", "-h", "127.0.0.1", "-p", "5441", "-U", "postgres", "clinic")
    site = Site(production(tmp_path_factory.mktemp("site"), cluster.url("clinic")), 18311)
    with running(site):
        yield site


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as `make run` serves it, on SQLite."""
    site = Site(development(tmp_path_factory.mktemp("sqlite")), 18312)
    with running(site):
        yield site


@contextlib.contextmanager
def running(site: Site) -> Iterator[None]:
    site.fill()
    site.start_web()
    try:
        yield
    finally:
        site.stop()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """The mail server that both sites send to."""
    postbox = Postbox(SMTP_PORT)
    try:
        yield postbox
    finally:
        postbox.close()
