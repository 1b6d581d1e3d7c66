"""Markdown as sentences that rules can be held against, each character knowing where it stood.

Headings, paragraphs, list items and table cells are blocks; a sentence never crosses one. Markup,
links and citations are taken out. What is left is folded to plain lower-case words, so that curly
quotes, look-alike letters, zero-width characters and hyphens cannot hide a word.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

CITATION = re.compile(r"[ \t]?\[@[^\[\]]*\]")
BARE_KEY = re.compile(r"[ \t]?\[@?[a-z][a-z_]*\d{2,4}[a-z0-9_]*(?:[;,] *@?\w+)*\]")

FENCE = re.compile(r" {0,3}(?:```|~~~)")
HEADING = re.compile(r" {0,3}#{1,6}\s+")
ITEM = re.compile(r"\s*(?:[*+-]|\d{1,3}[.)])\s+")
QUOTE = re.compile(r"\s{0,3}>\s?")
RULE = re.compile(r"\s*(?:=+|-{2,}|\*{3,}|_{3,})\s*$")
TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
CELL = re.compile(r"(?:\\\||[^|])+")

# Taken out, or replaced by their first group.
TAKEN_OUT = re.compile(
    r"<!--.*?-->"
    r"|!?\[([^\[\]]*)\]\([^()\s]*(?:\s+[\"'][^\"']*[\"'])?\s*\)"
    r"|!?\[([^\[\]]+)\]\[[^\]]*\]"
    r"|<?https?://[^\s>)]+>?"
    r"|</?[a-zA-Z][^<>]*>",
    re.DOTALL,
)
MARKS = re.compile(
    r"(&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});)"
    r"|\\([!-/:-@\[-`{-~])"
    r"|\*+|~~|`+|(?<![^\W_])_+(?=\S)|(?<=\S)_+(?![^\W_])"
)

ABBREVIATION = re.compile(
    r"(?:\b(?:dr|drs|mr|mrs|ms|prof|st|jr|sr|vs|etc|approx|inc|ltd|no|fig|al|dept|est|e\.g|i\.e"
    r"|cf|ph\.d|m\.d|d\.o|b\.s|ave|blvd|rd|ste|jan|feb|mar|apr|aug|sept?|oct|nov|dec)"
    r"|\b[a-z]|\b(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)
CAN_END_A_SENTENCE = re.compile(r"(?:etc|[a-z]\.[a-z]|inc|jr|m\.d|ph\.d|\b[a-z])\.$", re.IGNORECASE)
SENTENCE_START = re.compile(
    r"\s+[\"'“(]*(?:The|It|This|That|These|Those|We|You|Our|Your|In|But|And|So|If|No|Not|A|An|I|They"
    r"|There|For|When|Ask|Call|Some|Many|Most|Ketamine|Spravato|IV|With|As|At|On)\b"
)
BOUNDARY = re.compile(
    r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|(?<=[a-z]{2})[.!?](?=[A-Z][a-z])|[。！？]"  # noqa: RUF001
)
CLOSED_QUOTE_THEN_LOWER = re.compile(r"\s+[a-z,]")

# Letters of other scripts that look Latin, by the letter they pass for.
LOOKALIKES = dict(
    zip(
        "аеорсухіјѕһԁɡкмтвнАЕОРСУХІЈЅКМТВНΑΒΕΖΗΙΚΜΝΟΡΤΥΧαενοριτυκχıℓ",
        "aeopcyxijshdgkmtbhaeopcyxijskmtbhabezhikmnoptyxaevopituKxil".lower(),
        strict=True,
    )
)
PUNCTUATION = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "′": "'", "`": "'", "´": "'",  # noqa: RUF001
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "−": "-", "﹣": "-",  # noqa: RUF001
    "–": " - ", "—": " - ", "―": " - ", "…": "...",  # noqa: RUF001
}  # fmt: skip
LEET = str.maketrans("013457@$|", "oieastasi")
LEET_IN_WORD = re.compile(r"(?<=[a-z])[013457@$|](?=[a-z])")
SPELLED_OUT = re.compile(
    r"(?<![a-z0-9'])(?:(?:[a-z][ .*_-]){3,}[a-z]|[a-z]\.[a-z]\.[a-z])(?![a-z0-9'])\.?"
)
HYPHEN = re.compile(r"(?<=[a-z0-9%])-(?=[a-z])")


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table cell. A sentence never leaves its block."""

    kind: str
    is_cited: bool
    """Whether a citation stands in this paragraph, list item or table row."""
    heading: str = ""
    """The folded words of the heading above, and for a cell of its column's heading."""
    lead: str = ""
    """The folded sentence ending in a colon that a list item completes."""


