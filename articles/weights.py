"""How much an edit weighs: nothing, a correction that takes a claim back, or a change to approve.

Two revisions are compared sentence by sentence. An edit to a claim, a number, a risk or a citation
is material. One that only removes a claim or makes it smaller is softer: it may be published at
once, without the badge of a review. The words that tell them apart are data (weights.yaml); what
they leave in doubt counts as material.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from articles import claims
from articles.assertions import is_claimed
from articles.findings import texts_of
from articles.phrases import Phrases
from articles.sentences import CITATION, Sentence, read

if TYPE_CHECKING:
    from articles.revisions import Revision

PHRASES = Phrases(Path(__file__).with_name("weights.yaml"))
find = PHRASES.find
WORDS = re.compile(r"\$?\d+(?:[.,:/]\d+)*%?|[a-z']+|\?$")
KEY = re.compile(r"@([\w-]+)")
# Sentences that share at least this part of their words are one sentence, reworded.
ALIKE = 0.4
SHORTEST_MISSPELT = 5
TITLES = frozenset({"title", "short_title", "description"})


class Weight(IntEnum):
    NEUTRAL = 0
    SOFTER = 1
    MATERIAL = 2


@dataclass(frozen=True)
class Difference:
    """One sentence that was added, taken out or reworded, or one field that names another."""

    field: str
    weight: Weight
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class Line:
    """One sentence with the sources it names."""

    sentence: Sentence
    keys: tuple[str, ...]
    is_title: bool = False
    """The words most people read, and many read alone."""

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def words(self) -> list[str]:
        return WORDS.findall(self.text)

    @property
    def numbers(self) -> list[str]:
        return [found[0] for found in find("number").finditer(self.text)]

    @property
    def is_risk(self) -> bool:
        return bool(find("risk").search(self.text))

    @property
    def is_weighty(self) -> bool:
        """Whether it holds a number, a source, a claim or a risk."""
        return bool(
            self.is_title
            or self.sentence.block.is_cited
            or self.keys
            or self.numbers
            or self.is_risk
            or find("benefit").search(self.text)
            or any(rule.match.search(self.text) for rule in claims.rules().rules)
        )


def weight(old: "Revision", new: "Revision") -> Weight:
    return max((found.weight for found in differences(old, new)), default=Weight.NEUTRAL)


def differences(old: "Revision", new: "Revision") -> list[Difference]:
    """Every edit between two revisions, in the order of the fields."""
    before, after = texts_of(old), texts_of(new)
    found = [
        difference
        for field, text in before.items()
        for difference in compare_texts(field, text, after[field])
    ]
    return [*found, *compare_names(old, new)]


def compare_names(old: "Revision", new: "Revision") -> Iterator[Difference]:
    """Who reviewed it, and whose status it prints."""
    for field, why in (
        ("main_treatment", _("The status at the top is another one.")),
        ("reviewer", _("Another medical reviewer is named.")),
    ):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Difference(field, Weight.MATERIAL, str(before or "—"), str(after or "—"), why)
    gone = set(old.other_treatments.all()) - set(new.other_treatments.all())
    for treatment in sorted(gone - {new.main_treatment}, key=str):
        yield Difference(
            "other_treatments", Weight.MATERIAL, str(treatment), "—", _("Its status is left out.")
        )


# --- Which sentences belong together ------------------------------------------------------------


def compare_texts(field: str, before: str, after: str) -> Iterator[Difference]:
    if before == after:
        return
    is_title = field in TITLES
    old, new = without_moved(blocks_of(before, is_title), blocks_of(after, is_title))
    marks, others = ([(line.text, line.keys) for line in lines] for lines in (old, new))
    for kind, i, j, m, n in SequenceMatcher(None, marks, others, autojunk=False).get_opcodes():
        if kind != "equal":
            for one, other in pairs(old[i:j], new[m:n]):
                yield judge(field, one, other)


def blocks_of(text: str, is_title: bool = False) -> list[list[Line]]:
    """The sentences of each heading, paragraph, list item and table cell."""
    sentences = read(text)
    blocks: list[list[Line]] = []
    for number, sentence in enumerate(sentences, 1):
        end = sentences[number].start if number < len(sentences) else len(text)
        keys = [
            key
            for citation in CITATION.finditer(text, sentence.start, end)
            for key in KEY.findall(citation[0])
        ]
        if sentence.opens_block or not blocks:
            blocks.append([])
        blocks[-1].append(Line(sentence, tuple(sorted(keys)), is_title))
    return blocks


def without_moved(old: list[list[Line]], new: list[list[Line]]) -> tuple[list[Line], list[Line]]:
    """The sentences of all blocks but those that only stand elsewhere now.

    A table cell means something by its place, so it never counts as moved.
    """
    shared = Counter(map(mark_of, old)) & Counter(map(mark_of, new))
    return rest_of(old, Counter(shared)), rest_of(new, Counter(shared))


def mark_of(block: list[Line]) -> tuple[object, ...]:
    return tuple((line.text, line.keys, line.sentence.block.kind) for line in block)


def rest_of(blocks: list[list[Line]], shared: Counter[tuple[object, ...]]) -> list[Line]:
    rest = []
    for block in blocks:
        mark = mark_of(block)
        if shared[mark] and block[0].sentence.block.kind != "cell":
            shared[mark] -= 1
        else:
            rest += block
    return rest


def pairs(old: list[Line], new: list[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Each sentence taken out with the one that took its place, if one did."""
    left = list(new)
    for line in old:
        likeness = [(alike(line, other), -n) for n, other in enumerate(left)]
        best, place = max(likeness, default=(0.0, 0))
        yield line, left.pop(-place) if best >= ALIKE else None
    for line in left:
        yield None, line


