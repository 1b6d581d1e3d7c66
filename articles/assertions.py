"""Does a sentence claim the words that a rule found in it?

"This is not a cure", "Is it a cure?", "Be wary of an ad that promises a cure" and "A cure is not
known" claim nothing. "It is not only a cure", "Why wait? It cures.", "Not surgery: a proven cure",
"Nobody can deny that it cures" and "Ready for a cure?" do. The words that tell them apart are data
(assertions.yaml), held against folded sentences (articles/sentences.py).
"""

import re
from functools import cache
from pathlib import Path

from articles.phrases import Phrases
from articles.sentences import Sentence

PHRASES = Phrases(Path(__file__).with_name("assertions.yaml"))
find = PHRASES.find

QUOTED = re.compile(r"(?<!\w)\"[^\"]+\"|(?<!\w)'[^']+(?:\w'\w[^']*)*'(?!\w)")
QUESTION = re.compile(r"\?[\"')\]]*$")
OPENING = re.compile(
    r"[\"'(]*(?:so |and |but |well, )?"
    r"(?:(?:are|do|have|would|can|could) you |(?:don't|aren't|wouldn't) you )?"
)
MARKED_AS_WRONG = re.compile(
    r"[\"'(]*(?:myth|false|fiction|not true|misconception|red flag|warning sign|bad|wrong|avoid"
    r"|do not (?:write|say)|instead of|bad example|claim|rumou?r|hype|what ads say"
    r"|(?:the |an )?ad)\b[^:.]{0,14}: "
)
COLUMN_OF_CLAIMS = re.compile(
    r"\| .*\b(?:myths?|claims?|hype|ads?|they say|you may hear|instead of|avoid|false)\b"
)
INTRODUCED = re.compile(
    r"(?:claims?|words?|phrases?|this|these|following|says?|said|promises?|ads?|lines?|slogans?"
    r"|such as|headlines?|signs?|flags?|myths?|terms?|that|include)\W*$"
)
LEAD_OF_CLAIMS = re.compile(r"\b(?:signs?|avoid|myths?|claims?|promises?|flags?)\b.*:$")

# Set apart by commas or brackets: a negation reaches over it.
PARENTHESIS = re.compile(
    r"\([^()]*\)|(?<=not),[^,]{1,50},|(?<=never),[^,]{1,50},|(?<=,) [^,;:]{1,50},"
    r"(?= (?:is|are|can|will|has|have|should|may|does|could|would|was|were|do|did|cannot|be)\b)"
)
CLAUSE_MARK = re.compile(
    r"[;:()]| - |[.!?] | (?=nor\b)"
    r"|(?:,|\band\b|\bor\b)(?= (?:\w+ )?"
    r"(?:not|no|never|nor|neither|none|nobody|cannot|without|\w+n't)\b)"
)
COMMA_AND_ARTICLE = re.compile(
    r", (?:and |yet )?(?:a|an|the|your|every|one|pure|real|true|total|complete|100)\b"
)
COMMA = re.compile(r",")
LIST_GOES_ON = re.compile(r"[^;:]*?,? (?:or|nor|and) ")
DETERMINER = re.compile(r"(?:no|without|none|nobody|nothing|no one)$")
FEW_WORDS = re.compile(r"(?: ?[\w']+){0,4} ?$")


def is_claimed(start: int, end: int, sentence: Sentence, following: Sentence | None = None) -> bool:
    """Whether `sentence` claims what stands in it from `start` to `end`.

    `following` is the next sentence of the text: it can answer a question, or take a claim back.
    """
    text, after = sentence.text, following.text if following else ""
    return not (
        is_asked(text, start, end, after)
        or is_said_by_others(text, start, end)
        or is_listed_as_warning(sentence)
        or find("taken_back").match(after)
        or is_negated(text, start)
        or is_denied(text, start, end)
        or completes_a_negation(sentence)
    )