@dataclass(frozen=True)
class Sentence:
    text: str
    """Folded: lower case, straight quotes, no markup."""
    where: tuple[int, ...]
    """For each character of `text`, where it stands in the source."""
    written: str
    """As it was written, without markup."""
    block: Block
    opens_block: bool = False

    @property
    def start(self) -> int:
        return self.where[0]

    @property
    def end(self) -> int:
        return self.where[-1] + 1


@dataclass
class Placed:
    """Some text, and where each of its characters stands in the source."""

    text: str
    where: list[int]

    def __getitem__(self, span: slice) -> "Placed":
        return Placed(self.text[span], self.where[span])

    def without(self, pattern: re.Pattern[str]) -> "Placed":
        """Takes out what the pattern finds, but for what its groups hold."""
        found = pattern.search(self.text)
        if not found:
            return self
        pieces, where, position = [], [], 0
        for found in pattern.finditer(self.text):
            kept = next((n for n, group in enumerate(found.groups(), 1) if group), 0)
            for start, end in ((position, found.start()), found.span(kept) if kept else (0, 0)):
                piece = self.text[start:end]
                character = html.unescape(piece) if kept and piece.startswith("&") else piece
                pieces.append(character)
                where += self.where[start:end][: len(character)]
            position = found.end()
        pieces.append(self.text[position:])
        where += self.where[position:]
        return Placed("".join(pieces), where)


@dataclass
class Raw:
    """A block while it is read: the stretches of source that it holds."""

    kind: str
    spans: list[tuple[int, int]] = field(default_factory=list)
    column: str = ""
    is_cited: bool = False


def read(source: str, *, bare_keys: bool = False) -> list[Sentence]:
    """The sentences of a Markdown text, in order.

    With `bare_keys`, [murrough2013rct] counts as a citation as [@murrough2013rct] does.
    """
    citation = BARE_KEY if bare_keys else CITATION
    sentences: list[Sentence] = []
    heading = lead = ""
    for raw in blocks(source):
        placed = gather(source, raw.spans)
        is_cited = raw.is_cited or bool(citation.search(placed.text))
        for pattern in (CITATION, citation, TAKEN_OUT, MARKS):
            placed = placed.without(pattern)
        in_list = raw.kind in {"item", "cell"}
        context = f"{heading} | {raw.column}" if raw.column else heading
        block = Block(raw.kind, is_cited, context, lead if in_list else "")
        new = list(sentences_of(placed, block))
        sentences += new
        if raw.kind == "heading":
            heading, lead = " ".join(sentence.text for sentence in new), ""
        elif raw.kind == "paragraph" and new:
            lead = new[-1].text if new[-1].text.endswith(":") else ""
    return sentences


# --- Blocks -------------------------------------------------------------------------------------


def blocks(source: str) -> Iterator[Raw]:
    """The blocks of a Markdown text, as stretches of its source."""
    lines = list(lines_of(source))
    current: Raw | None = None
    n = 0
    while n < len(lines):
        start, end = lines[n]
        line = source[start:end]
        following = source[slice(*lines[n + 1])] if n + 1 < len(lines) else ""
        if "|" in line and "|" in following and TABLE_RULE.match(following):
            if current:
                yield current
            current = None
            rows, n = table_rows(source, lines, n)
            yield from rows
            continue
        n += 1
        opened = opening(line, start, end)
        if (
            opened is None
            or opened.kind == "heading"
            or opened.kind != "paragraph"
            or current is None
            or current.kind == "heading"
        ):
            if current:
                yield current
            current = opened
        else:
            current.spans += opened.spans
    if current:
        yield current


