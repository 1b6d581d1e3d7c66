"""The words of a text as the search compares them: without case and accents, brought to their stem.

Done here and not in the database, so that SQLite and PostgreSQL are given the same plain words. A
word is ASCII letters and digits by then, which both databases take as it stands.
"""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
LONGEST_WORD = 40

_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """One word of WORD without case, accents and a possessive 's; "" when nothing is left.

    A letter that is not ASCII even so becomes its code point in hexadecimal.
    """
    word = word.casefold().replace("\u2019", "'").removesuffix("'s")
    plain = (char for char in unicodedata.normalize("NFKD", word) if char.isalnum())
    return "".join(char if char.isascii() else f"u{ord(char):x}" for char in plain)[:LONGEST_WORD]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one word of WORD, folded or not: Infusions and infusion are both infus."""
    return _stemmer.stemWord(fold(word))


@lru_cache(maxsize=16)
def words_of(text: str) -> tuple[str, ...]:
    """The words as they stand, kept for a moment: a page is asked for its stems, then its words."""
    return tuple(WORD.findall(text))


def folded(text: str) -> set[str]:
    """The words of a text, folded."""
    return set(map(fold, set(words_of(text)))) - {""}


def stems(text: str) -> list[str]:
    """The words of a text, in order, as stems."""
    return [found for found in map(stem, words_of(text)) if found]
