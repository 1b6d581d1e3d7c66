"""Which of the entries found comes first: worked out here, so that it is the same on any database.

An entry that has every term of the query comes before one that lacks any. Then counts where the
words stand, title before question before summary before headings before text; how rare they are;
and how much of the title or question they make up. The newest breaks a tie.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clinic.search.everyday import EVERYDAY, Phrase
from clinic.search.query import Term
from clinic.words import stem

IN_TITLE, IN_QUESTION, IN_SUMMARY, IN_HEADING, IN_TEXT = 10.0, 6.0, 4.0, 3.0, 3.0
WHOLE_TITLE, WHOLE_QUESTION = 6.0, 5.0
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


def rank(entries: Sequence[Fields], terms: Sequence[Term]) -> list[Ranked]:
    """The entries worth showing, best first."""
    total = sum(term.weight for term in terms)
    judged = [(judge(entry, terms, total), entry) for entry in entries]
    kept = [(ranked, entry) for ranked, entry in judged if ranked is not None]
    kept.sort(key=lambda pair: (*order(pair[0]), -pair[1].dated.timestamp(), pair[1].key))
    return [ranked for ranked, _entry in kept]


def order(ranked: Ranked) -> tuple[bool, float]:
    return not ranked.has_all, -round(ranked.score, 6)


def judge(entry: Fields, terms: Sequence[Term], total: float) -> Ranked | None:
    worths = [worth(entry, term) for term in terms]
    share = sum(term.weight for term, value in zip(terms, worths, strict=True) if value)
    if share < LEAST_SHARE * total or not share:
        return None
    lines = entry.question_words.split("\n")
    title, questions = fit(entry.title_words, terms), [fit(line, terms) for line in lines]
    asked = max(questions)
    best = questions.index(asked)
    answers = said(lines[best], terms) > max(said(entry.title_words, terms), share / 2)
    return Ranked(
        entry.pk,
        entry.kind,
        entry.key,
        score=sum(worths) + WHOLE_TITLE * title + (IN_QUESTION + WHOLE_QUESTION) * asked,
        has_all=all(worths),
        question=best if answers else None,
    )


def worth(entry: Fields, term: Term) -> float:
    """What the best of the term's phrases is worth here; 0 when none is there."""
    return max(
        (
            place(entry, phrase) * rarity * (1 if phrase == term.typed else STAND_IN)
            for phrase, rarity in term.rarity.items()
        ),
        default=0,
    )


def place(entry: Fields, phrase: Phrase) -> float:
    needle = f" {' '.join(phrase)} "
    uses = entry.body_words.count(needle)
    return (
        IN_TITLE * (needle in entry.title_words)
        + IN_SUMMARY * (needle in entry.summary_words)
        + IN_HEADING * (needle in entry.heading_words)
        + IN_TEXT * uses / (uses + HALF_OF_TEXT)
        + (0.1 if needle in entry.question_words else 0)
    )


def fit(line: str, terms: Sequence[Term]) -> float:
    """How well a line and the query cover each other; at most the weight of the query."""
    found = [value for term in terms if (value := weight_in(line, term))]
    words = sum(1 for word in line.split() if word not in SMALL)
    if not found or not words:
        return 0.0
    of_query = sum(found) / sum(term.weight for term in terms)
    of_line = min(1.0, len(found) / words)
    return sum(found) * of_query * (1 + of_line) / 2


def said(line: str, terms: Sequence[Term]) -> float:
    """How much of the query a line holds, by weight."""
    return sum(term.weight for term in terms if weight_in(line, term))


def weight_in(line: str, term: Term) -> float:
    return max(
        (
            rarity * (1 if phrase == term.typed else STAND_IN)
            for phrase, rarity in term.rarity.items()
            if f" {' '.join(phrase)} " in line
        ),
        default=0,
    )
