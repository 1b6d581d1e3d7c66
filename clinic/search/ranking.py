"""Which of the entries found comes first: worked out here, so that it is the same on any database.

An entry that has every term of the query comes before one that lacks any. Then counts where the
words stand, title before question before summary before headings before text; how rare they are;
and how much of the title or question they make up. The newest breaks a tie.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clinic.search.everyday import EVERYDAY
from clinic.search.query import Term
from clinic.words import stem

IN_TITLE, IN_SUMMARY, IN_HEADING, IN_TEXT = 10.0, 4.0, 3.0, 3.0
# A title or a question counts the more, the closer it is to just what was asked for.
WHOLE_TITLE, QUESTION, BARELY = 6.0, 11.0, 0.1
STAND_IN = 0.6
HALF_OF_TEXT = 3  # So many uses in the text count half of what any number can.
LEAST_SHARE = 0.5  # An entry that lacks more of the query than this is no result.

SMALL = frozenset(map(stem, EVERYDAY.small))


class Fields(NamedTuple):
    """What ranking reads of an entry: the stems of its fields, as SearchEntry describes them."""

    pk: int
    kind: str
    key: str
    dated: dt.datetime
    title_words: str
    question_words: str
    summary_words: str
    heading_words: str
    body_words: str


@dataclass(frozen=True)
class Ranked:
    """An entry in its place. `question` is the number, from 0, of the question that answers it."""

    pk: int
    kind: str
    key: str
    score: float
    has_all: bool
    question: int | None = None


class Needle(NamedTuple):
    """What to look for in a line of stems, and what it is worth to find it."""

    text: str
    value: float


@dataclass(frozen=True)
class Wanted:
    """A term made ready to be looked for in many entries: the needles, the best first."""

    weight: float
    needles: Sequence[Needle]

    @classmethod
    def of(cls, term: Term) -> "Wanted":
        needles = [
            Needle(f" {' '.join(phrase)} ", rarity * (1 if phrase == term.typed else STAND_IN))
            for phrase, rarity in term.rarity.items()
        ]
        return cls(term.weight, sorted(needles, key=lambda needle: -needle.value))

    def in_line(self, line: str) -> float:
        """The value of the best needle in the line, or 0."""
        return next((value for text, value in self.needles if text in line), 0.0)

    def in_entry(self, entry: Fields) -> float:
        """What the best needle is worth, wherever in the entry it stands, or 0."""
        return max((value * places(entry, text) for text, value in self.needles), default=0.0)


def places(entry: Fields, needle: str) -> float:
    uses = entry.body_words.count(needle)
    return (
        IN_TITLE * (needle in entry.title_words)
        + IN_SUMMARY * (needle in entry.summary_words)
        + IN_HEADING * (needle in entry.heading_words)
        + IN_TEXT * uses / (uses + HALF_OF_TEXT)
        + BARELY * (needle in entry.question_words)
    )


def rank(entries: Sequence[Fields], terms: Sequence[Term]) -> list[Ranked]:
    """The entries worth showing, best first."""
    wanted = [Wanted.of(term) for term in terms]
    judged = [(judge(entry, wanted), entry) for entry in entries]
    kept = [(ranked, entry) for ranked, entry in judged if ranked is not None]
    kept.sort(key=lambda pair: (*order(pair[0]), -pair[1].dated.timestamp(), pair[1].key))
    return [ranked for ranked, _entry in kept]


def order(ranked: Ranked) -> tuple[bool, float]:
    return not ranked.has_all, -round(ranked.score, 6)


def judge(entry: Fields, wanted: Sequence[Wanted]) -> Ranked | None:
    """The entry with its score; None when it holds too little of the query."""
    worths = [term.in_entry(entry) for term in wanted]
    total = sum(term.weight for term in wanted)
    share = sum(term.weight for term, value in zip(wanted, worths, strict=True) if value)
    if not share or share < LEAST_SHARE * total:
        return None
    lines = entry.question_words.split("\n")
    fits = [fit(line, wanted, total) for line in lines]
    best = fits.index(max(fits))
    answers = said(lines[best], wanted) > max(said(entry.title_words, wanted), share / 2)
    title = fit(entry.title_words, wanted, total)
    return Ranked(
        entry.pk,
        entry.kind,
        entry.key,
        score=sum(worths) + WHOLE_TITLE * title + QUESTION * fits[best],
        has_all=all(worths),
        question=best if answers else None,
    )


def fit(line: str, wanted: Sequence[Wanted], total: float) -> float:
    """How well a line and the query cover each other; at most the weight of the query."""
    found = [value for term in wanted if (value := term.in_line(line))]
    words = sum(1 for word in line.split() if word not in SMALL) if found else 0
    if not words:
        return 0.0
    return sum(found) * (sum(found) / total) * (1 + min(1.0, len(found) / words)) / 2


def said(line: str, wanted: Sequence[Wanted]) -> float:
    """How much of the query a line holds, by weight."""
    return sum(term.weight for term in wanted if term.in_line(line))
