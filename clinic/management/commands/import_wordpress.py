"""Brings posts and pages of a WordPress export along as drafts."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers.media import Media
from articles.importers.report import Report
from articles.importers.wordpress import bring
from articles.importers.wxr import NotAnExport, read


class Command(BaseCommand):
    help = (
        "Bring posts and pages of a WordPress export (Tools, Export, All content) along as drafts. "
        "Safe to run again: what somebody has worked on here is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the .xml file of the export")
        parser.add_argument(
            "--media",
            type=Path,
            help="a folder with a copy of wp-content/uploads, for the pictures",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be brought, and bring nothing"
        )
        parser.add_argument("--report", choices=["text", "json"], default="text")

    def handle(
        self, *args: Any, file: Path, media: Path | None, dry_run: bool, report: str, **options: Any
    ) -> None:
        if media is not None and not media.is_dir():
            raise CommandError(f"{media} is not a folder.")
        try:
            export = read(file)
        except NotAnExport as error:
            raise CommandError(str(error)) from error
        found = bring(export, Media(media, keep=not dry_run), dry_run=dry_run)
        if report == "json":
            self.stdout.write(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines(found, dry_run)))


def lines(found: Report, dry_run: bool) -> list[str]:
    """The report for people."""
    would = "Would bring" if dry_run else "Brought"
    told = [
        f"{would} {len(found.created)} new drafts, {len(found.updated)} changed again; "
        f"left {len(found.skipped)} behind; {len(found.missing_media)} pictures are missing.",
        *(f"  new      {slug}" for slug in found.created),
        *(f"  again    {slug}" for slug in found.updated),
        *(f"  left     {one['title'] or one['post']}: {one['why']}" for one in found.skipped),
        *(f"  renamed  {wanted} was taken: {slug}" for wanted, slug in found.renamed.items()),
        *(f"  leads    {path} to {slug}" for path, slug in found.redirects.items()),
        *(f"  topic    {slug} is new: write its description" for slug in found.topics),
        *(f"  person   {slug} is new: enter the credentials" for slug in found.people),
        *(f"  picture  {address} is missing" for address in found.missing_media),
    ]
    for slug, notes in found.changed.items():
        told += [f"  look at  {slug}: {note}" for note in notes]
    return told
