"""Asks the database's own full text for entries: FTS5 on SQLite, tsvector on PostgreSQL.

The words are stems already, ASCII letters and digits alone, so there is nothing in them that either
query language could take for an operator. The database only narrows; what comes first is for
`ranking`, so that it is the same on both. A phrase is looked for by its pairs of words: to go by
their places, PostgreSQL would have to read every text that has the words anywhere.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from clinic.index import pairs_of
from clinic.search.everyday import Phrase
from clinic.search.query import Term

# The zones of the migration `full_text`, each holding the one before.
ZONES = {
    "title_zone": "title_words question_words",
    "top_zone": "title_words question_words summary_words heading_words",
    "all_zone": "title_words question_words summary_words heading_words body_words pair_words",
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
        part, *part_values = select("id", ask.zone, wanted(ask.terms, ask.zone), now, ask.most)
        parts.append(part)
        values += part_values
    return {row[0] for row in rows(" UNION ".join(parts), values)} if parts else set()


def stems_on_pages(stems: Iterable[str], now: dt.datetime | None = None) -> set[str]:
    """Those of the stems that a live entry uses."""
    parts, values = [], []
    for found in sorted(stems):
        part, *part_values = select("%s", ALL, phrase_text((found,), ALL), now, 1)
        parts.append(part)
        values += [found, *part_values]
    return {row[0] for row in rows(" UNION ALL ".join(parts), values)} if parts else set()


def select(
    column: str, zone: str, query: str, now: dt.datetime | None, most: int
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
            f"{{{ZONES[zone]}}} : ({query})", now, now,
        )  # fmt: skip
    # The planner takes words for independent: walking the primary key for several that never meet,
    # it would read every text. The sum keeps it from that.
    order = "e.id + 0" if "&" in query else "e.id"
    return (
        f"(SELECT {column} FROM clinic_searchentry e "  # noqa: S608
        f"WHERE e.{zone} @@ %s::tsquery AND {live} ORDER BY {order} DESC LIMIT {most:d})",
        query, now, now,
    )  # fmt: skip


def rows(sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_unknown_value(value) for value in values])
        return cursor.fetchall()


def all_of(texts: Iterable[str]) -> str:
    return (" AND " if connection.vendor == "sqlite" else " & ").join(texts)


def any_of(texts: Iterable[str]) -> str:
    return f"({(' OR ' if connection.vendor == 'sqlite' else ' | ').join(texts)})"


def wanted(terms: Iterable[Term], zone: str) -> str:
    """The terms in the database's own query language."""
    return all_of(any_of(phrase_text(phrase, zone) for phrase in term.phrases) for term in terms)


def phrase_text(phrase: Phrase, zone: str) -> str:
    """A phrase by its pairs, which are in the widest zone only; elsewhere by its words."""
    words = pairs_of(phrase) if len(phrase) > 1 and zone == ALL else phrase
    quoted = (f'"{word}"' for word in words) if connection.vendor == "sqlite" else words
    return f"({all_of(quoted)})"
