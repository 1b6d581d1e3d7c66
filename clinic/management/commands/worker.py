"""Does what no visitor waits for: sends the mail that is due, erases what is past its time."""

import json
import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseProblem
from django.db import close_old_connections, connections
from django.utils import timezone

from clinic import patience, today
from clinic.models import SearchMiss
from consults import notifications, retention, rounds
from consults.models import Outbox

log = logging.getLogger("clinic.worker")

ROUND_SECONDS = 2
LONGEST_PAUSE_SECONDS = 60
PURGE_EVERY_SECONDS = 60 * 60
DESK_EVERY_SECONDS = 60
VERIFY_EVERY_SECONDS = 24 * 60 * 60
# No statement of the worker takes so long; a database that does not answer by then is away.
DATABASE_SECONDS = 30


class Command(BaseCommand):
    help = "Send mail and purge until SIGTERM or Ctrl-C; the mail in hand is finished first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        worker = Worker()
        if once:
            worker.work()
        else:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_args: worker.stopping.set())
            patience.limit_each_wait(DATABASE_SECONDS)
            worker.run()


class Worker:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.failures = 0  # rounds in a row without a database
        self.purge_due = self.desk_due = self.verify_due = time.monotonic()

    def run(self) -> None:
        """Works until told to stop, and waits longer while the database is away."""
        log.info("worker started")
        while not self.stopping.is_set():
            self.stopping.wait(self.round())
        log.info("worker stopped")

    def round(self) -> float:
        """One round; returns the seconds to wait after it."""
        close_old_connections()
        try:
            self.work()
        except DatabaseProblem as error:
            self.failures += 1
            log.error("database", extra={"kind": type(error).__name__, "attempts": self.failures})
            connections.close_all()
            return min(ROUND_SECONDS * 2**self.failures, LONGEST_PAUSE_SECONDS)
        self.failures = 0
        return ROUND_SECONDS

    def work(self) -> None:
        """Sends and purges what is due now. Raises django.db.Error when the database is away."""
        beat()
        sent = notifications.send_due(stopping=self.stopping.is_set)
        if sent:
            log.info("mail sent", extra={"count": sent})
        if time.monotonic() >= self.purge_due:
            self.purge_due = time.monotonic() + PURGE_EVERY_SECONDS
            Outbox.objects.look_again_for_recipients()
            erased = retention.purge() + SearchMiss.objects.forget_old()
            if erased:
                log.info("erased", extra={"count": erased})
        if time.monotonic() >= self.desk_due:
            self.desk_due = time.monotonic() + DESK_EVERY_SECONDS
            rounds.keep_up()
        if time.monotonic() >= self.verify_due:
            self.verify_due = time.monotonic() + VERIFY_EVERY_SECONDS
            rounds.verify()


def beat() -> None:
    """Leaves word that the worker is alive, for the staff home. A full disk must not stop mail."""
    try:
        today.heartbeat().write_text(json.dumps({"at": timezone.now().isoformat()}))
    except OSError as error:
        log.error("heartbeat", extra={"kind": type(error).__name__})
