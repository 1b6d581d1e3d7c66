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
LAST = 2**63 - 1
LIVE = "e.live_from <= %s AND (e.live_until IS NULL OR e.live_until > %s)"


# Words that over an eighth of the entries hold are likely to be among so many of the newest.
LOOK_THROUGH = 8


class Ask(NamedTuple):
    """Up to `most` entries, the last indexed first, that hold each of the terms in the zone."""

    zone: str
    terms: Sequence[Term]
    most: int


def entries(asks: Iterable[Ask], now: dt.datetime | None = None) -> set[int]:
    """The keys of the live entries that any of the asks finds, in one query."""
    parts, values = [], []
    for ask in asks:
        near = LOOK_THROUGH * ask.most if all(term.is_common for term in ask.terms) else 0
        query = wanted(ask.terms, ask.zone)
        part, part_values = select(ask.zone, query, ask.most, near, now or timezone.now())
        parts.append(part)
        values += part_values
    return {row[0] for row in rows(" UNION ".join(parts), values)} if parts else set()


def stems_on_pages(stems: Iterable[str], now: dt.datetime | None = None) -> set[str]:
    """Those of the stems that a live entry uses."""
    parts, values = [], []
    for found in sorted(stems):
        query = phrase_text((found,), ALL)
        part, part_values = select(ALL, query, 1, LOOK_THROUGH, now or timezone.now())
        parts.append(f"SELECT CAST(%s AS text) WHERE EXISTS ({part})")
        values += [found, *part_values]
    return {row[0] for row in rows(" UNION ALL ".join(parts), values)} if parts else set()


def select(
    zone: str, query: str, most: int, near: int, now: dt.datetime
) -> tuple[str, list[object]]:
    """One SELECT and its values. No part of the text comes from outside this file."""
    if connection.vendor == "sqlite":
        return (
            "SELECT * FROM (SELECT e.id FROM clinic_searchtext "  # noqa: S608
            "JOIN clinic_searchentry e ON e.id = clinic_searchtext.rowid "
            f"WHERE clinic_searchtext MATCH %s AND {LIVE} "
            f"ORDER BY clinic_searchtext.rowid DESC LIMIT {most:d})",
            [f"{{{ZONES[zone]}}} : ({query})", now, now],
        )
    if not near:
        return f"(SELECT id FROM {by_index(zone, str(LAST), most)})", [query, now]  # noqa: S608
    # The index would give all entries with words that most have. So the newest are looked through,
    # and the index is read only if they are not enough: the database stops at the limit.
    newest = f"SELECT * FROM clinic_searchentry ORDER BY id DESC LIMIT {near:d}"  # noqa: S608
    end = f"SELECT id FROM clinic_searchentry ORDER BY id DESC OFFSET {near - 1:d} LIMIT 1"  # noqa: S608
    return (
        f"(SELECT id FROM ((SELECT e.id FROM ({newest}) e WHERE e.{zone} @@ %s::tsquery "  # noqa: S608
        f"AND {LIVE}) UNION ALL (SELECT id FROM {by_index(zone, f'({end})', most)})) found "
        f"LIMIT {most:d})",
        [query, now, now, query, now],
    )


def by_index(zone: str, before: str, most: int) -> str:
    """The function of the migration `words_as_they_stand`; takes the query and the moment."""
    return f"clinic_search_{zone}(%s::tsquery, %s, {before}, {most:d}) AS older(id)"


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
