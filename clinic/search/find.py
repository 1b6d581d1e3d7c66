"""Finds what was meant: reads the query, mends it, asks the database, ranks, and shows why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clinic.index import Question
from clinic.models import SearchEntry
from clinic.search import full_text, spelling
from clinic.search.full_text import ALL, TITLE, TOP, Ask
from clinic.search.query import LONGEST_QUERY, Term, Word, read, terms_of, weigh
from clinic.search.ranking import SMALL, Fields, Ranked, rank
from clinic.search.snippets import snippet

MOST_HITS = 50
PARTS_BELOW = 10  # Pages with only some of the words are shown when fewer than this have all.
MOST_PARTS = 20


@dataclass(frozen=True)
class Hit:
    kind: str
    key: str
    title: str
    url: str
    snippet: SafeString
    within: str = ""  # the article that a question stands in


@dataclass(frozen=True)
class Found:
    """What a query finds, best first, and what it was taken for if it was misspelled."""

    ranked: Sequence[Ranked] = ()
    terms: Sequence[Term] = ()
    words: Sequence[Word] = ()
    corrected: str = ""

    @property
    def has_all(self) -> bool:
        """Whether some page has every word."""
        return any(ranked.has_all for ranked in self.ranked)

    def hits(self, start: int = 0, end: int | None = None) -> list[Hit]:
        return list(shown(self.ranked[start:end], self.terms))


def find(text: str, *, exact: bool = False) -> Found:
    """Any text is a query; one without a word finds nothing. `exact`: as it was spelled."""
    text = text[:LONGEST_QUERY]
    typed = read(text)
    if not typed:
        return Found()
    words = typed if exact else spelling.mend(typed)
    terms = weigh(terms_of(words))
    ranked = rank(fields_of(candidates(terms)), terms)
    corrected = "" if words == typed else respelled(text, typed, words)
    return Found(ranked[:MOST_HITS], terms, words, corrected)


def candidates(terms: Sequence[Term]) -> set[int]:
    """Keys of entries to rank: with all the terms, and when those are few, with some of them.

    Of very many entries, those with all the terms in the title or a question are looked at first.
    """
    found: set[int] = set()
    for zone in (TITLE, TOP, ALL):
        if len(found) < MOST_HITS:
            found |= full_text.entries([Ask(zone, terms, MOST_HITS)])
    if len(found) < PARTS_BELOW:
        found |= full_text.entries(with_some_of(terms))
    return found


def with_some_of(terms: Sequence[Term]) -> list[Ask]:
    """Fewer and fewer of the terms that are used at all, the rarest kept longest; then any."""
    used = [term for term in terms if term.rarity]
    fewer = [Ask(ALL, used[:count], MOST_PARTS) for count in range(len(used), 0, -1)]
    phrases = [phrase for term in used for phrase in term.phrases]
    known = {phrase: worth for term in used for phrase, worth in term.rarity.items()}
    any_of_them = [Term(phrases[0], tuple(phrases[1:]), known)] if phrases else []
    return fewer + [Ask(zone, any_of_them, MOST_PARTS) for zone in (TOP, ALL) if phrases]


def fields_of(keys: Iterable[int]) -> list[Fields]:
    found = SearchEntry.objects.filter(pk__in=keys)
    return [Fields(*row) for row in found.values_list(*Fields._fields)]


def shown(ranked: Sequence[Ranked], terms: Sequence[Term]) -> Iterator[Hit]:
    """What the page prints of each, with the reason it was found."""
    rows = SearchEntry.objects.defer(*Fields._fields[4:]).in_bulk([hit.pk for hit in ranked])
    stems = {part for term in terms for phrase in term.phrases for part in phrase} - SMALL
    for hit in ranked:
        # An entry may have been replaced since it was ranked.
        if entry := rows.get(hit.pk):
            yield (
                question_hit(entry, hit.question, stems)
                if hit.question is not None
                else Hit(
                    entry.get_kind_display(),
                    entry.key,
                    entry.title,
                    entry.path,
                    snippet(f"{entry.opening} {entry.text}", stems),
                )
            )


def question_hit(entry: SearchEntry, number: int, stems: set[str]) -> Hit:
    item: Question = entry.questions[number]
    return Hit(
        _("Question"),
        entry.key,
        item["question"],
        f"{entry.path}#{item['anchor']}",
        snippet(item["answer"], stems),
        within=entry.title,
    )


def respelled(text: str, typed: Sequence[Word], words: Sequence[Word]) -> str:
    """The query as it was taken: each word that was mended in the place of the one typed."""
    pieces, end = [], 0
    for word in typed:
        meant = [new.typed for new in words if new.start == word.start]
        pieces += [text[end : word.start], " ".join(meant)]
        end = word.start + len(word.typed)
    return "".join([*pieces, text[end:]])
