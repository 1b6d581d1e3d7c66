"""Real parts, started once: a PostgreSQL cluster, a site on it, a site on SQLite."""

import contextlib
import fcntl
import os
import shutil
import tempfile
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


@pytest.fixture(scope="session", autouse=True)
def _one_run_at_a_time() -> Iterator[None]:
    """The ports are fixed: a second run on this machine waits for the first."""
    with (Path(tempfile.gettempdir()) / "clinic-faults.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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


MakeSite = Callable[..., contextlib.AbstractContextManager[Site]]


@pytest.fixture(scope="session")
def new_site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> MakeSite:
    """Makes a production site, behind gunicorn, on a database of its own; each costs a second."""
    cluster.create("pristine")
    pristine = Site(production(tmp_path_factory.mktemp("var"), cluster.url("pristine")), 0)
    pristine.fill()

    @contextlib.contextmanager
    def make(name: str, port: int, **environment: str) -> Iterator[Site]:
        cluster.create(name, like="pristine")
        var = tmp_path_factory.mktemp("var")
        shutil.copytree(pristine.var, var, dirs_exist_ok=True)
        site = Site(production(var, cluster.url(name)) | environment, port)
        site.phone_links = pristine.phone_links
        site.start_web()
        try:
            yield site
        finally:
            site.stop()

    return make


@pytest.fixture(scope="session")
def postgres_site(new_site: MakeSite) -> Iterator[Site]:
    with new_site("clinic", 18311) as site:
        yield site


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as `make run` serves it, on SQLite."""
    site = Site(development(tmp_path_factory.mktemp("sqlite")), 18312)
    site.fill()
    site.start_web()
    try:
        yield site
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
