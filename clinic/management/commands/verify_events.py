"""Verifies the chain over all events; the worker does the same every day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consults import rounds


class Command(BaseCommand):
    help = "Verify that no event was changed, moved or taken away since it was sealed."

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = rounds.verify()
        self.stdout.write(f"{verdict.sealed} events sealed, {verdict.unsealed} not sealed yet.")
        for problem in verdict.problems:
            self.stderr.write(problem)
        if not verdict.is_whole:
            raise CommandError("The events are not as they were sealed.")
