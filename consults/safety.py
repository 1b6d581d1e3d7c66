"""Does a text read like crisis? Decides how loud help is shown and what staff read first, no more.

The rules are words that a clinician can read and change (safety.yaml, which explains how they are
written). Nothing here is stored or logged.
"""

import re
import string
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).with_name("safety.yaml")
# A word stands between spaces; a sentence ends in a lone full stop.
STOP = " . "
GAPS = {"..": 3, "...": 7}
GAP_OVER_SENTENCES = r"(?:[^ ]+ ){0,12}?"
MOST_REPEATS = 6
LOOKALIKES = str.maketrans("!1|03@$5", "iiloeass")
APOSTROPHES = re.compile("['`\u00b4\u2018\u2019\u02bc\u2032]")
LOOKALIKE_IN_WORD = re.compile(r"(?<=[a-z])[!1|03@$5]+(?=[a-z])")
SENTENCE_END = re.compile(r"[.!?;\n]+|,")
NOT_WORD = re.compile(r"[^a-z0-9.]+")
STRETCHED = re.compile(r"([a-z])\1{2,}")
SPELLED_OUT = re.compile(r"(?<= )(?:[a-z] ){4,}")
NUMBER_WORDS = {"2": "to", "4": "for", "u": "you"}


def reads_like_crisis(text: str) -> bool:
    """Whether help should come first. Never raises; 5,000 characters take a few milliseconds."""
    rules = load()
    words = rules.spell(normalised(text))
    if rules.denied_yet_present.search(words):
        return True
    return bool(rules.crisis.search(rules.leave_alone.sub(STOP.lstrip(), words)))


def normalised(text: str) -> str:
    """Lower-case words without accents, a space around each, a full stop after a sentence."""
    folded = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text.casefold()))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = LOOKALIKE_IN_WORD.sub(lambda found: found[0].translate(LOOKALIKES), plain)
    plain = STRETCHED.sub(r"\1", plain)
    plain = NOT_WORD.sub(" ", SENTENCE_END.sub(STOP, plain))
    words = " ".join(NUMBER_WORDS.get(word, word) for word in plain.split())
    return SPELLED_OUT.sub(lambda found: found[0].replace(" ", "") + " ", f" . {words} . ")


class Rules:
    """The rules of the file, made into three patterns and a table of misspellings."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.sets: dict[str, list[str]] = content["words"]
        self.misspelled = misspellings(content["spelling"])
        self.denied_yet_present = self._pattern(content["denied_yet_present"])
        self.leave_alone = self._pattern(flat(content["leave_alone"]))
        self.crisis = self._pattern(flat(content["crisis"]))

    def spell(self, words: str) -> str:
        return " ".join(self.misspelled.get(word, word) for word in words.split(" "))

    def _pattern(self, phrases: list[str]) -> re.Pattern[str]:
        return re.compile("(?<= )(?:" + "|".join(map(self._phrase, phrases)) + ")")

    def _phrase(self, phrase: str) -> str:
        return "".join(map(self._item, phrase.split()))

    def _item(self, item: str) -> str:
        """One item of a phrase, with the space after it."""
        if item in GAPS:
            return f"(?:[^ .]+ ){{0,{GAPS[item]}}}?"
        if item == "##":
            return "[0-9]{2,} "
        if item == "....":
            return GAP_OVER_SENTENCES
        if item.endswith("?"):
            return f"(?:{self._words(item[:-1])} )?"
        if item.endswith("}*"):
            return f"(?:{self._words(item[:-1])} ){{0,{MOST_REPEATS}}}"
        return f"{self._words(item)} "

    def _words(self, item: str) -> str:
        options = [
            option
            for part in item.split("|")
            for option in (self.sets[part[1:-1]] if part[0] == "{" else [part.replace("_", " ")])
        ]
        return "(?:" + "|".join(map(literal, options)) + ")"


def literal(word: str) -> str:
    if word.endswith("*"):
        return re.escape(word[:-1]) + "[a-z]*"
    return re.escape(word)


def flat(groups: dict[str, list[str]]) -> list[str]:
    return [phrase for phrases in groups.values() for phrase in phrases]


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


@cache
def load() -> Rules:
    # The base loader takes every value as text: `no` and `on` are words here.
    return Rules(yaml.load(RULES.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))  # noqa: S506
