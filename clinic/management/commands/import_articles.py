"""Reads a folder of Markdown files with headers, as export_articles writes it, as drafts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers.files import BadFile, read_folder


class Command(BaseCommand):
    help = (
        "Read a folder of articles, as export_articles writes it, as drafts. A file that differs "
        "from its article becomes the article's next revision; one that does not changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            counts = read_folder(folder)
        except BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Read {len(counts.created)} new articles and {len(counts.changed)} changed ones, all "
            f"as drafts; {len(counts.same)} were the same."
        )
        for slug in (*counts.created, *counts.changed):
            self.stdout.write(f"  {slug}")
