"""How hard a text is to read: Flesch-Kincaid, in years of school. A hint, never a rule."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from articles.sentences import Sentence, read

WORD = re.compile("[^\\W\\d_]+(?:['\u2019-][^\\W\\d_]+)*")
VOWELS = re.compile(r"[aeiouy]+")
# Letters at the end that make no sound of their own (made, makes, used), and those that do.
SILENT_END = re.compile(r"[^aeiouy](?:e|es|ed|ely)$")
SOUNDED_END = re.compile(r"(?:[szxcg]|[cs]h)es$|[td]ed$|[^aeiouylr]les?$")
# Two vowels side by side that are two beats: trial, area, idea, react, quiet, patience, being.
TWO_BEATS = re.compile(r"(?<![tcsgx])i[aou]|[rd]eas?$|eat[ei]|react|uiet|[aeiouy]ing$")
# How the names of drugs end.
DRUG = re.compile(
    r"(?:amine|azepam|azolam|azepine|bital|cillin|codone|done|etine|idone|iline|ipine|iptyline"
    r"|lol|lukast|mycin|nidine|olone|oxacin|pam|pram|prazole|pril|pine|profen|ridol|sartan|setron"
    r"|statin|triptan|triptyline|vir|zine|zodone|zolam|zepine)$"
)
HARDEST = 5
# Shorter ones are hard only for a long word that they cannot do without.
SHORTEST_HARD_SENTENCE = 8


@dataclass(frozen=True)
class Hard:
    """One hard sentence: where it stands, and the years of school it asks for."""

    text: str
    start: int
    end: int
    grade: float


def grade(sentences: Iterable[Sentence], names: Collection[str] = ()) -> float | None:
    """Years of school that a text asks for; None for a text without a sentence.

    `names` are words that are not counted: of drugs and places, in any case of letters. Words
    written with a capital inside a sentence are names too.
    """
    counted = [words for words in (plain_words(one, names) for one in sentences) if words]
    return flesch_kincaid(counted) if counted else None


def hardest(sentences: Iterable[Sentence], names: Collection[str] = ()) -> list[Hard]:
    """The hardest sentences, hardest first."""
    found = []
    for sentence in sentences:
        words = plain_words(sentence, names)
        if len(words) >= SHORTEST_HARD_SENTENCE:
            years = flesch_kincaid([words])
            found.append(Hard(sentence.written, sentence.start, sentence.end, years))
    return sorted(found, key=lambda hard: -hard.grade)[:HARDEST]


def prose(text: str) -> list[Sentence]:
    """The sentences of paragraphs and lists; headings and tables are read otherwise."""
    return [one for one in read(text) if one.block.kind in {"paragraph", "item"}]


def flesch_kincaid(sentences: Collection[Collection[str]]) -> float:
    words = [word for sentence in sentences for word in sentence]
    beats = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * beats / len(words) - 15.59


def plain_words(sentence: Sentence, names: Collection[str]) -> list[str]:
    """The words of a sentence that are no names, in small letters."""
    words = WORD.findall(sentence.written)
    return [
        word.lower()
        for n, word in enumerate(words)
        if not (n and word[0].isupper()) and not is_name(word.lower(), names)
    ]


def is_name(word: str, names: Collection[str]) -> bool:
    return word in names or bool(DRUG.search(word))


def names_in(texts: Iterable[str]) -> set[str]:
    """The words of names, in small letters, with their plurals."""
    words = {word.lower() for text in texts for word in WORD.findall(text) if len(word) > 2}
    return words | {f"{word}s" for word in words}


def syllables(word: str) -> int:
    """Counted by ear: groups of vowels, less those that are silent."""
    word = word.replace("\u2019", "'").split("'")[0] or word
    count = len(VOWELS.findall(word)) + len(TWO_BEATS.findall(word))
    if SILENT_END.search(word) and not SOUNDED_END.search(word):
        count -= 1
    return max(1, count)
