"""Does a text read like crisis? Decides how loud help is shown and what staff read first, no more.

The rules are words that a clinician can read and change (safety.yaml, which explains how they are
written). Nothing here is stored or logged.
"""

import re
import string
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("safety.yaml")
# A word stands between spaces; a sentence ends in a lone full stop.
STOP = " . "
GAPS = {"..": 3, "...": 7}
GAP_OVER_SENTENCES = r"(?:[^ ]+ ){0,12}?"
MOST_REPEATS = 6
LOOKALIKES = str.maketrans("!1|03@$5", "iiloeass")
APOSTROPHES = re.compile("['`\u00b4\u2018\u2019\u02bc\u2032]")
LOOKALIKE_IN_WORD = re.compile(r"(?<=[a-z])[!1|03@$5]+(?=[a-z])")
SENTENCE_END = re.compile(r"[.!?;,]+|\n\s*\n")
WORD = re.compile(r"[^ ]+")
NOT_WORD = re.compile(r"[^a-z0-9.]+")
STRETCHED = re.compile(r"([a-z])\1{2,}")
DOUBLED = re.compile(r"([a-z])\1")
SPELLED_OUT = re.compile(r"(?<= )(?:[a-z] ){4,}")


def reads_like_crisis(text: str) -> bool:
    """Whether help should come first. Never raises; 5,000 characters take a few milliseconds."""
    words = RULES.spell(normalised(text))
    if RULES.denied_yet_present.are_in(words):
        return True
    return RULES.crisis.are_in(RULES.leave_alone.taken_out_of(words))


def normalised(text: str) -> str:
    """Lower-case words without accents, a space around each, a full stop after a sentence."""
    folded = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text.casefold()))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = LOOKALIKE_IN_WORD.sub(lambda found: found[0].translate(LOOKALIKES), plain)
    plain = STRETCHED.sub(r"\1", plain)
    plain = NOT_WORD.sub(" ", SENTENCE_END.sub(STOP, plain))
    words = " ".join(plain.split())
    return SPELLED_OUT.sub(lambda found: found[0].replace(" ", "") + " ", f" . {words} . ")


class Phrases:
    """Phrases of the file as patterns, found by the word they begin with: most words begin none."""

    def __init__(self, sets: dict[str, list[str]], phrases: list[str]) -> None:
        self.sets = sets
        self.by_word: dict[str, list[re.Pattern[str]]] = defaultdict(list)
        self.by_prefix: dict[str, list[re.Pattern[str]]] = defaultdict(list)
        for phrase in phrases:
            first, *_others = phrase.split()
            pattern = re.compile("".join(map(self._item, phrase.split())))
            for word in {option.split()[0] for option in self._options(first)}:
                kind = self.by_prefix if word.endswith("*") else self.by_word
                kind[word.rstrip("*")].append(pattern)

    def are_in(self, words: str) -> bool:
        return any(self._end_of_phrase(words, word) for word in WORD.finditer(words))

    def taken_out_of(self, words: str) -> str:
        """The text with a full stop in the place of each phrase."""
        kept, position = [" "], 0
        for word in WORD.finditer(words):
            if word.start() < position:
                continue
            end = self._end_of_phrase(words, word)
            kept.append(". " if end else f"{word[0]} ")
            position = end or word.end()
        return "".join(kept)

    def _end_of_phrase(self, words: str, word: re.Match[str]) -> int:
        """Where a phrase ends that begins with `word`; 0 where none does."""
        patterns = self.by_word.get(word[0], [])
        for prefix, more in self.by_prefix.items():
            if word[0].startswith(prefix):
                patterns = patterns + more
        for pattern in patterns:
            found = pattern.match(words, word.start())
            if found:
                return found.end()
        return 0

    def _item(self, item: str) -> str:
        """One item of a phrase as a pattern, with the space after it."""
        if item == "....":
            return GAP_OVER_SENTENCES
        if item in GAPS:
            return f"(?:[^ .]+ ){{0,{GAPS[item]}}}?"
        if item.endswith("?"):
            return f"(?:{self._pattern(item[:-1])} )?"
        if item.endswith("}*"):
            return f"(?:{self._pattern(item[:-1])} ){{0,{MOST_REPEATS}}}"
        return f"{self._pattern(item)} "

    def _pattern(self, item: str) -> str:
        return "(?:" + "|".join(map(literal, self._options(item))) + ")"

    def _options(self, item: str) -> list[str]:
        return [
            option
            for part in item.split("|")
            for option in (self.sets[part[1:-1]] if part[0] == "{" else [part.replace("_", " ")])
        ]


class Rules:
    """The content of the file: three lists of phrases and a table of other ways to spell."""

    def __init__(self, content: dict[str, Any]) -> None:
        sets = content["words"]
        phrases = [*content["denied_yet_present"], *flat(content["leave_alone"])]
        phrases += flat(content["crisis"])
        known = set(re.findall(r"[a-z]+", " ".join([*phrases, *flat(sets)])))
        self.respelled = misspellings(content["spelling"]) | worn_down(known) | content["short"]
        self.denied_yet_present = Phrases(sets, content["denied_yet_present"])
        self.leave_alone = Phrases(sets, flat(content["leave_alone"]))
        self.crisis = Phrases(sets, flat(content["crisis"]))

    def spell(self, words: str) -> str:
        return " ".join(self.respelled.get(word, word) for word in words.split(" "))


def literal(word: str) -> str:
    if word == "##":
        return "[0-9]{2,}"
    if word.endswith("*"):
        return re.escape(word[:-1]) + "[a-z]*"
    return re.escape(word)


def flat(groups: dict[str, list[str]]) -> list[str]:
    return [phrase for phrases in groups.values() for phrase in phrases]


def worn_down(known: set[str]) -> dict[str, str]:
    """The words of the rules by how they are written in haste: endin for ending, and al for all,
    which is what STRETCHED leaves of allll.
    """
    table = {word[:-1]: word for word in known if word.endswith("ing")}
    table |= {DOUBLED.sub(r"\1", word): word for word in known if DOUBLED.search(word)}
    return {written: word for written, word in table.items() if written not in known}


def misspellings(words: list[str]) -> dict[str, str]:
    """Everything one wrong, missing, extra or swapped letter away from a word, to that word."""
    table = {}
    for word in words:
        cuts = [(word[:place], word[place:]) for place in range(1, len(word) + 1)]
        for head, tail in cuts:
            table[head + tail[1:]] = word
            table[head + tail[1:2] + tail[:1] + tail[2:]] = word
            for letter in string.ascii_lowercase:
                table[head + letter + tail] = word
                table[head + letter + tail[1:]] = word
    return table | {word: word for word in words}


# The base loader takes every value as text: `no` and `on` are words here.
RULES = Rules(yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))  # noqa: S506
