"""Sends again what was given up, once what was wrong is mended."""

from typing import Any

from django.core.management.base import BaseCommand

from consults.models import Outbox


class Command(BaseCommand):
    help = "Give every mail that was given up its attempts back; the worker sends it at once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{Outbox.objects.try_again()} mails are tried again.")
