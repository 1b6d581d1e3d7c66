"""The claim checker: what a text claims that no source bears out, sentence by sentence.

The rules are data (claims.yaml, which says how they are written). articles/sentences.py reads the
text; articles/assertions.py tells a claim from a negation, a question or somebody else's words.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from articles.approvals import Approvals, KnownTreatment
from articles.assertions import is_claimed
from articles.phrases import Lists, pattern_of, read_yaml
from articles.sentences import Places, Sentence, read

FILE = Path(__file__).with_name("claims.yaml")
Kind = Literal["body", "title", "description", "summary", "plain"]
Level = Literal["block", "warn", "cite"]
LEVELS: tuple[Level, ...] = ("block", "warn", "cite")
# Nothing can be cited in these.
WITHOUT_SOURCES = frozenset({"title", "description"})


@dataclass(frozen=True)
class Finding:
    """One rule that one sentence breaks."""

    rule: str
    level: Level
    sentence: str
    """As it was written, without markup."""
    start: int
    """Where the matched words begin in the text that was checked."""
    end: int
    sentence_start: int
    sentence_end: int
    words: str
    """The matched words, as the rule read them: lower case, no hyphens."""
    why: str
    use: str
    """What to write instead."""

    @property
    def fingerprint(self) -> str:
        """The same for the same rule and words, wherever the sentence stands.

        Binds an override to the text: a changed sentence is a new finding.
        """
        return hashlib.sha256(f"{self.rule}\n{self.sentence}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Rule:
    id: str
    level: Level
    why: str
    use: str
    match: re.Pattern[str]
    excepted: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    only: Collection[str]
    approvals: bool
    flag: list[str] = field(repr=False)
    """Sentences the rule must find."""
    honest: list[str] = field(repr=False)
    """Sentences in which no rule may find anything."""

    def applies_to(self, kind: Kind) -> bool:
        return not self.only or kind in self.only

    def excepts(self, text: str, start: int, end: int) -> bool:
        """Whether the words found are part of a phrase, or of a sentence, that is no claim."""
        if self.unless and self.unless.search(text):
            return True
        phrases = self.excepted.finditer(text) if self.excepted else ()
        return any(found.start() < end and start < found.end() for found in phrases)


@dataclass(frozen=True)
class Required:
    """Something a page must say when it says something else."""

    id: str
    when: list[str]
    must: str
    say: str


@dataclass(frozen=True)
class Rules:
    rules: list[Rule]
    required: list[Required]
    signs: dict[str, re.Pattern[str]]
    interface: frozenset[str]
    """Folded words of buttons and of the practice's tagline, which claim nothing."""


# --- Reading the rules --------------------------------------------------------------------------


@cache
def rules() -> Rules:
    content = read_yaml(FILE)
    words = content["words"]
    return Rules(
        rules=[rule_of(row, words) for row in content["rules"]],
        required=[Required(**row) for row in content["required"]],
        signs={name: pattern_of(phrases, words) for name, phrases in content["signs"].items()},
        interface=frozenset(
            bare(sentence) for text in content["interface"] for sentence in read(text)
        ),
    )


def rule_of(row: dict[str, Any], lists: Lists) -> Rule:
    return Rule(
        id=row["id"],
        level=row["level"],
        why=row["why"],
        use=row["use"],
        match=pattern_of(row["match"], lists),
        excepted=pattern_of(row["except"], lists) if "except" in row else None,
        unless=pattern_of(row["unless"], lists) if "unless" in row else None,
        only=row.get("only", ()),
        approvals=row.get("approvals", False),
        flag=row["flag"],
        honest=row["pass"],
    )


def bare(sentence: Sentence) -> str:
    return sentence.text.strip(" .!")


# --- Checking -----------------------------------------------------------------------------------


