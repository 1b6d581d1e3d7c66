"""The whole site as its own processes: a web server and a worker, killed and restarted at will."""

import base64
import hashlib
import hmac
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
HOST = "www.clinics.example"
LOOKUP_KEY = hashlib.sha256(b"lookup key of the fault tests").digest()
SEALING_KEY = base64.b64encode(hashlib.sha256(b"sealing key of the fault tests").digest()).decode()
SMTP_PORT = 18325
CLINIC = "vestavia-hills"
STARTS_WITHIN_SECONDS = 40
# What a shell of the person who runs the tests may hold and a site of ours must not see.
FOREIGN = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "HASHED_STATIC", "EMAIL_URL", "PORT", "DEBUG")


def base_environment(var: Path) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return environment | {
        "VAR_DIR": str(var),
        "HASHED_STATIC": "0",
        "SURGE_PER_MINUTE": "100000",  # these tests post faster than people do
        "PYTHONUNBUFFERED": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{SMTP_PORT}",
        "DEFAULT_FROM_EMAIL": "front-desk@example.com",
    }


def production(var: Path, database_url: str) -> dict[str, str]:
    """The environment of a production site on PostgreSQL."""
    return base_environment(var) | {
        "ENVIRONMENT": "production",
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": "none",
        "SECRET_KEY": "fault-tests-only " + base64.b64encode(bytes(range(64))).decode(),
        "SEALING_KEYS": f"k1:{SEALING_KEY}",
        "LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode(),
        "DATABASE_URL": database_url,
    }


def development(var: Path) -> dict[str, str]:
    """The environment of `make run`: SQLite."""
    keys = var / "keys"
    keys.mkdir(parents=True)
    (keys / "lookup").write_text(base64.b64encode(LOOKUP_KEY).decode())
    return base_environment(var) | {"ENVIRONMENT": "development"}


class Site:
    """One site with its database. `port` is where its web server listens."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self.environment, self.port = environment, port
        self.var = Path(environment["VAR_DIR"])
        self.log = self.var / f"site-{port}.log"
        self.phone_links: set[str] = set()
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    @property
    def is_production(self) -> bool:
        return self.environment["ENVIRONMENT"] == "production"

    # --- Processes ------------------------------------------------------------------------------

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=check, capture_output=True, text=True
        )

    def fill(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_starter_content")
        self.sql("UPDATE locations_location SET notice_email = %s", "desk@example.com")
        phones = self.sql("SELECT phone FROM locations_location WHERE phone <> ''")
        self.phone_links = {f"tel:{phone}" for (phone,) in phones}
        assert self.phone_links

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> None:
        """gunicorn as in production; waitress as `make run` does. Two processes, eight threads."""
        address = f"127.0.0.1:{self.port}"
        with socket.socket() as door:
            taken = door.connect_ex(("127.0.0.1", self.port)) == 0
        assert not taken, f"Port {self.port} is taken: stop what an earlier run left there."
        if self.is_production:
            options = ["--workers=2", "--threads=4", "--no-control-socket", f"--bind={address}"]
            # These tests come from many loopback addresses and speak for their own proxy.
            options.append("--forwarded-allow-ips=*")
            self.web = self.spawn("-m", "gunicorn", *options, "clinic.wsgi")
        else:
            options = ["--threads=8", f"--listen={address}"]
            self.web = self.spawn("-m", "waitress", *options, "clinic.wsgi:application")
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/livez", headers={"Host": self.host}
        )
        while True:
            try:
                urllib.request.urlopen(request, timeout=2).close()
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise AssertionError(self.log.read_text()[-2000:]) from None
                time.sleep(0.1)
            else:
                return

    def stop_web(self) -> None:
        if self.web:
            end(self.web)
        self.web = None

    def start_worker(self) -> None:
        self.worker = self.spawn("manage.py", "worker")

    def kill_worker(self) -> None:
        """SIGKILL: it has no time to tidy up."""
        if self.worker:
            self.worker.kill()
            self.worker.wait()
        self.worker = None

    def stop(self) -> None:
        self.kill_worker()
        self.stop_web()

    @property
    def host(self) -> str:
        return HOST if self.is_production else f"127.0.0.1:{self.port}"

    # --- Its database, read from outside --------------------------------------------------------

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Runs one statement on a connection of its own; the rows, where there are any."""
        connection: Any
        if self.is_production:
            connection = psycopg2.connect(self.environment["DATABASE_URL"])
        else:
            connection = sqlite3.connect(self.var / "db.sqlite3", timeout=10)
            statement = statement.replace("%s", "?")
        try:
            cursor = connection.cursor()
            # Without values psycopg2 leaves a % alone.
            cursor.execute(statement, values) if values else cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
        finally:
            connection.close()
        return [tuple(row) for row in rows]

    def rows_of(self, marker: str) -> list[Any]:
        """The ids of the requests that were filed under this one-word name."""
        digest = hmac.new(LOOKUP_KEY, f"name:{marker.lower()}".encode(), hashlib.sha256)
        return [
            row[0]
            for row in self.sql(
                "SELECT request_id FROM consults_searchkey WHERE kind = 'name' AND digest = %s",
                digest.hexdigest()[:40],
            )
        ]

    def counts_of(self, markers: Sequence[str]) -> list[int]:
        return [len(self.rows_of(marker)) for marker in markers]


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and what it started, kindly first."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
