"""Requests as a table for a spreadsheet. No names unless asked for; no cell that a program runs."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from clinic.crypto import CannotOpen
from consults.models import ConsultRequest

COLUMNS = (
    "reference", "clinic", "received", "for", "reach by", "state", "outcome", "safety flag",
    "promised by", "first attempt", "working minutes to it", "visit", "closed", "came from",
)  # fmt: skip
NAMES = ("name", "phone", "email")
# A cell that begins so is a formula to a spreadsheet, in full-width forms too.
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Line:
    """A file that hands back what the csv module writes to it."""

    def write(self, text: str) -> str:
        return text


def harmless(value: Any) -> str:
    """The value as text that a spreadsheet shows and does not run."""
    text = "" if value is None else str(value)
    is_formula = text.startswith(FORMULA_MARKS) or text.lstrip().startswith(FORMULA_MARKS)
    return f"'{text}" if is_formula else text


def lines(rows: Iterable[ConsultRequest], *, names: bool = False) -> Iterator[str]:
    """The table, a line at a time. The mark in front tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Line())
    heading = [*COLUMNS, *(NAMES if names else ())]
    yield "\ufeff" + str(writer.writerow(heading))
    for row in rows:
        cells = [*_facts(row), *(_opened(row) if names else ())]
        yield str(writer.writerow([harmless(cell) for cell in cells]))


def _facts(row: ConsultRequest) -> list[Any]:
    def at(moment: dt.datetime | None) -> str:
        local = moment and moment.astimezone(row.location.zone)
        return f"{local:%Y-%m-%d %H:%M}" if local else ""

    return [
        row.reference, row.location.name, at(row.received_at), row.for_whom, row.channel,
        row.state, row.outcome, "yes" if row.is_flagged else "", at(row.promised_by),
        at(row.first_response_at), row.response_minutes, at(row.visit_at), at(row.closed_at),
        row.source.slug if row.source else "",
    ]  # fmt: skip


def _opened(row: ConsultRequest) -> Iterator[str]:
    for name in NAMES:
        try:
            yield getattr(row, name)
        except CannotOpen:
            yield "cannot be opened"
