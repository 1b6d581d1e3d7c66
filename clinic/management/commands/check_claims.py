"""Holds the claim rules against a labelled file, a text, or their own examples."""

import codecs
import csv
import io
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from articles.claims import LEVELS, Finding, Kind, check
from articles.measures import Score, scores

CANNOT_READ = (
    "Cannot read {file}: give a CSV file with the columns text and expect (flag or pass), "
    "or a Markdown or text file."
)
KINDS: dict[str, Kind] = {
    "title": "title",
    "short_title": "title",
    "description": "description",
    "summary": "summary",
}
HEADER = "---\n"


class Command(BaseCommand):
    help = (
        "With a CSV file: each line the claim rules get wrong, and how many they get right. With a "
        "Markdown or text file: what they find. With --rules: precision and recall of each rule on "
        "its examples."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a .csv, .md or text file")
        parser.add_argument(
            "--rules", action="store_true", help="measure each rule on the examples beside it"
        )
        parser.add_argument(
            "--time", action="store_true", help="say how long checking the file takes"
        )

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        if options["rules"]:
            self._print_scores(scores())
        elif file is None:
            raise CommandError("Name a file, or give --rules.")
        elif file.suffix.lower() == ".csv":
            self._print_wrong_lines(list(labelled(file)))
        else:
            self._print_findings(parts_of(read(file)), timed=options["time"])

    def _print_scores(self, all_scores: list[Score]) -> None:
        self.stdout.write(f"{'rule':20} {'flag':>5} {'pass':>5} {'precision':>10} {'recall':>7}")
        for score in all_scores:
            self.stdout.write(
                f"{score.rule:20} {score.to_flag:5} {score.to_pass:5} "
                f"{score.precision:10.2f} {score.recall:7.2f}"
            )
        flawless = sum(score.is_flawless for score in all_scores)
        self.stdout.write(f"{flawless} of {len(all_scores)} rules without a mistake")

    def _print_wrong_lines(self, rows: list[tuple[str, bool]]) -> None:
        wrong = 0
        for text, is_claim in rows:
            findings = check(text, kind="plain")
            if bool(findings) != is_claim:
                wrong += 1
                expected = "flag" if is_claim else "pass"
                self.stdout.write(f"expected {expected}: {text}{reasons(findings)}")
        self.stdout.write(f"right {len(rows) - wrong} of {len(rows)}")

    def _print_findings(self, parts: list[tuple[Kind, str]], *, timed: bool) -> None:
        # The phrases are read once in each process; a site that runs has done so.
        check("Ketamine cures depression. An ad says it is FDA approved. Is it?")
        begun = time.perf_counter()
        findings = [finding for kind, text in parts for finding in check(text, kind=kind)]
        spent = time.perf_counter() - begun
        for finding in findings:
            self.stdout.write(
                f"{finding.level} {finding.rule}: {finding.sentence}\n"
                f"    “{finding.words.strip()}”: {finding.why} Use instead: {finding.use}"
            )
        counts = Counter(finding.level for finding in findings)
        self.stdout.write(", ".join(f"{level} {counts[level]}" for level in LEVELS))
        if timed:
            words = sum(len(text.split()) for _kind, text in parts)
            self.stdout.write(f"{words} words in {spent * 1000:.0f} ms")


def reasons(findings: list[Finding]) -> str:
    found = "; ".join(f"{finding.rule} “{finding.words.strip()}”" for finding in findings)
    return f" ({found})" if found else ""


def read(file: Path) -> str:
    """UTF-8, or what a spreadsheet saves instead: UTF-16 with its mark, or Windows-1252."""
    try:
        content = file.read_bytes()
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(CANNOT_READ.format(file=file)) from error


def labelled(file: Path) -> Iterator[tuple[str, bool]]:
    """Each labelled line's text, and whether it should be flagged; other lines are passed over.

    Raises CommandError for a file that has no such columns.
    """
    content = read(file)
    # The reader's own limit is 128 kB for a cell; a whole page may stand in one.
    csv.field_size_limit(max(len(content), 131_072))
    header = content.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=separator)
    try:
        # Without these columns no line can be read, not even of a file that has no lines.
        rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
        rows.fieldnames.index("text")
        rows.fieldnames.index("expect")
        for row in rows:
            label = (row["expect"] or "").strip().lower()
            if label in {"flag", "pass"}:
                yield row["text"], label == "flag"
    except (csv.Error, ValueError) as error:
        raise CommandError(CANNOT_READ.format(file=file)) from error


def parts_of(text: str) -> list[tuple[Kind, str]]:
    """The text, or the fields and body of an article file with its header."""
    pieces = text.split(HEADER, 2)
    if len(pieces) < 3 or pieces[0].strip():
        return [("body", text)]
    try:
        header = yaml.safe_load(pieces[1])
    except yaml.YAMLError:
        header = None
    if not isinstance(header, dict):
        return [("body", text)]
    fields = [(kind, str(header[name])) for name, kind in KINDS.items() if header.get(name)]
    return [*fields, ("body", pieces[2]), *answers(header.get("questions") or [])]


def answers(questions: list[dict[str, str]]) -> Iterator[tuple[Kind, str]]:
    for item in questions:
        yield "body", f"{item['question']}\n\n{item['answer']}"
