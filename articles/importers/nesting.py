"""How tags stand in each other, seen before a tree is made of them."""

import re

MOST_LEVELS = 100
TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*>")
EMPTY = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
}  # fmt: skip
# HTML lets these end where the next begins.
ENDED_BY = {
    "p": {"p"},
    "li": {"li", "p"},
    "dt": {"dt", "dd", "p"},
    "dd": {"dt", "dd", "p"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
    "tr": {"td", "th", "tr", "p"},
}


class TooLarge(Exception):
    """A text that no person wrote. Says in words why."""


def closed(html: str) -> str:
    """`html` with the ends that HTML may leave out. Raises TooLarge for what is nested too deep.

    The parser would put each in the one before, and take four times as long for twice as many.
    """
    parts: list[str] = []
    open_: list[str] = []
    end = 0
    for tag in TAG.finditer(html):
        name = tag[2].lower()
        if tag[1]:
            leave(open_, name)
            continue
        if name in EMPTY or tag[0].endswith("/>"):
            continue
        parts.append(html[end : tag.start()])
        end = tag.start()
        while open_ and open_[-1] in ENDED_BY.get(name, ()):
            parts.append(f"</{open_.pop()}>")
        open_.append(name)
        if len(open_) > MOST_LEVELS:
            raise TooLarge("its HTML is nested deeper than anybody writes")
    return "".join([*parts, html[end:]])


def leave(open_: list[str], name: str) -> None:
    if name in open_:
        while open_.pop() != name:
            pass
