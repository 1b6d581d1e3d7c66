"""Mends the spelling of a query by the words that our own pages use, and by no others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from clinic.models import SearchWord
from clinic.search import full_text
from clinic.search.everyday import EVERYDAY
from clinic.search.query import Word
from clinic.words import stem

Candidate = tuple[str, str, int]  # word, stem, uses

# A word this short could be too many others.
SHORTEST = 4
SHORTEST_FOR_TWO_MISTAKES = 9
SHORTEST_BEGINNING = 4
SHORTEST_PART = 3
BEGINNING = 1.5  # What it costs to take a word for the beginning of another.
CANDIDATES_CHECKED = 4


def mend(words: Sequence[Word]) -> list[Word]:
    """The words with each that no page uses replaced by the one that was probably meant.

    Only a word that is on a page now is offered: one that waits in a scheduled text is not.
    """
    unknown = sorted({word.folded for word in words if not word.quoted} - known(words))
    wrong = [word for word in unknown if len(word) >= SHORTEST and not word.isdigit()]
    if not wrong:
        return list(words)
    rows = list(candidates(wrong))
    best = {word: ranked(word, rows) for word in wrong}
    on_pages = full_text.stems_on_pages(
        {stem(part) for options in best.values() for option in options for part in option.split()}
    )
    meant = {
        word: next((option for option in options if parts_are_in(option, on_pages)), word)
        for word, options in best.items()
    }
    return [respelled for word in words for respelled in respell(word, meant)]


def known(words: Sequence[Word]) -> set[str]:
    """The folded words that a page uses, in any form, or that everyday.yaml knows.

    A slip at the end of a word may leave its stem as it was (ketamin, insurence): such a word is
    not known.
    """
    typed = {word.folded for word in words}
    rows = SearchWord.objects.filter(stem__in=sorted({word.stem for word in words}))
    forms = list(rows.values_list("word", "stem"))
    exact = {word for word, _stem in forms}
    stems = {found for _word, found in forms}
    alike = {word for word in typed if stem(word) in stems}
    slips = {word for word in alike - exact if any(is_slip(word, form) for form in exact)}
    return exact | (alike - slips) | {word for word in typed if EVERYDAY.is_word(word)}


def in_our_words(words: Sequence[Word]) -> list[str]:
    """Each in a form that our pages or everyday.yaml have; a word that they have in none is out.

    A name may have the stem of a word of ours: mark, where pages have marked only.
    """
    rows = SearchWord.objects.filter(stem__in=sorted({word.stem for word in words}))
    forms = list(rows.order_by("uses", "word").values_list("word", "stem"))
    ours = {word for word, _stem in forms}
    usual = {found: word for word, found in forms}
    said = [
        word.folded
        if word.folded in ours or EVERYDAY.is_word(word.folded)
        else usual.get(word.stem, "")
        for word in words
    ]
    return list(filter(None, said))


def is_slip(word: str, form: str) -> bool:
    """Whether one is the other without its last letter, or with one wrong letter inside."""
    if word == form[:-1]:
        return not form.endswith("s")
    wrong = [place for place, letter in enumerate(word) if letter != form[place : place + 1]]
    return len(word) == len(form) and len(wrong) == 1 and wrong[0] < len(word) - 1


def candidates(wrong: Sequence[str]) -> Iterable[Candidate]:
    """Words of our pages that look like one of the wrong ones, and the halves of run-on words."""
    halves = {half for word in wrong for pair in splits(word) for half in pair}
    rows = SearchWord.objects.filter(SearchWord.objects.like(wrong))
    columns = ("word", "stem", "uses")
    together = SearchWord.objects.filter(word__in=sorted(halves))
    return rows.values_list(*columns).union(together.values_list(*columns))


def splits(word: str) -> list[tuple[str, str]]:
    places = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    return [(word[:place], word[place:]) for place in places]


def ranked(word: str, rows: Sequence[Candidate]) -> list[str]:
    """What may have been meant, the likeliest first: the fewest mistakes, then the commonest."""
    costs = {}
    for found, found_stem, uses in rows:
        cost = mistakes(word, found, found_stem)
        if cost is not None:
            costs[found] = (cost, -uses, found)
    best = sorted(costs, key=costs.__getitem__)[:CANDIDATES_CHECKED]
    vocabulary = {found for found, _stem, _uses in rows}
    run_on = [" ".join(pair) for pair in splits(word) if vocabulary.issuperset(pair)]
    return best or run_on[:1]


def mistakes(word: str, found: str, found_stem: str) -> float | None:
    """How many mistakes lie between them; None when it is too many to be likely."""
    allowed = 2 if len(word) >= SHORTEST_FOR_TWO_MISTAKES else 1
    # A wrong ending is no second mistake: ketemin is one letter from the stem of ketamine.
    count = min(distance(word, found, allowed), distance(stem(word), found_stem, allowed))
    if len(word) == SHORTEST and len(word) == len(found) and sorted(word) != sorted(found):
        count = allowed + 1  # mold is not mood.
    if count > 1 and word[0] != found[0]:
        count = allowed + 1
    if count <= allowed:
        return count
    is_beginning = len(word) >= SHORTEST_BEGINNING and found.startswith(word)
    return BEGINNING if is_beginning else None


def distance(one: str, other: str, most: int) -> int:
    """Letters missing, extra, wrong or swapped with the next; `most` + 1 when there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i] + [0] * len(other)
        for j, wanted in enumerate(other, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], before[j - 2] + 1)
        if min(row) > most:
            return most + 1
        before = above
    return row[-1]


def parts_are_in(option: str, stems: set[str]) -> bool:
    return all(stem(part) in stems for part in option.split())


def respell(word: Word, meant: dict[str, str]) -> list[Word]:
    if word.quoted:
        return [word]
    option = meant.get(word.folded, word.folded)
    if option == word.folded:
        return [word]
    return [replace(word, typed=part) for part in option.split()]
