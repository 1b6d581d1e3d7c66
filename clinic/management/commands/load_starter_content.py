"""Fills an empty site: groups, texts, clinics, services and the ten starter articles."""

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand
from django.db import transaction

import articles.importers.starter
import locations.starter
from clinic import frame, staff
from clinic.models import SiteText
from clinic.search.rebuild import rebuild

TEXTS = Path(__file__).resolve().parents[2] / "starter.yaml"


class Command(BaseCommand):
    help = (
        "Add what a new site starts with, its articles as drafts. Safe to run again: what is "
        "there, and what staff changed, stays as it is."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        staff.sync_groups()
        texts = load_texts()
        added = articles.importers.starter.load_starter()
        clinics = locations.starter.load_starter()
        rebuild()
        frame.remember_phones()
        if texts or added or clinics:
            self.stdout.write(f"Added {clinics} clinics and services and {added} articles.")


def load_texts() -> bool:
    """Saves the first revision of the site's texts, unless there is one already."""
    if SiteText.objects.exists():
        return False
    SiteText.objects.create(**yaml.safe_load(TEXTS.read_text("utf-8")))
    return True
