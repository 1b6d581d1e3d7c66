"""Serves the site and its worker together, for one machine without a proxy in front."""

import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

import waitress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from clinic.wsgi import application

RESTART_SECONDS = 2


class Command(BaseCommand):
    help = "Serve the site and its worker on HOST:PORT until Ctrl-C or SIGTERM stops both."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Production runs gunicorn behind a proxy: see docs/operations.md.")
        signal.signal(signal.SIGTERM, _interrupt)
        stopping = threading.Event()
        worker = threading.Thread(target=_keep_worker_running, args=(stopping,))
        try:
            server = waitress.create_server(
                application, host=settings.HOST, port=settings.PORT, threads=8, ident=None
            )
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} on {settings.HOST} is taken ({error.strerror}). "
                "Stop what runs there, or choose another: make run PORT=8001"
            ) from error
        self.greet()
        worker.start()
        try:
            server.run()
        except KeyboardInterrupt:
            pass
        finally:
            stopping.set()
            server.close()
            worker.join()
            self.stdout.write("Stopped.")

    def greet(self) -> None:
        accounts = get_user_model().objects.filter(is_sample=True).order_by("pk")
        names = ", ".join(accounts.values_list("username", flat=True))
        self.stdout.write(
            f"\nThe site:  {settings.SITE_URL}/\nStaff:     {settings.SITE_URL}/admin/"
        )
        if names:
            self.stdout.write(
                f"Accounts:  {names}\nPassword:  {settings.DEMO_PASSWORD} (all of them)"
            )
        self.stdout.write("Mail is printed here. Ctrl-C stops the site and its worker.\n")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _keep_worker_running(stopping: threading.Event) -> None:
    """Starts the worker, starts it again if it dies, and ends it when the site stops."""
    while not stopping.is_set():
        process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR)
        while process.poll() is None and not stopping.wait(0.2):
            pass
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
        stopping.wait(RESTART_SECONDS)
