"""Markdown to the HTML that readers get: safe, accessible, with numbered sources.

Rendering happens once, when a revision is saved. Raw HTML is off in the parser, and what comes out
is cleaned against an allow-list all the same. Whatever an editor must mend is one ValidationError,
keyed by field.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nh3
from django.core.exceptions import ValidationError
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

if TYPE_CHECKING:
    from articles.models import Reference

WORDS_PER_MINUTE = 200
CITATION = re.compile(r"\[(@[^\[\]]*)\]")
KEY = re.compile(r"[A-Za-z0-9_-]+")
STRAIGHT_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
FindReferences = Callable[[set[str]], "Mapping[str, Reference]"]

ALLOWED_TAGS = {
    "a", "blockquote", "br", "cite", "code", "div", "em", "h2", "h3", "hr", "li", "ol", "p", "pre",
    "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {
    "a": {"href", "id", "title", "aria-label"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "h2": {"id"},
    "h3": {"id"},
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
    cited: set[str] = field(default_factory=set)
    """The keys of the sources that a place printed so far names."""
    ids: set[str] = field(default_factory=set)
    table_names: set[str] = field(default_factory=set)


def render(
    summary: str, body: str, questions: Sequence[Mapping[str, str]], find: FindReferences
) -> dict[str, Any]:
    """The printed form of a revision, as JSON.

    `find` gives the references for a set of keys. Raises ValidationError, by field, for an unknown
    or malformed citation and for a heading that is out of place.
    """
    parts = [parse(summary), parse(body), *(parse(item["answer"]) for item in questions)]
    page = Page(numbers=number_sources(parts))
    references = find(set(page.numbers))
    check(parts, references)
    contents = prepare_headings(parts[1], page)
    for tokens in parts:
        prepare_tables(tokens, page)
    printed = [to_html(tokens, page) for tokens in parts]
    texts = [plain_text(tokens) for tokens in parts]
    asked = [item["question"] for item in questions]
    text = searchable(texts, asked)
    return {
        "summary": printed[0],
        "summary_text": texts[0],
        "body": printed[1],
        "questions": [
            {"question": question, "answer": answer, "answer_text": answer_text}
            for question, answer, answer_text in zip(asked, printed[2:], texts[2:], strict=True)
        ],
        "toc": contents,
        "references": list(reference_list(page, references)),
        "text": text,
        "words": len(text.split()),
        "minutes": max(1, round(len(text.split()) / WORDS_PER_MINUTE)),
    }


def searchable(texts: Sequence[str], asked: Sequence[str]) -> str:
    """All the words, each question before its answer, with the quotes people type."""
    pairs = [line for pair in zip(asked, texts[2:], strict=True) for line in pair]
    return "\n".join([*texts[:2], *pairs]).translate(STRAIGHT_QUOTES)


def reference_list(
    page: Page, references: "Mapping[str, Reference]"
) -> Iterator[dict[str, str | int]]:
    for key, number in page.numbers.items():
        yield {
            "number": number,
            "key": key,
            "html": str(reference_html(references[key], number)),
            "text": reference_text(references[key]),
        }


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


def walk(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or []


def number_sources(parts: Iterable[Iterable[Token]]) -> dict[str, int]:
    keys = [
        key
        for tokens in parts
        for token in walk(tokens)
        if token.type == "citation"
        for key in token.meta["keys"]
    ]
    return {key: number for number, key in enumerate(dict.fromkeys(keys), 1)}


def plain_text(tokens: Iterable[Token]) -> str:
    """The words of a text, without its sources, on one line."""
    pieces = []
    for token in walk(tokens):
        if token.type in {"text", "code_inline", "code_block", "fence"}:
            pieces.append(token.content)
        elif token.type in {"softbreak", "hardbreak"} or token.block:
            pieces.append(" ")
    return " ".join("".join(pieces).split())


# --- Checking -----------------------------------------------------------------------------------


def check(parts: Sequence[Sequence[Token]], references: "Mapping[str, Reference]") -> None:
    errors: dict[str, list[str]] = defaultdict(list)
    for name, tokens in zip(field_names(len(parts)), parts, strict=True):
        errors[name] += citation_errors(tokens, references)
        errors[name] += body_heading_errors(tokens) if name == "body" else heading_errors(tokens)
    found = {name: list(dict.fromkeys(messages)) for name, messages in errors.items() if messages}
    if found:
        raise ValidationError(found)


def field_names(count: int) -> list[str]:
    return ["summary", "body"] + ["questions"] * (count - 2)


def citation_errors(
    tokens: Iterable[Token], references: "Mapping[str, Reference]"
) -> Iterator[str]:
    for token in walk(tokens):
        if token.type != "citation":
            continue
        for key in token.meta["keys"]:
            if not KEY.fullmatch(key):
                yield _("“%(text)s” is not a citation: write [@key] or [@key; @key].") % {
                    "text": token.content
                }
            elif key not in references:
                yield _(
                    "There is no reference “%(key)s”: add it under References, "
                    "or cite one that is there."
                ) % {"key": key}


def headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, int, str]]:
    """Each heading: its token, level and words."""
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            yield token, int(token.tag[1]), plain_text([tokens[n + 1]])


def heading_errors(tokens: Sequence[Token]) -> Iterator[str]:
    for _token, _level, title in headings(tokens):
        yield _("There can be no heading here: “%(title)s”.") % {"title": title}


def body_heading_errors(tokens: Sequence[Token]) -> Iterator[str]:
    above = 1
    for _token, level, title in headings(tokens):
        if level not in {2, 3}:
            yield _("Headings begin with ## or ###: mend “%(title)s”.") % {"title": title}
        elif level > above + 1:
            yield _("“%(title)s” is a ### heading without a ## heading above it.") % {
                "title": title
            }
        above = level


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


def reference_html(reference: "Reference", number: int) -> SafeString:
    """One line of the reference list: what is confirmed, and the way back to the text."""
    link = ""
    if reference.address:
        label = reference.address.split("://", 1)[-1]
        link = format_html(' <a href="{}">{}</a>', reference.address, label)
    source = format_html("<cite>{}</cite>, ", reference.journal) if reference.journal else ""
    back = _("Back to the text: source %(number)s") % {"number": number}
    return format_html(
        '<p>{} {} {}{}.{} <a href="#cite-{}" aria-label="{}">↑</a></p>',
        as_sentence(reference.authors),
        as_sentence(reference.title),
        source,
        reference.when,
        link,
        number,
        back,
    )


def reference_text(reference: "Reference") -> str:
    source = f"{reference.journal}, " if reference.journal else ""
    return (
        f"{as_sentence(reference.authors)} {as_sentence(reference.title)} {source}{reference.when}."
    )


def as_sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
    # Pictures wait for a library that knows their sizes and alt texts.
    parser.enable(["table", "smartquotes"]).disable("image")
    parser.inline.ruler.before("link", "citation", cite)
    parser.add_render_rule("citation", print_citation)
    parser.add_render_rule("table_open", print_table_open)
    parser.add_render_rule("table_close", print_table_close)
    return parser


PARSER = make_parser()
