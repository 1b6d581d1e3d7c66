"""Markdown to the HTML that readers get: safe, accessible, with numbered sources.

Rendering happens once, when a revision is saved. Raw HTML is off in the parser, and what comes out
is cleaned against an allow-list all the same. Whatever an editor must mend is one ValidationError,
keyed by field.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from articles.mistakes import Library, Mistake, mistakes_in, require_none
from articles.sources import reference_list
from articles.tokens import cited_keys, headings, picture_key, picture_keys, plain_text

if TYPE_CHECKING:
    from articles.models import Picture, Reference

WORDS_PER_MINUTE = 200
CITATION = re.compile(r"\[(@[^\[\]]*)\]")
STRAIGHT_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}

ALLOWED_TAGS = {
    "a", "blockquote", "br", "cite", "code", "div", "em", "h2", "h3", "hr", "img", "li", "ol", "p",
    "picture", "pre", "source", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "a": {"href", "id", "title", "aria-label"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "h2": {"id"},
    "h3": {"id"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", "loading", "decoding"},
    "source": {"type", "srcset", "sizes"},
    "ol": {"start"},
    "sup": {"class"},
    "th": {"scope"},
}
ALLOWED_SCHEMES = {"http", "https", "mailto", "sms", "tel"}


@dataclass
class Page:
    """What the parts of one revision share while they are printed."""

    numbers: dict[str, int] = field(default_factory=dict)
    """Source key to its number, in the order of first citation."""
    pictures: "Mapping[str, Picture]" = field(default_factory=dict)
    cited: set[str] = field(default_factory=set)
    """The keys of the sources that a place printed so far names."""
    ids: set[str] = field(default_factory=set)
    table_names: set[str] = field(default_factory=set)


Questions = Sequence[Mapping[str, str]]


def render(summary: str, body: str, questions: Questions, library: Library) -> dict[str, Any]:
    """The printed form of a revision, as JSON.

    Raises ValidationError, by field, for whatever an editor must mend first.
    """
    printed, mistakes = draft(summary, body, questions, library)
    require_none(mistakes)
    return printed


def draft(
    summary: str, body: str, questions: Questions, library: Library
) -> tuple[dict[str, Any], list[Mistake]]:
    """The printed form of a text that is being written, and what must be mended in it.

    A source or picture that the library does not have is left out.
    """
    parts = [parse(summary), parse(body), *(parse(item["answer"]) for item in questions)]
    cited, shown = cited_keys(parts), picture_keys(parts)
    references = library.references(set(cited)) if cited else {}
    pictures = library.pictures(shown) if shown else {}
    mistakes = list(mistakes_in(parts, references, pictures, library))
    known = [key for key in cited if key in references]
    page = Page({key: number for number, key in enumerate(known, 1)}, pictures)
    return printed(parts, [item["question"] for item in questions], page, references), mistakes


def printed(
    parts: Sequence[Sequence[Token]],
    asked: Sequence[str],
    page: Page,
    references: "Mapping[str, Reference]",
) -> dict[str, Any]:
    contents = prepare_headings(parts[1], page)
    for tokens in parts:
        prepare_tables(tokens, page)
    html = [to_html(tokens, page) for tokens in parts]
    texts = [plain_text(tokens) for tokens in parts]
    text = searchable(texts, asked)
    return {
        "summary": html[0],
        "summary_text": texts[0],
        "body": html[1],
        "questions": [
            {"question": question, "answer": answer, "answer_text": answer_text}
            for question, answer, answer_text in zip(asked, html[2:], texts[2:], strict=True)
        ],
        "toc": contents,
        "references": list(reference_list(page.numbers, references)),
        "text": text,
        "words": len(text.split()),
        "minutes": max(1, round(len(text.split()) / WORDS_PER_MINUTE)),
    }


def searchable(texts: Sequence[str], asked: Sequence[str]) -> str:
    """All the words, each question before its answer, with the quotes people type."""
    pairs = [line for pair in zip(asked, texts[2:], strict=True) for line in pair]
    return "\n".join([*texts[:2], *pairs]).translate(STRAIGHT_QUOTES)


def to_plain_html(text: str) -> SafeString:
    """Safe HTML of a short text without sources or headings of its own (site texts, services)."""
    return mark_safe(clean(PARSER.renderer.render(parse(text), PARSER.options, {"page": Page()})))


# --- Reading ------------------------------------------------------------------------------------


def cite(state: StateInline, silent: bool) -> bool:
    """Reads [@key] and [@key; @key] as one citation.

    It goes where a printer sets it: without the space in front, after a comma or full stop.
    """
    found = CITATION.match(state.src, state.pos)
    if not found:
        return False
    after = state.src[found.end() : found.end() + 1]
    following = after if after and after in ".,;:" else ""
    if not silent:
        state.pending = state.pending.rstrip()
        if not state.pending and state.tokens and state.tokens[-1].type == "softbreak":
            state.tokens.pop()
        state.pending += following
        token = state.push("citation", "sup", 0)
        token.content = found[0]
        token.meta = {"keys": [part.strip().removeprefix("@") for part in found[1].split(";")]}
    state.pos = found.end() + len(following)
    return True


def parse(text: str) -> list[Token]:
    return PARSER.parse(text.encode(errors="replace").decode(), {})


# --- Preparing ----------------------------------------------------------------------------------


def prepare_headings(tokens: Sequence[Token], page: Page) -> list[dict[str, Any]]:
    """Gives each heading its id, and returns the table of contents.

    The prefix keeps a heading's words from becoming an id that the page around it uses.
    """
    contents = []
    for token, level, title in headings(tokens):
        name = unused(f"section-{slugify(title)[:60]}".rstrip("-"), page.ids, "-")
        token.attrs["id"] = name
        contents.append({"id": name, "title": title, "level": level})
    return contents


def unused(wanted: str, taken: set[str], joint: str) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}{joint}{count}"
    taken.add(name)
    return name


def prepare_tables(tokens: Sequence[Token], page: Page) -> None:
    """Names each table after the heading above it, and marks its header cells.

    The first cell of a row names the row. A cell that says nothing is no header.
    """
    title = ""
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            title = plain_text([tokens[n + 1]])
        elif token.type == "table_open":
            wanted = _("Table: %(title)s") % {"title": title} if title else _("Table")
            token.meta["name"] = unused(wanted, page.table_names, " ")
        elif token.type in {"th_open", "td_open"}:
            prepare_cell(tokens, n)


def prepare_cell(tokens: Sequence[Token], n: int) -> None:
    cell, content, close = tokens[n : n + 3]
    first_of_row = tokens[n - 1].type == "tr_open"
    is_header = (cell.type == "th_open" or first_of_row) and bool(content.content.strip())
    cell.tag = close.tag = "th" if is_header else "td"
    # The parser writes alignment as a style attribute, which our policy refuses.
    cell.attrs = {"scope": "col" if cell.type == "th_open" else "row"} if is_header else {}


# --- Printing -----------------------------------------------------------------------------------


def print_citation(
    renderer: RendererHTML, tokens: Sequence[Token], n: int, options: OptionsDict, env: Any
) -> str:
    page: Page = env["page"]
    links = [citation_link(key, page) for key in tokens[n].meta["keys"] if key in page.numbers]
    return format_html('<sup class="cite">{}</sup>', mark_safe(", ".join(links)))


def citation_link(key: str, page: Page) -> SafeString:
    number = page.numbers[key]
    label = _("Source %(number)s") % {"number": number}
    # The source leads back to the place that named it first; a second id would cost every reader.
    place = "" if key in page.cited else format_html(' id="cite-{}"', number)
    page.cited.add(key)
    return format_html('<a href="#ref-{}"{} aria-label="{}">{}</a>', number, place, label, number)


def print_picture(
    renderer: RendererHTML, tokens: Sequence[Token], n: int, options: OptionsDict, env: Any
) -> str:
    """A picture of the library, in the words that this text has for it; of no other place."""
    page: Page = env["page"]
    alt = plain_text(tokens[n].children or [])
    picture = page.pictures.get(picture_key(tokens[n]))
    return picture.html(alt) if picture else escape(alt)


def print_table_open(
    renderer: RendererHTML, tokens: Sequence[Token], n: int, options: OptionsDict, env: Any
) -> str:
    """A table scrolls inside its own frame, which the keyboard can reach."""
    return (
        f'<div class="table-wrap" role="region" tabindex="0" '
        f'aria-label="{escape(tokens[n].meta.get("name", _("Table")))}"><table>\n'
    )


def print_table_close(
    renderer: RendererHTML, tokens: Sequence[Token], n: int, options: OptionsDict, env: Any
) -> str:
    return "</table></div>\n"


def to_html(tokens: Sequence[Token], page: Page) -> str:
    return clean(PARSER.renderer.render(tokens, PARSER.options, {"page": page}))


def clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        link_rel=None,
    ).strip()


def make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
    parser.enable(["table", "smartquotes"])
    parser.inline.ruler.before("link", "citation", cite)
    parser.add_render_rule("citation", print_citation)
    parser.add_render_rule("image", print_picture)
    parser.add_render_rule("table_open", print_table_open)
    parser.add_render_rule("table_close", print_table_close)
    return parser


PARSER = make_parser()
