"""Blocks (Gutenberg: HTML with comments around it) and classic posts, as plain HTML.

Everything here reads the text once, from its start to its end, however it is written.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any

from articles.importers.shortcodes import shortcodes
from articles.importers.texts import Sources, Text

BLOCK = re.compile(r"(/?)wp:([a-z][\w/-]*)")
PAGE_MARK = re.compile(r"more|nextpage|noteaser")
# These say nothing: a reader misses nothing when they are gone.
SILENT = {"spacer", "separator", "more", "nextpage", "post-title", "post-date"}
# Blocks may hold each other, each twice the next: what they unfold to has an end.
MOST_REUSED = 500_000
DEEPEST_REUSED = 8

BLOCK_TAGS = (
    "address|article|aside|blockquote|caption|center|col|colgroup|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
OPENS_OR_CLOSES_BLOCK = re.compile(rf"</?(?:{BLOCK_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
TYPED = re.compile(r"<(/?)(pre|script|style|textarea)(?=[\s>/])[^<>]*>", re.IGNORECASE)
# Word writes <?xml:namespace …> and <![if …]>; what else begins with < and is no tag is a word.
DECLARATION = re.compile(r"<[!?][^<>]*>")
LONE_MARK = re.compile(r"<(?![a-zA-Z/])|&(?!#?\w)")
BREAK_AT_END = re.compile(r"<br\s{0,3}/?>\Z", re.IGNORECASE)
ADDRESS_ALONE = re.compile(r"https?://[^\s<>\"]+")


def to_html(source: str, sources: Sources, found: Text) -> str:
    """The HTML of a post, with a <p> around each paragraph."""
    source = Unfolding(sources, found).unfold(
        source.replace("\r\n", "\n").replace("\r", "\n").replace("\ue000", "")
    )
    source = LONE_MARK.sub(lambda match: "&lt;" if match[0] == "<" else "&amp;", source)
    source = outside_typed(source, lambda part: shortcodes(part, sources, found))
    return outside_typed(source, wrap)


# --- Comments, and the blocks they mark ---------------------------------------------------------


class Unfolding:
    """Takes the marks of blocks away, and puts the content of reusable blocks in their place."""

    def __init__(self, sources: Sources, found: Text) -> None:
        self.sources, self.found = sources, found
        self.left = MOST_REUSED

    def unfold(self, source: str, level: int = 0) -> str:
        changed = "".join(
            self.mark(part, level) if is_comment else part for part, is_comment in pieces(source)
        )
        return DECLARATION.sub("", changed)

    def mark(self, comment: str, level: int) -> str:
        inner = comment[4:-3].strip()
        block = BLOCK.match(inner)
        if block is None:
            return "\n\n" if PAGE_MARK.match(inner) else ""
        if block[1] or not inner.endswith("/"):
            return "\n\n"
        return self.standing_alone(block[2], inner[block.end() : -1].strip(), level)

    def standing_alone(self, name: str, said: str, level: int) -> str:
        attributes = attributes_of(said)
        if name == "block":
            return self.reused(str(attributes.get("ref", "")), level)
        if name == "footnotes" and self.sources.footnotes:
            notes = "".join(f"<li>{one}</li>" for one in self.sources.footnotes.values())
            return f"\n\n<ol>{notes}</ol>\n\n"
        if name == "social-link" and str(attributes.get("url", "")).startswith("http"):
            self.found.note(f"left out: block social-link, {attributes['url']}")
        elif name not in SILENT:
            self.found.note(f"left out: block {name}")
        return "\n\n"

    def reused(self, ref: str, level: int) -> str:
        content = self.sources.reusable(ref)
        self.left -= len(content)
        if not content:
            self.found.note(f"left out: reusable block {ref}, which the export does not hold")
        elif level >= DEEPEST_REUSED or self.left < 0:
            self.found.note(f"left out: reusable block {ref}, too deep in others")
        else:
            return f"\n\n{self.unfold(content, level + 1)}\n\n"
        return "\n\n"


def pieces(source: str) -> Iterator[tuple[str, bool]]:
    """The text and its comments, in order; what opens a comment that never ends is dropped."""
    end = 0
    while (start := source.find("<!--", end)) >= 0:
        yield source[end:start], False
        closing = source.find("-->", start + 4)
        if closing < 0:
            yield source[start:].replace("<!--", ""), False
            return
        end = closing + 3
        yield source[start:end], True
    yield source[end:], False


def attributes_of(said: str) -> dict[str, Any]:
    try:
        read = json.loads(said or "{}")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def outside_typed(source: str, change: Callable[[str], str]) -> str:
    """`source` with all changed but <pre>, <script> and the like, which are kept as typed."""
    edges = list(TYPED.finditer(source))
    closing: dict[str, list[re.Match[str]]] = {}
    for edge in edges:
        if edge[1]:
            closing.setdefault(edge[2].lower(), []).append(edge)
    parts, end = [], 0
    for edge in edges:
        if edge[1] or edge.start() < end:
            continue
        closers = closing.get(edge[2].lower(), [])
        n = bisect_left(closers, edge.end(), key=lambda one: one.start())
        if n == len(closers):
            continue
        parts += [change(source[end : edge.start()]), source[edge.start() : closers[n].end()]]
        end = closers[n].end()
    return "".join([*parts, change(source[end:])])


# --- Paragraphs ---------------------------------------------------------------------------------


def wrap(source: str) -> str:
    """Classic posts hold blank lines where readers saw paragraphs, and line breaks for <br>."""
    source = re.sub(r"[ \t]{2,}", " ", source)
    source = OPENS_OR_CLOSES_BLOCK.sub(lambda match: f"\n\n{match[0]}\n\n", source)
    chunks = (chunk.strip() for chunk in re.split(r"\n\s*\n", source))
    inside = [0]
    return "\n".join(paragraph(chunk, inside) for chunk in chunks if chunk)


# Text directly in one of these is a paragraph; in any other block it is the block's own.
HOLDS_PARAGRAPHS = re.compile(
    r"<(/?)(p|h[1-6]|li|td|th|dt|dd|caption|figcaption|summary|address)\b", re.IGNORECASE
)


def paragraph(chunk: str, inside: list[int]) -> str:
    """One chunk; `inside` counts the blocks around it that hold their words themselves."""
    if OPENS_OR_CLOSES_BLOCK.fullmatch(chunk):
        edge = HOLDS_PARAGRAPHS.match(chunk)
        if edge and not chunk.endswith("/>"):
            inside[0] = max(0, inside[0] + (-1 if edge[1] else 1))
        return chunk
    if ADDRESS_ALONE.fullmatch(chunk):
        # WordPress shows what is at such an address: a film, a post from elsewhere.
        chunk = f'<a href="{chunk}">{chunk}</a>'
    broken = "".join(map(broken_line, chunk.split("\n")[:-1])) + chunk.rsplit("\n", 1)[-1]
    return broken if inside[0] else f"<p>{broken}</p>"


def broken_line(line: str) -> str:
    """A line that another follows. Blocks write <br> themselves, at its end."""
    line = line.rstrip(" \t")
    return line if BREAK_AT_END.search(line[-12:]) else f"{line}<br>"