def alike(one: Line, other: Line) -> float:
    words, others = Counter(one.words), Counter(other.words)
    return 2 * (words & others).total() / max(words.total() + others.total(), 1)


# --- What one edit weighs -----------------------------------------------------------------------


def judge(field: str, old: Line | None, new: Line | None) -> Difference:
    if new is None:
        weight, why = judge_removed(old)  # type: ignore[arg-type]
    elif old is None:
        weight, why = judge_added(new)
    else:
        weight, why = judge_reworded(old, new)
    before, after = (line.sentence.written if line else "" for line in (old, new))
    return Difference(field, weight, before, after, why)


def judge_removed(line: Line) -> tuple[Weight, str]:
    if not line.is_weighty:
        return Weight.NEUTRAL, _("Neither a claim nor a risk.")
    if line.is_risk or find("limit").search(line.text):
        return Weight.MATERIAL, _("A risk or a limit is taken out.")
    return Weight.SOFTER, _("A claim is taken out.")


def judge_added(line: Line) -> tuple[Weight, str]:
    if not line.is_weighty:
        return Weight.NEUTRAL, _("Neither a claim nor a risk.")
    if denies_a_benefit(line):
        return Weight.SOFTER, _("A limit is added.")
    return Weight.MATERIAL, _("A claim, number, risk or source is added.")


def denies_a_benefit(line: Line) -> bool:
    """ "It does not help everyone": a benefit denied, and nothing else said."""
    if line.numbers or line.keys or line.is_risk or found_in(line):
        return False
    benefits = list(find("benefit").finditer(line.text))
    return bool(benefits) and not any(
        is_claimed(*found.span(), line.sentence) for found in benefits
    )


def found_in(line: Line) -> set[str]:
    """The rules that find something in a sentence that stands alone."""
    return {finding.rule for finding in claims.check(line.sentence.written)}


def judge_reworded(old: Line, new: Line) -> tuple[Weight, str]:
    if old.words == new.words and old.keys == new.keys:
        return Weight.NEUTRAL, _("The same words.")
    if old.keys != new.keys:
        return Weight.MATERIAL, _("A source changed.")
    if not (old.is_weighty or new.is_weighty):
        return Weight.NEUTRAL, _("Neither a claim nor a risk.")
    if old.numbers == new.numbers and is_respelt(old.words, new.words):
        return Weight.NEUTRAL, _("Spelling.")
    if is_softer(old, new):
        return Weight.SOFTER, _("The claim is smaller.")
    if old.numbers != new.numbers:
        return Weight.MATERIAL, _("A number changed.")
    if old.is_risk or new.is_risk:
        return Weight.MATERIAL, _("What is said of a risk changed.")
    return Weight.MATERIAL, _("A claim changed.")


def is_respelt(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether only spelling differs: a slip inside a long word, or a blank more or less."""
    if "".join(old) == "".join(new):
        return True
    return len(old) == len(new) and all(
        one == other or is_slip(one, other) for one, other in zip(old, new, strict=True)
    )


def is_slip(one: str, other: str) -> bool:
    """One letter more, fewer, doubled or out of turn, after the third letter.

    "decreases" for "increases" and "unlikely" for "likely" are none.
    """
    if min(len(one), len(other)) < SHORTEST_MISSPELT or one[:3] != other[:3]:
        return False
    parts = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    changed = [part for part in parts if part[0] != "equal"]
    letters = sum(max(j - i, n - m) for _kind, i, j, m, n in changed)
    return letters <= 1 or (sorted(one) == sorted(other) and letters <= 2)


# --- Smaller claims -----------------------------------------------------------------------------


def is_softer(old: Line, new: Line) -> bool:
    """Whether the new sentence says less than the old one, and nothing else."""
    if old.is_risk or new.is_risk or Counter(new.numbers) - Counter(old.numbers):
        return False
    before, after = found_in(old), found_in(new)
    if after - before:
        return False
    if before - after and added_softener(old, new):
        return True
    parts = SequenceMatcher(None, old.words, new.words, autojunk=False).get_opcodes()
    edits = [(old.words[i:j], new.words[m:n]) for kind, i, j, m, n in parts if kind != "equal"]
    return all(makes_smaller(gone, come) for gone, come in edits)


def added_softener(old: Line, new: Line) -> bool:
    added = Counter(new.words) - Counter(old.words)
    return any(rung(word) >= 3 for word in added) or bool({"not", "no", "never"} & set(added))


def makes_smaller(gone: Sequence[str], come: Sequence[str]) -> bool:
    """Whether these words in the place of those make a claim smaller."""
    stems = {word.rstrip("s") for word in gone}
    if not all(matches("softener", word) or word.rstrip("s") in stems for word in come):
        return False
    steps_gone = [rung(word) for word in gone if rung(word) >= 0]
    steps_come = [rung(word) for word in come if rung(word) >= 0]
    kept = {word.rstrip("s") for word in come}
    others = [
        word for word in gone
        if rung(word) < 0 and word.rstrip("s") not in kept
        and not matches("intensifier", word) and not matches("number", word)
        and not matches("softener", word)
    ]  # fmt: skip
    if others or any(find("limit").fullmatch(word) for word in gone):
        return False
    if steps_gone:
        return bool(steps_come) and max(steps_come) > max(steps_gone)
    return bool(steps_come) or bool({"not", "no", "never", "unproven"} & set(come)) or not come


def matches(name: str, word: str) -> bool:
    return bool(find(name).fullmatch(word))


def rung(word: str) -> int:
    """How far down the ladder from "all" to "may" a word stands; -1 for any other word."""
    for place, words in enumerate(PHRASES.lists()["ladder"]):
        if word in words:
            return place
    return -1
