"""Fills the desk with believable requests, for measuring it or for trying it out."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from consults.samples import Maker
from locations.models import Location


class Command(BaseCommand):
    help = "Add invented requests with their events. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int, help="how many")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same people")
        parser.add_argument("--clinic", help="slug of the one clinic; all of them if left out")

    def handle(self, *args: Any, count: int, seed: int, clinic: str, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Invented requests are not for production.")
        clinics = Location.objects.order_by("position", "pk")
        if clinic:
            clinics = clinics.filter(slug=clinic)
        if not clinics:
            raise CommandError("There is no such clinic. Try: load_starter_content, then a slug.")
        made = 0
        for made in Maker(list(clinics), seed).make(count):
            if made % 50_000 == 0:
                self.stdout.write(f"{made} …")
        self.stdout.write(f"Added {made} invented requests.")
