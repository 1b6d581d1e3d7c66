"""Writes every live article as a Markdown file with its header."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers.files import write_folder


class Command(BaseCommand):
    help = (
        "Write every live article as <slug>.md, with what it rests on (topics, people, references, "
        "treatments, pictures) beside it. import_articles reads such a folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to; made when it is not there")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            slugs = write_folder(folder)
        except OSError as error:
            raise CommandError(f"Cannot write to {folder}: {error.strerror}.") from error
        self.stdout.write(f"Wrote {len(slugs)} articles to {folder}.")
