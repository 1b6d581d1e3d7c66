"""What was typed, as the search takes it: ideas, each with the words that may stand for it."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Max

from clinic.models import SearchWord
from clinic.search.everyday import EVERYDAY, Phrase
from clinic.words import WORD, fold, stem

LONGEST_QUERY = 200
MOST_TERMS = 12
QUOTED = re.compile(r'["\u201c\u201d]([^"\u201c\u201d]*)["\u201c\u201d]')


@dataclass(frozen=True)
class Word:
    """One word as it was typed, and where; `quoted` is the number of its phrase, or 0."""

    typed: str
    start: int
    quoted: int = 0

    @property
    def folded(self) -> str:
        return fold(self.typed)

    @property
    def stem(self) -> str:
        return stem(self.typed)


@dataclass(frozen=True)
class Term:
    """One idea: the stems typed for it and, less worth, the phrases that stand for it."""

    typed: Phrase
    others: tuple[Phrase, ...] = ()
    rarity: Mapping[Phrase, float] = field(default_factory=dict, hash=False)

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return (self.typed, *self.others)

    @property
    def weight(self) -> float:
        """How much the term says: rare words say most, and one that no page uses nothing."""
        return self.rarity.get(self.typed) or max(self.rarity.values(), default=0.0)

    @property
    def is_common(self) -> bool:
        """Whether over a quarter of the pages use one of its words."""
        return min(self.rarity.values(), default=math.inf) < COMMON


def read(text: str) -> list[Word]:
    """The words of a query in order. Only quotes mean more than themselves."""
    phrases = [match.span(1) for match in QUOTED.finditer(text)]
    return [
        Word(match[0], match.start(), quoted=within(match.start(), phrases))
        for match in WORD.finditer(text)
        if fold(match[0])
    ]


def within(place: int, phrases: Sequence[tuple[int, int]]) -> int:
    return next((n for n, (start, end) in enumerate(phrases, 1) if start <= place < end), 0)


def terms_of(words: Sequence[Word]) -> list[Term]:
    """The ideas of a query. Small words count only in a phrase, or where there is nothing else."""
    terms = ideas(words, with_small=False) or ideas(words, with_small=True)
    return list(dict.fromkeys(terms))[:MOST_TERMS]


def ideas(words: Sequence[Word], *, with_small: bool) -> list[Term]:
    terms, place = [], 0
    while place < len(words):
        first, length = words[place], phrase_at(words, place)
        phrase = tuple(word.stem for word in words[place : place + length])
        place += length
        if first.quoted:
            terms.append(Term(phrase))
        elif length > 1 or with_small or not EVERYDAY.is_small(first.folded):
            terms.append(Term(phrase, tuple(EVERYDAY.others.get(phrase, ()))))
    return terms


def phrase_at(words: Sequence[Word], place: int) -> int:
    """How many words from `place` on are one idea: a quoted phrase, or one of everyday.yaml."""
    quoted = words[place].quoted
    run = 1
    while place + run < len(words) and words[place + run].quoted == quoted:
        run += 1
    if quoted:
        return run
    for length in range(min(run, EVERYDAY.longest), 1, -1):
        if tuple(word.stem for word in words[place : place + length]) in EVERYDAY.others:
            return length
    return 1


def weigh(terms: Sequence[Term]) -> list[Term]:
    """The terms with how rare their words are, the rarest first."""
    wanted = {part for term in terms for phrase in term.phrases for part in phrase}
    uses, pages = uses_of(wanted)
    weighed = [
        replace(
            term,
            rarity={
                phrase: rarity(min(uses.get(part, 0) for part in phrase), pages)
                for phrase in term.phrases
                if all(part in uses for part in phrase)
            },
        )
        for term in terms
    ]
    return sorted(weighed, key=lambda term: -term.weight)


def uses_of(stems: Iterable[str]) -> tuple[dict[str, int], int]:
    """On how many pages each stem is used, and about how many pages there are."""
    most = SearchWord.objects.order_by().aggregate(n=Max("uses"))["n"] or 1
    rows = (
        SearchWord.objects.filter(stem__in=sorted(stems)).values_list("stem").annotate(Max("uses"))
    )
    return dict(rows), most


def rarity(uses: float, pages: float) -> float:
    """0.1 for a word of every page, and the more, the fewer use it."""
    return 0.1 + math.log(1 + max(0.0, pages - uses + 0.5) / (uses + 0.5))


COMMON = rarity(1e6, 4e6)
