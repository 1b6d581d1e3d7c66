"""Is what a sentence says to be approved approved for that? Read for the rule `fda_approved`.

Three things are true: ketamine is approved for anesthesia; Spravato (esketamine) for depression
that other treatments did not ease, and for depression with acute suicidal thoughts; antidepressant
pills for depression and anxiety. What else a treatment record calls approved is taken at its word.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from articles.phrases import Phrases

PHRASES = Phrases(Path(__file__).with_name("approvals.yaml"))


class KnownTreatment(Protocol):
    """What the rule asks of a treatment record."""

    name: str
    other_names: list[str]
    status: str


class Approvals:
    """What is approved and what is not, as a sentence may name it."""

    def __init__(self, treatments: Iterable[KnownTreatment] = ()) -> None:
        names: dict[bool, list[str]] = {True: [], False: []}
        for row in treatments:
            names[row.status == "approved"] += map(spelled, (row.name, *row.other_names))
        self.approved = PHRASES.find("approved", names[True])
        self.unapproved = PHRASES.find("unapproved", names[False])

    def allow(self, text: str, start: int, end: int, previous: str) -> bool:
        """Whether the approval named in `text` from `start` to `end` is a true one.

        `previous` is the sentence before: a pronoun may stand for what it names.
        """
        before = PHRASES.find("likened").sub(" ", without_comparisons(clause_before(text[:start])))
        rest = PHRASES.find("closes").split(text[end:], 1)[0]
        purpose = without_comparisons(text[start:end] + rest)
        subject = self._subject(before, purpose, text, previous)
        conditions = [found[0] for found in PHRASES.find("condition").finditer(purpose)]
        if self.unapproved.search(subject) or not self._is_approved(subject):
            names_use = PHRASES.find("anesthesia").search(f"{subject} {text}")
            return bool(names_use) and not conditions
        if self.approved.search(subject):
            return all(PHRASES.find("named_use").search(condition) for condition in conditions)
        return True

    def _subject(self, before: str, purpose: str, text: str, previous: str) -> str:
        """The words that name what is approved: before it, after it, or a sentence ago."""
        for words in (before, purpose):
            if self._is_approved(words) or self.unapproved.search(words):
                return words
        return without_comparisons(previous) if PHRASES.find("pronoun").search(text) else ""

    def _is_approved(self, words: str) -> bool:
        return bool(self.approved.search(words) or PHRASES.find("pills").search(words))


def spelled(name: str) -> str:
    """A name as a folded sentence spells it: Spravato (esketamine) is spravato."""
    return name.split(" (")[0].lower().replace("-", " ")


def without_comparisons(words: str) -> str:
    return PHRASES.find("compared").sub(" ", words)


def clause_before(words: str) -> str:
    opened = [found.end() for found in PHRASES.find("opens").finditer(words)]
    return words[max(opened, default=0) :]
