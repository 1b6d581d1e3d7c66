"""Says how well the search finds what people look for, from a table of questions."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.models import Article
from clinic.search.find import find


class Command(BaseCommand):
    help = (
        "Search for each row of a CSV file with the columns query and expect (slugs joined by |), "
        "print those that miss, then how often an expected page came first or among three."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not Article.objects.published().exists():
            self.stdout.write("Nothing is published: publish articles first, or load demo data.")
        first = three = count = 0
        for query, expected in read(file):
            slugs = first_slugs(query)
            count += 1
            first += bool(expected.intersection(slugs[:1]))
            three += bool(expected.intersection(slugs))
            if not expected.intersection(slugs[:1]):
                where = "found later" if expected.intersection(slugs) else "missed"
                self.stdout.write(f"{where}: {query} -> {', '.join(slugs) or 'nothing'}")
        self.stdout.write(f"hit@1 {share(first, count)}, hit@3 {share(three, count)} of {count}")


def read(file: Path) -> Iterator[tuple[str, set[str]]]:
    """The rows of the table. Raises CommandError when the file is not one."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines, skipinitialspace=True)
            table.fieldnames = [name.strip().casefold() for name in table.fieldnames or ()]
            if not {"query", "expect"} <= set(table.fieldnames):
                raise CommandError(f"{file} needs the columns query and expect in its first line.")
            for row in table:
                slugs = (row["expect"] or "").split("|")
                yield row["query"] or "", {slug.strip() for slug in slugs} - {""}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error


def first_slugs(query: str) -> list[str]:
    """The slugs of the first three results; a question has its article's."""
    return [hit.key for hit in find(query).ranked[:3]]


def share(hits: int, count: int) -> str:
    return f"{hits / count if count else 0:.2f}"
