"""The words of everyday.yaml as stems: which are small, and which stand in for which."""

from collections import defaultdict
from pathlib import Path

import yaml

from clinic.words import folded, stems

FILE = Path(__file__).with_name("everyday.yaml")

Phrase = tuple[str, ...]


class Everyday:
    def __init__(self, content: dict[str, object]) -> None:
        self.small = folded(str(content["small"]))
        self.others: dict[Phrase, list[Phrase]] = defaultdict(list)
        self.words: set[str] = set()
        same, leads_to = content["same"], content["leads_to"]
        assert isinstance(same, list)  # noqa: S101 -- the file is ours; this tells mypy
        assert isinstance(leads_to, dict)  # noqa: S101
        for group in same:
            for text in group:
                self._add(text, group)
        for text, group in leads_to.items():
            self._add(text, group)
        self.longest = max(map(len, self.others))

    def _add(self, text: str, group: list[str]) -> None:
        self.words.update(folded(text))
        typed = tuple(stems(text))
        for other in group:
            self.words.update(folded(other))
            phrase = tuple(stems(other))
            if phrase != typed and phrase not in self.others[typed]:
                self.others[typed].append(phrase)

    def is_small(self, word: str) -> bool:
        return word in self.small

    def is_word(self, word: str) -> bool:
        """Whether the file has this folded word."""
        return word in self.small or word in self.words


# The base loader takes every value as text: `on` and `no` are words here.
EVERYDAY = Everyday(yaml.load(FILE.read_text("utf-8"), Loader=yaml.BaseLoader))  # noqa: S506
