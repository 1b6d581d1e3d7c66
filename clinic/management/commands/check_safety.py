"""Measures the crisis rules against sentences that people have labelled."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.safety import reads_like_crisis


class Command(BaseCommand):
    help = "Prints what clinic/safety.yaml misses and what it takes for crisis wrongly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with the columns text and label")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        rows = self._read(file)
        crisis = [text for text, is_crisis in rows if is_crisis]
        others = [text for text, is_crisis in rows if not is_crisis]
        misses = [text for text in crisis if not reads_like_crisis(text)]
        false_alarms = [text for text in others if reads_like_crisis(text)]
        for text in misses:
            self.stdout.write(f"miss: {text}")
        for text in false_alarms:
            self.stdout.write(f"false alarm: {text}")
        recall = 1 - len(misses) / len(crisis) if crisis else 1.0
        self.stdout.write(f"recall {recall:.2f}, false alarms {len(false_alarms)} of {len(others)}")

    def _read(self, file: Path) -> list[tuple[str, bool]]:
        """Raises CommandError for a file that cannot be read, or without the two columns."""
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                return [
                    (row["text"], row["label"].strip() == "crisis") for row in csv.DictReader(lines)
                ]
        except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError) as error:
            raise CommandError(
                f"Cannot read {file}: give a CSV file in UTF-8 with the columns text and label."
            ) from error
