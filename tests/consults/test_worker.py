"""The worker: it sends, it erases, it survives a database that is away, it stops when told."""

import datetime as dt
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connections
from django.utils import timezone

from clinic import today
from clinic.logs import AllowListFormatter
from clinic.management.commands import worker
from consults import notifications, retention
from consults.models import ConsultRequest, Outbox
from locations.models import Location
from tests import build
from tests.consults.build import consult, consult_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heartbeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "worker.json"
    monkeypatch.setattr(today, "heartbeat", lambda: path)
    return path


@pytest.fixture
def where() -> Location:
    return build.location(notice_email="desk@example.com")


def owed(where: Location) -> Outbox:
    return Outbox.objects.owe(Outbox.Kind.STAFF_NOTICE, consult(where))


def test_one_round_sends_what_is_due(where: Location) -> None:
    owed(where)
    call_command("worker", once=True)
    assert len(mail.outbox) == 1


def test_one_round_erases_what_is_past_its_time(where: Location) -> None:
    long_ago = timezone.now() - dt.timedelta(days=400)
    row = consult_in("closed", where, received_at=long_ago, closed_at=long_ago)
    call_command("worker", once=True)
    assert ConsultRequest.objects.get(pk=row.pk).erased_at is not None


def test_round_leaves_word_that_the_worker_lives(heartbeat: Path) -> None:
    assert today.worker_seen() is None
    call_command("worker", once=True)
    assert "at" in json.loads(heartbeat.read_text())
    assert today.worker_seen() is not None


def test_full_disk_does_not_stop_mail(where: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    owed(where)
    call_command("worker", once=True)
    assert len(mail.outbox) == 1


def test_database_away_makes_the_worker_wait_longer_each_time(
    where: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**kwargs: Any) -> int:
        raise OperationalError("canary 555-0134")

    ours = worker.Worker()
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(connections, "close_all", lambda: None)
        patch.setattr(notifications, "send_due", away)
        assert [ours.round() for _round in range(6)] == [4, 8, 16, 32, 60, 60]
    owed(where)
    assert ours.round() == worker.ROUND_SECONDS
    assert len(mail.outbox) == 1
    assert ours.failures == 0


def test_logs_hold_counts_only(where: Location, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="clinic")
    row = owed(where)
    call_command("worker", once=True)
    lines = [json.loads(AllowListFormatter().format(record)) for record in caplog.records]
    assert [(line["message"], line["count"]) for line in lines] == [("mail sent", 1)]
    assert str(row.request_id) not in json.dumps(lines)


def test_purge_is_done_hourly_not_every_round(where: Location, monkeypatch: Any) -> None:
    rounds: list[int] = []

    def purge() -> int:
        rounds.append(1)
        return 0

    monkeypatch.setattr(retention, "purge", purge)
    ours = worker.Worker()
    for _round in range(3):
        ours.work()
    assert len(rounds) == 1
    ours.purge_due -= 60 * 60
    ours.work()
    assert len(rounds) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_running_worker_stops_cleanly_when_told(number: signal.Signals, tmp_path: Path) -> None:
    environment = os.environ | {"VAR_DIR": str(tmp_path)}
    environment.pop("DATABASE_URL", None)
    run = [sys.executable, "manage.py"]
    subprocess.run([*run, "migrate", "--verbosity", "0"], env=environment, check=True)
    process = subprocess.Popen([*run, "worker"], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        waited_until = time.monotonic() + 20
        while not (tmp_path / "worker.json").exists() and time.monotonic() < waited_until:
            time.sleep(0.1)
        process.send_signal(number)
        _out, log = process.communicate(timeout=15)
    finally:
        process.kill()
    assert process.returncode == 0
    messages = [json.loads(line)["message"] for line in log.splitlines()]
    assert messages == ["worker started", "worker stopped"]


def test_retry_gives_what_was_given_up_its_attempts_back(where: Location) -> None:
    given_up, sent = owed(where), owed(where)
    given_up.attempts = 10
    given_up.save()
    given_up.park("TimeoutError")
    sent.mark_sent()
    call_command("retry_mail")
    given_up.refresh_from_db()
    assert (given_up.attempts, given_up.parked_at, given_up.last_error) == (0, None, "")
    call_command("worker", once=True)
    assert len(mail.outbox) == 1
