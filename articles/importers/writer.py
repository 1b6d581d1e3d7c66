"""The tree of a text, written as Markdown with as few marks as can be."""

import re
from typing import Any

from bs4 import Tag
from bs4.element import NavigableString
from markdownify import MarkdownConverter

from articles.importers.texts import Sources

NEEDS_ESCAPE = re.compile(r"([\\`*\[\]])|(?<!\w)(_)|(_)(?!\w)|(<)(?=[A-Za-z/!?])|(&)(?=#?\w+;)")
AT_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|={2,}\s*$|-{2,}\s*$|~~~)")
NUMBER_AT_LINE_START = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
# A line break that another follows. Lines that begin with a mark of their own stay.
# Stands where a paragraph is parted; no text of ours has it.
PARTED = "\ue000"
BREAKS = re.compile(r"(\\\n)(?:[ \t]*\\\n)+")
INVISIBLE = str.maketrans({"\u00a0": " ", "\u00ad": "", "\u200b": "", "\u2060": "", "\ufeff": ""})


def write(soup: Tag, sources: Sources) -> str:
    text = Writer(sources).convert_soup(soup)
    lines = [line.rstrip() if not line.endswith("\\") else line for line in text.split("\n")]
    text = BREAKS.sub(r"\1", re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())
    text = re.sub(rf"[ \n]{{0,4}}{PARTED}[ \n]{{0,4}}", "\n\n", text).strip()
    # A break at the end of a paragraph breaks nothing.
    return re.sub(r"\\\n(?=\n|$)", "\n", text).removesuffix("\\").strip()


# Its type stubs name none of the methods that its documentation says to override.
Converter: Any = MarkdownConverter


class Writer(Converter):
    """Markdown with as few marks as can be, in the form of the starter articles."""

    class Options:
        heading_style = "atx"
        bullets = "-"
        newline_style = "backslash"
        autolinks = False
        table_infer_header = True

    def __init__(self, sources: Sources) -> None:
        super().__init__()
        self.sources = sources

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        written: str = super().process_text(el, parent_tags=parent_tags)
        return written if "_noformat" in (parent_tags or ()) else starts(el, written)

    def escape(self, text: str, parent_tags: set[str]) -> str:
        plain = text.translate(INVISIBLE)
        escaped = NEEDS_ESCAPE.sub(lambda match: f"\\{match[0]}", plain)
        return escaped.replace("|", r"\|") if parent_tags & {"td", "th"} else escaped

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address = str(el.get("href") or "").strip()
        if el.find("img") is not None or not address or address.startswith("#"):
            return text
        target = self.sources.link(address)
        if not target or not text.strip():
            return text
        el["href"] = re.sub(r"[()<>\s]", lambda match: f"%{ord(match[0]):02X}", target)
        del el["title"]
        written: str = super().convert_a(el, text, parent_tags)
        return written

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address = str(el.get("src") or "").strip()
        number = re.search(r"\bwp-image-(\d+)\b", " ".join(el.get("class") or []))
        words = " ".join(str(el.get("alt") or "").split())
        return self.sources.picture(address, words, number[1] if number else "")

    def convert_figcaption(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n" if text.strip() else ""

    convert_caption = convert_figcaption
    convert_summary = convert_dt = convert_legend = lambda self, el, text, parent_tags: (
        f"\n\n**{text.strip()}**\n\n" if text.strip() else ""
    )

    def convert_b(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Bold within bold is bold."""
        if parent_tags & {"b", "strong"}:
            return text
        written: str = super().convert_b(el, text, parent_tags)
        return written

    convert_strong = convert_b

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        written: str = super().convert_td(el, " ".join(text.split()), parent_tags)
        return written

    def convert_th(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        written: str = super().convert_th(el, " ".join(text.split()), parent_tags)
        return written

    def convert_plain(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text

    convert_del = convert_s = convert_sub = convert_sup = convert_plain


def starts(el: NavigableString, written: str) -> str:
    """Marks at the start of a line that would make it a heading, a list or a quotation."""
    if previous_words(el):
        return written
    written = NUMBER_AT_LINE_START.sub(r"\1\\\2", written)
    return AT_LINE_START.sub(r"\1\\\2", written)


INLINE = {"a", "abbr", "b", "cite", "em", "font", "i", "small", "span", "strong", "u", "mark"}


def previous_words(el: Tag | NavigableString) -> bool:
    """Whether words stand before this one on its line."""
    before = el.previous_sibling
    while before is not None:
        if isinstance(before, Tag) and (before.name == "br" or before.name not in INLINE | {"img"}):
            return False
        words = before.get_text(strip=True)
        if words:
            return words != PARTED
        before = before.previous_sibling
    parent = el.parent
    return parent is not None and parent.name in INLINE and previous_words(parent)
