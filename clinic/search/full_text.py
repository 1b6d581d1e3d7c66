"""Asks the database's own full text for entries: FTS5 on SQLite, tsvector on PostgreSQL.

The words are stems already, ASCII letters and digits alone, so there is nothing in them that either
query language could take for an operator. The database only narrows; what comes first is for
`ranking`, so that it is the same on both.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from clinic.search.everyday import Phrase
from clinic.search.query import Term

# The zones of the migration `full_text`, each holding the one before.
ZONES = {
    "title_zone": "title_words question_words",
    "top_zone": "title_words question_words summary_words heading_words",
    "all_zone": "title_words question_words summary_words heading_words body_words",
}
TITLE, TOP, ALL = ZONES


class Ask(NamedTuple):
    """Up to `most` entries, the last indexed first, that hold each of the terms in the zone."""

    zone: str
    terms: Sequence[Term]
    most: int


def entries(asks: Iterable[Ask], now: dt.datetime | None = None) -> set[int]:
    """The keys of the live entries that any of the asks finds, in one query."""
    parts, values = [], []
    for ask in asks:
        part, *part_values = select("id", ask.zone, both(map(term_text, ask.terms)), now, ask.most)
        parts.append(part)
        values += part_values
    return {row[0] for row in rows(" UNION ".join(parts), values)} if parts else set()


def stems_on_pages(stems: Iterable[str], now: dt.datetime | None = None) -> set[str]:
    """Those of the stems that a live entry uses."""
    parts, values = [], []
    for found in sorted(stems):
        part, *part_values = select("%s", ALL, phrase_text((found,)), now, 1)
        parts.append(part)
        values += [found, *part_values]
    return {row[0] for row in rows(" UNION ALL ".join(parts), values)} if parts else set()


def select(
    column: str, zone: str, wanted: str, now: dt.datetime | None, most: int
) -> tuple[Any, ...]:
    """One SELECT and its values. No part of the text comes from outside this file."""
    now = now or timezone.now()
    live = "e.live_from <= %s AND (e.live_until IS NULL OR e.live_until > %s)"
    column = "e.id" if column == "id" else "CAST(%s AS text)"
    if connection.vendor == "sqlite":
        return (
            f"SELECT * FROM (SELECT {column} FROM clinic_searchtext "  # noqa: S608
            "JOIN clinic_searchentry e ON e.id = clinic_searchtext.rowid "
            f"WHERE clinic_searchtext MATCH %s AND {live} "
            f"ORDER BY clinic_searchtext.rowid DESC LIMIT {most:d})",
            f"{{{ZONES[zone]}}} : ({wanted})", now, now,
        )  # fmt: skip
    return (
        f"(SELECT {column} FROM clinic_searchentry e "  # noqa: S608
        f"WHERE e.{zone} @@ %s::tsquery AND {live} ORDER BY e.id DESC LIMIT {most:d})",
        wanted, now, now,
    )  # fmt: skip


def rows(sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_unknown_value(value) for value in values])
        return cursor.fetchall()


def both(texts: Iterable[str]) -> str:
    return (" AND " if connection.vendor == "sqlite" else " & ").join(texts)


def term_text(term: Term) -> str:
    joint = " OR " if connection.vendor == "sqlite" else " | "
    return f"({joint.join(map(phrase_text, term.phrases))})"


def phrase_text(phrase: Phrase) -> str:
    if connection.vendor == "sqlite":
        return f'"{" ".join(phrase)}"'
    return f"({' <-> '.join(phrase)})"