def lines_of(source: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in source.splitlines(keepends=True):
        yield start, start + len(line.rstrip("\r\n"))
        start += len(line)


def opening(line: str, start: int, end: int) -> Raw | None:
    """The block that a line opens; a paragraph may as well go on. None where a block ends."""
    quote = QUOTE.match(line)
    if quote:
        return opening(line[quote.end() :], start + quote.end(), end)
    if not line.strip() or RULE.match(line) or FENCE.match(line):
        return None
    for kind, pattern in (("heading", HEADING), ("item", ITEM)):
        found = pattern.match(line)
        if found:
            return Raw(kind, [(start + found.end(), end)])
    return Raw("paragraph", [(start, end)])


def table_rows(source: str, lines: list[tuple[int, int]], n: int) -> tuple[list[Raw], int]:
    """The cells of the table that begins at line `n`, and the line after it."""
    cells: list[Raw] = []
    columns: list[str] = []
    while n < len(lines) and "|" in source[slice(*lines[n])]:
        start, end = lines[n]
        line = source[start:end]
        n += 1
        if TABLE_RULE.match(line):
            continue
        is_cited = bool(CITATION.search(line))
        row = [found.span() for found in CELL.finditer(line) if found[0].strip()]
        is_head = not columns
        columns = columns or [line[slice(*span)].strip().lower() for span in row]
        for place, (first, last) in enumerate(row):
            column = columns[place] if place < len(columns) and not is_head else ""
            span = (start + first, start + last)
            cells.append(Raw("cell", [span], column, is_cited))
    return cells, n


def gather(source: str, spans: Iterable[tuple[int, int]]) -> Placed:
    """The lines of a block as one, with a space in the place of each line's end."""
    pieces: list[str] = []
    where: list[int] = []
    for start, end in spans:
        if where:
            pieces.append(" ")
            where.append(where[-1] + 1)
        pieces.append(source[start:end])
        where += range(start, end)
    return Placed("".join(pieces), where)


# --- Sentences ----------------------------------------------------------------------------------


def sentences_of(placed: Placed, block: Block) -> Iterator[Sentence]:
    position, is_first = 0, True
    for cut in (*cuts(placed.text), len(placed.text)):
        piece = placed[position:cut]
        position = cut
        folded = fold(piece)
        if folded.text:
            written = " ".join(piece.text.split())
            yield Sentence(folded.text, tuple(folded.where), written, block, is_first)
            is_first = False


def cuts(text: str) -> Iterator[int]:
    """Where one sentence of a block ends and the next begins."""
    for found in BOUNDARY.finditer(text):
        rest = text[found.end() :]
        if not rest.strip():
            return
        before = text[max(0, found.start() - 12) : found.start() + 1]
        if found[0] == "." and ABBREVIATION.search(before):
            if not (CAN_END_A_SENTENCE.search(before) and SENTENCE_START.match(rest)):
                continue
        elif (
            len(found[0]) > 1 and found[0][-1] not in ".!?" and CLOSED_QUOTE_THEN_LOWER.match(rest)
        ):
            continue
        yield found.end()


# --- Folding ------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def folded_character(character: str) -> str:
    if character in PUNCTUATION:
        return PUNCTUATION[character]
    if character in LOOKALIKES:
        return LOOKALIKES[character]
    plain = unicodedata.normalize("NFKD", character)
    kept = [part for part in plain if unicodedata.category(part) not in {"Mn", "Cf", "Cc", "Me"}]
    if not kept:
        return " " if character.isspace() else ""
    return "".join(LOOKALIKES.get(part, PUNCTUATION.get(part, part)) for part in kept).lower()


def fold(placed: Placed) -> Placed:
    """Plain lower-case words with one space between them."""
    letters: list[str] = []
    where: list[int] = []
    for character, place in zip(placed.text, placed.where, strict=True):
        plain = character.lower() if character.isascii() else folded_character(character)
        for letter in plain:
            is_space = letter.isspace()
            if is_space and (not letters or letters[-1] == " "):
                continue
            letters.append(" " if is_space else letter)
            where.append(place)
    while letters and letters[-1] == " ":
        letters.pop()
        where.pop()
    text = "".join(letters)
    text = LEET_IN_WORD.sub(lambda found: found[0].translate(LEET), text)
    return joined(Placed(HYPHEN.sub(" ", text), where))


def joined(placed: Placed) -> Placed:
    """Joins words that are spelled out: f.d.a. and c u r e."""
    if not SPELLED_OUT.search(placed.text):
        return placed
    text, where, position = "", [], 0
    for found in SPELLED_OUT.finditer(placed.text):
        text += placed.text[position : found.start()]
        where += placed.where[position : found.start()]
        for place in range(found.start(), found.end()):
            if placed.text[place].isalpha():
                text += placed.text[place]
                where.append(placed.where[place])
        position = found.end()
    return Placed(text + placed.text[position:], where + placed.where[position:])


class Places:
    """All sentences as one text, to search each rule once; and the way back to the sentence."""

    def __init__(self, sentences: list[Sentence]) -> None:
        self.text = "\n".join(sentence.text for sentence in sentences)
        self.starts = [0]
        for sentence in sentences:
            self.starts.append(self.starts[-1] + len(sentence.text) + 1)

    def sentence_at(self, position: int) -> tuple[int, int]:
        """The number of the sentence there, and the position within it."""
        number = bisect_right(self.starts, position) - 1
        return number, position - self.starts[number]
