"""Makes the search index anew from what is published, and counts its words again."""

from typing import Any

from django.core.management.base import BaseCommand

from clinic.search import rebuild


class Command(BaseCommand):
    help = "Make the search index anew. Safe at any time: visitors search the old one until then."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Indexed {rebuild.rebuild()} pages.")
