"""Moves every sealed value to the first of SEALING_KEYS, so that an older key can be given up."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic import keys

ROWS_AT_ONCE = 200


class Command(BaseCommand):
    help = (
        "Seal everything again with the first key of SEALING_KEYS. Safe while the site runs; "
        "broken off, it goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=ROWS_AT_ONCE, help="rows to a transaction (default 200)"
        )

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        first = next(iter(settings.SEALING_KEYS))
        values = unreadable = 0
        for done in keys.reseal(batch):
            values, unreadable = values + done.values, unreadable + done.unreadable
            self.stdout.write(f"{values} values sealed with {first}")
        in_use = keys.keys_in_use()
        self.stdout.write(f"Keys in use: {', '.join(sorted(in_use)) or 'none'}.")
        if unreadable:
            raise CommandError(
                f"{unreadable} values cannot be opened and were left as they are. Keep every key, "
                "and see `manage.py check --database default` for those that are missing."
            )
        spare = sorted(set(settings.SEALING_KEYS) - set(in_use) - {first})
        if spare:
            self.stdout.write(
                f"No longer needed by this database: {', '.join(spare)}. "
                "Keep them as long as you keep a backup from before."
            )
