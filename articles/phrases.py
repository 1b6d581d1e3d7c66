"""Lists of phrases, as people write them in YAML, and the one pattern that finds any of them.

A phrase is a regular expression for whole words: `cures?` finds "cure" and "cures", not "secure".
One that begins with a backslash, a sign or a look-behind stands as it is, for what is no word.
{name} stands for a list of that name.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

STANDS_AS_IT_IS = ("\\", "(?<", "#", "$", "^")
# Any word between the words of a phrase, but none that turns them around.
ANY_WORD = "\\w+ "
GAP = r"(?!(?:not|never|no|cannot|hardly|rarely|without|nor)\b)\w+ "
NAME = re.compile(r"\{([a-z_]+)\}")
# Reading the rules takes 50 ms with libyaml and a second without.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Lists = Mapping[str, Sequence[str]]


def read_yaml(file: Path) -> Any:
    return yaml.load(file.read_text("utf-8"), Loader=LOADER)  # noqa: S506


def pattern_of(phrases: Sequence[str], lists: Lists) -> re.Pattern[str]:
    spelled = [named(phrase, lists) for phrase in phrases]
    words = [phrase for phrase in spelled if not phrase.startswith(STANDS_AS_IT_IS)]
    others = [phrase for phrase in spelled if phrase.startswith(STANDS_AS_IT_IS)]
    # All words share one boundary in front, so that most places of a text are passed over at once.
    together = [rf"\b(?:{'|'.join(words)})\b"] if words else []
    return re.compile("|".join([*together, *others]))


def named(phrase: str, lists: Lists) -> str:
    """The phrase with the choices of a list in the place of its name."""
    while found := NAME.search(phrase):
        choices = "|".join(lists[found[1]])
        phrase = phrase.replace(found[0], f"(?:{choices})")
    return phrase.replace(ANY_WORD, GAP)


class Phrases:
    """The lists of one file, each read and compiled when it is first asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lists = cache(lambda: read_yaml(file))
        self.compiled = cache(lambda name: pattern_of(self.lists()[name], self.lists()))

    def find(self, name: str, more: Sequence[str] = ()) -> re.Pattern[str]:
        """What finds any phrase of that list, or any of the names in `more`, taken literally."""
        if not more:
            pattern: re.Pattern[str] = self.compiled(name)
            return pattern
        return pattern_of([*self.lists()[name], *map(re.escape, more)], self.lists())