def is_asked(text: str, start: int, end: int, after: str) -> bool:
    """A question that its answer does not affirm. A leading question claims what it asks."""
    for quote in QUOTED.finditer(text):
        if quote.start() <= start and end <= quote.end() and quote[0].rstrip("\"'").endswith("?"):
            return True
    if not QUESTION.search(text):
        return False
    if find("leading").match(text, OPENING.match(text).end()):  # type: ignore[union-attr]
        return bool(find("no_answer").match(after))
    return not (find("affirmed").match(after) and not find("limits").search(after))


# --- What others say ----------------------------------------------------------------------------


def is_said_by_others(text: str, start: int, end: int) -> bool:
    """Said by an advertisement or a website, or named in a warning: not by us."""
    if MARKED_AS_WRONG.match(text):
        return True
    if find("agrees").search(text):
        return False
    for name in ("spoken", "spoken_of", "caution"):
        for cue in find(name).finditer(text):
            between = text[cue.end() : start] if cue.end() <= start else text[end : cue.start()]
            if not speaks_again(between):
                return True
    return False


def speaks_again(between: str) -> bool:
    """Whether the writer speaks again between the words of others and the words found."""
    return any(
        not (found[0].startswith(":") and INTRODUCED.search(between[: found.start()] or "that"))
        for found in find("speaks_again").finditer(between)
    )


def is_listed_as_warning(sentence: Sentence) -> bool:
    """A list item or table cell whose introduction or heading says that it is a warning."""
    block = sentence.block
    if block.kind not in {"item", "cell"}:
        return False
    if block.lead and leads_to_warnings(block.lead):
        return True
    heading, *column = block.heading.split(" | ")
    if column and COLUMN_OF_CLAIMS.search(block.heading):
        return True
    return bool(find("heading").search(heading)) and not heading.endswith("?")


def leads_to_warnings(lead: str) -> bool:
    cues = (find("caution"), find("third"), find("spoken_of"), LEAD_OF_CLAIMS)
    return any(cue.search(lead) for cue in cues)


# --- Negation -----------------------------------------------------------------------------------


def is_negated(text: str, start: int) -> bool:
    """Whether the words from `start` on are negated in their clause, or left undecided."""
    blank = PARENTHESIS.sub(lambda found: " " * len(found[0]), text[:start]) + text[start:]
    blank = find("negates_nothing").sub(lambda found: "~" * len(found[0]), blank)
    begin = clause_begins(blank, start)
    clause, rest = blank[begin:start], text[start:]
    if find("undecided").search(clause):
        return True
    cues = [cue for cue in find("negation").finditer(clause) if reaches(cue, clause, rest)]
    return len(cues) % 2 == 1


def clause_begins(text: str, before: int) -> int:
    """Where the clause begins that ends at `before`."""
    marks = [*CLAUSE_MARK.finditer(text), *find("clause").finditer(text)]
    return max((mark.end() for mark in marks if mark.end() <= before), default=0)


def reaches(cue: re.Match[str], clause: str, rest: str) -> bool:
    """Whether a negation reaches to the end of `clause`, where the words found begin."""
    between = clause[cue.end() :]
    if cue[0] == "without":
        return bool(FEW_WORDS.fullmatch(between))
    is_determiner = bool(DETERMINER.search(cue[0]))
    comma = (COMMA if is_determiner else COMMA_AND_ARTICLE).search(between)
    if comma and not LIST_GOES_ON.match(between[comma.end() :] + rest):
        return False
    return is_determiner or not joined_verb().search(between + rest[:12])


@cache
def joined_verb() -> re.Pattern[str]:
    return re.compile(rf"\band (?:\w+ly |then |now )?(?:{find('finite').pattern})")


def is_denied(text: str, start: int, end: int) -> bool:
    """The words found are what a clause is about, and the rest of the clause denies them."""
    opening = text[clause_begins(text, start) : start]
    if find("verb").search(opening):
        return False
    rest = text[end:].replace('"', "").lstrip("',* ")
    return bool(find("denied").match(rest))


def completes_a_negation(sentence: Sentence) -> bool:
    """A list item that completes a negated introduction: "We will not promise:"."""
    lead = sentence.block.lead if sentence.block.kind == "item" else ""
    return bool(lead) and is_negated(lead, len(lead) - 1)
