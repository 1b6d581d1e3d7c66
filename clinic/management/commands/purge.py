"""Erases what has been kept long enough; the worker does the same every hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from consults import retention
from consults.models import ConsultRequest


class Command(BaseCommand):
    help = "Erase the patient text of requests that are past their time (settings.RETENTION_DAYS)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many are due")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"{ConsultRequest.objects.due_for_erasure().count()} are due.")
        else:
            self.stdout.write(f"{retention.purge()} erased.")