def check(
    text: str, *, kind: Kind = "body", treatments: Iterable[KnownTreatment] = ()
) -> list[Finding]:
    """The findings in a Markdown text, in the order of the text; one per rule and sentence.

    In a title or description nothing can be cited and no figure may stand. `plain` is text from
    outside the articles, where [key] counts as a citation too. `treatments` are the records whose
    names and approvals count besides Spravato's.
    """
    sentences = read(text, bare_keys=kind == "plain")
    places, approvals = Places(sentences), Approvals(treatments)
    findings = []
    for rule in rules().rules:
        if rule.applies_to(kind):
            for number, start, end in hits(rule, places, sentences):
                if is_finding(rule, sentences, number, start, end, kind, approvals):
                    findings.append(finding_of(rule, sentences[number], start, end))
    return sorted(
        {(f.rule, f.sentence_start): f for f in reversed(findings)}.values(), key=place_of
    )


def hits(rule: Rule, places: Places, sentences: list[Sentence]) -> Iterator[tuple[int, int, int]]:
    """Where the words of a rule stand: the number of the sentence, and start and end in it."""
    for found in rule.match.finditer(places.text):
        number, start = places.sentence_at(found.start())
        # Words are never found past the end of a sentence, whatever a phrase allows.
        end = min(start + len(found[0]), len(sentences[number].text))
        if bare(sentences[number]) not in rules().interface:
            yield number, start, end


def is_finding(
    rule: Rule,
    sentences: list[Sentence],
    number: int,
    start: int,
    end: int,
    kind: Kind,
    approvals: Approvals,
) -> bool:
    sentence = sentences[number]
    following = sentences[number + 1] if number + 1 < len(sentences) else None
    if rule.level == "cite" and sentence.block.is_cited and kind not in WITHOUT_SOURCES:
        return False
    if rule.excepts(sentence.text, start, end):
        return False
    if rule.approvals:
        previous = sentences[number - 1].text if number and not sentence.opens_block else ""
        if approvals.allow(sentence.text, start, end, previous):
            return False
    return bool(rule.only) or is_claimed(start, end, sentence, following)


def finding_of(rule: Rule, sentence: Sentence, start: int, end: int) -> Finding:
    return Finding(
        rule=rule.id,
        level=rule.level,
        sentence=sentence.written,
        start=sentence.where[start],
        end=sentence.where[end - 1] + 1,
        sentence_start=sentence.start,
        sentence_end=sentence.end,
        words=sentence.text[start:end],
        why=rule.why,
        use=rule.use,
    )


def place_of(finding: Finding) -> tuple[int, int, str]:
    return finding.sentence_start, finding.start, finding.rule


# --- What a page must say -----------------------------------------------------------------------


def missing_blocks(*texts: str) -> list[Required]:
    """What the texts of a page must say and do not: off-label, not approved, 988, risks, sources.

    Give all that the page prints, such as body, summary, answers, and the statement and risks of
    its treatments. The date of review and the reviewer are fields, not text: the gate asks there.
    """
    sentences = [sentence for text in texts for sentence in read(text)]
    words = " ".join(sentence.text for sentence in sentences)
    said = {name for name, pattern in rules().signs.items() if pattern.search(words)}
    said |= {"cite"} if makes_cited_claim(sentences) else set()
    is_cited = any(sentence.block.is_cited for sentence in sentences)
    return [
        required
        for required in rules().required
        if said.issuperset(required.when) and not is_met(required, words, is_cited)
    ]


def is_met(required: Required, words: str, is_cited: bool) -> bool:
    if required.must == "citation":
        return is_cited
    return bool(re.search(required.must, words))


def makes_cited_claim(sentences: list[Sentence]) -> bool:
    """Whether a rule of level cite finds words that are claimed, cited or not."""
    places = Places(sentences)
    return any(
        not rule.excepts(sentences[number].text, start, end)
        and is_claimed(start, end, sentences[number])
        for rule in rules().rules
        if rule.level == "cite"
        for number, start, end in hits(rule, places, sentences)
    )
