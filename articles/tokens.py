"""Reading the tokens of a parsed Markdown text."""

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it.token import Token

KEY = re.compile(r"[A-Za-z0-9_-]+")


def walk(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or []


def cited_keys(parts: Iterable[Iterable[Token]]) -> list[str]:
    """The keys of all sources, in the order of first citation."""
    keys = [
        key
        for tokens in parts
        for token in walk(tokens)
        if token.type == "citation"
        for key in token.meta["keys"]
    ]
    return list(dict.fromkeys(keys))


def picture_keys(parts: Iterable[Iterable[Token]]) -> set[str]:
    return {
        picture_key(token) for tokens in parts for token in walk(tokens) if token.type == "image"
    }


def picture_key(token: Token) -> str:
    return str(token.attrs["src"])


def headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, int, str]]:
    """Each heading: its token, level and words."""
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            yield token, int(token.tag[1]), plain_text([tokens[n + 1]])


def plain_text(tokens: Iterable[Token]) -> str:
    """The words of a text, without its sources, on one line."""
    pieces = []
    for token in walk(tokens):
        if token.type in {"text", "code_inline", "code_block", "fence"}:
            pieces.append(token.content)
        elif token.type in {"softbreak", "hardbreak"} or token.block:
            pieces.append(" ")
    return " ".join("".join(pieces).split())
