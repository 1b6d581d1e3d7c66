"""The two roles of deploy/postgres: one migrates, the other serves the site and adds history only.

With a server, a site and a worker of the test's own, all as the application's role.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest

from tests.faults.cluster import PORT, Cluster
from tests.faults.site import ROOT, Site, production
from tests.faults.visitor import Visitor

NAME, OWNER, APP = "roles", "clinic_owner", "clinic_app"
HISTORY = {"consults_event": "kind", "consults_link": "digest", "consults_seal": "signature"}


def url(role: str) -> str:
    return f"postgres://{role}@127.0.0.1:{PORT}/{NAME}"


def psql(role: str, script: str, **names: str) -> None:
    address = ["-h", "127.0.0.1", "-p", str(PORT), "-U", role, "-d", NAME]
    variables = [f"--set={name}={value}" for name, value in names.items()]
    path = str(ROOT / "deploy/postgres" / script)
    command = ["psql", "-q", *address, *variables, "-f", path]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PGOPTIONS": ""})


@pytest.fixture(scope="module")
def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that was set up as docs/operations.md says, with one request and its chain."""
    var: Path = tmp_path_factory.mktemp("var")
    cluster.create(NAME)
    for _time in range(2):  # run again, it changes nothing
        psql("postgres", "roles.sql", owner=OWNER, app=APP)
    Site(production(var, url(OWNER)), 0).fill()
    psql(OWNER, "grants.sql", app=APP)
    site = Site(production(var, url(APP)), 18315)
    site.start_web()
    try:
        assert Visitor(site).ask().answers[0].is_success
        site.manage("shell", "--no-imports", "-c", "from consults import rounds; rounds.keep_up()")
        yield site
    finally:
        site.stop()


def test_site_and_worker_run_as_the_applications_role(site: Site) -> None:
    assert site.sql("SELECT current_user") == [(APP,)]
    assert site.sql("SELECT count(*) FROM consults_event WHERE kind = 'received'") == [(1,)]
    assert site.sql("SELECT count(*) FROM consults_seal") == [(1,)]
    verified = site.manage("verify_events")
    assert "events sealed, 0 not sealed yet." in verified.stdout


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET {column} = 'x'",
        "SELECT * FROM {table} FOR UPDATE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table} CASCADE",
        "GRANT UPDATE ON {table} TO clinic_app",
        "CREATE RULE away AS ON SELECT TO {table} DO INSTEAD SELECT 1",
    ],
)
def test_history_is_refused_to_the_applications_role(
    statement: str, table: str, site: Site
) -> None:
    before = site.sql(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608

    try:
        site.sql(statement.format(table=table, column=HISTORY[table]))
    except psycopg2.errors.InsufficientPrivilege:
        pass
    else:
        # A GRANT by someone who may grant nothing is a warning, and does nothing.
        assert statement.startswith("GRANT")
        rights = site.sql(f"SELECT has_table_privilege('{table}', 'UPDATE')")
        assert rights == [(False,)]

    assert site.sql(f"SELECT * FROM {table} ORDER BY id") == before  # noqa: S608


@pytest.mark.parametrize("statement", ["SET ROLE clinic_owner", "SET ROLE postgres"])
def test_the_applications_role_becomes_no_other(statement: str, site: Site) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        site.sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consults_consultrequest SET version = version + 0",
        "DELETE FROM consults_note",
        "DELETE FROM consults_searchkey WHERE false",
        "UPDATE consults_outbox SET attempts = attempts",
    ],
)
def test_everything_else_may_be_changed(statement: str, site: Site) -> None:
    site.sql(statement)


def test_check_warns_of_the_owner_and_is_content_with_the_other(site: Site) -> None:
    content = site.manage("check", "--database", "default", "--fail-level", "WARNING", check=False)
    owner = Site(site.environment | {"DATABASE_URL": url(OWNER)}, 0)
    warned = owner.manage("check", "--database", "default", check=False)

    assert "consults.W001" not in content.stderr
    assert "consults.W001" in warned.stderr


def test_migrations_need_the_owner(site: Site) -> None:
    tables = site.sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert tables == [(OWNER,)]

    refused = site.manage("migrate", "consults", "0003", check=False)

    assert refused.returncode != 0
    assert "must be owner" in refused.stderr or "permission denied" in refused.stderr


def test_servers_log_repeats_no_value_of_a_row(cluster: Cluster, site: Site) -> None:
    shown = {
        name: site.sql(f"SHOW {name}")[0][0]
        for name in ("log_min_error_statement", "log_error_verbosity", "log_statement")
    }
    assert shown == {
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
    }
    with pytest.raises(psycopg2.IntegrityError):
        site.sql(
            "INSERT INTO consults_note (id, at, body_sealed, author_id)"
            " VALUES (gen_random_uuid(), now(), 'canary-value', -1)"
        )
    assert "canary-value" not in cluster.log.read_text(errors="replace")
