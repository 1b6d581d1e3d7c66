"""What changed between two revisions, word by word, for the person who must approve it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from articles.revisions import EDITED_FIELDS, Revision

Kind = Literal["same", "added", "removed", "skipped"]
WORDS = re.compile(r"\S+|\s+")
PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Part:
    kind: Kind
    text: str


@dataclass(frozen=True)
class Change:
    """One field that differs: its name, and its paragraphs as runs of words."""

    label: str
    paragraphs: list[list[Part]]


def changes(old: Revision | None, new: Revision) -> list[Change]:
    """The fields of `new` that differ from `old`; without an `old`, its text as it is."""
    found = []
    for name in (*EDITED_FIELDS, "other_treatments"):
        before, after = (text_of(old, name) if old else ""), text_of(new, name)
        if before != after:
            label = str(Revision._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            found.append(Change(label, list(compare(before, after)) if old else whole(after)))
    return found


def whole(text: str) -> list[list[Part]]:
    """A text that is compared with nothing: none of it is marked as new."""
    return [[Part("same", paragraph)] for paragraph in PARAGRAPHS.split(text)]


def text_of(revision: Revision, name: str) -> str:
    if name == "other_treatments":
        return ", ".join(sorted(str(row) for row in revision.others()))
    value = getattr(revision, name)
    if name == "questions":
        return "\n\n".join(f"{item['question']}\n\n{item['answer']}" for item in value)
    return "" if value is None else str(value).replace("\r\n", "\n")


def compare(before: str, after: str) -> Iterator[list[Part]]:
    """Changed paragraphs; those in between are left out with one mark."""
    old, new = PARAGRAPHS.split(before), PARAGRAPHS.split(after)
    for kind, i, j, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield [Part("skipped", "…")]
        else:
            yield from compare_paragraphs(old[i:j], new[m:n])


def compare_paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[list[Part]]:
    for n in range(max(len(old), len(new))):
        before, after = "".join(old[n : n + 1]), "".join(new[n : n + 1])
        if before or after:
            yield list(compare_words(WORDS.findall(before), WORDS.findall(after)))


def compare_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    for kind, i, j, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Part("same", "".join(old[i:j]))
            continue
        if i < j:
            yield Part("removed", "".join(old[i:j]))
        if m < n:
            yield Part("added", "".join(new[m:n]))
