"""HTML as WordPress keeps it to the Markdown of our articles.

Posts come as blocks (Gutenberg: HTML with comments around it), as classic HTML (paragraphs are
blank lines), or as both, with shortcodes in between. What our Markdown has no place for is left
out and named, never guessed at.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString
from markdownify import MarkdownConverter

MOST_LEVELS = 100

# --- Before it is HTML --------------------------------------------------------------------------

BLOCK_ALONE = re.compile(r"<!--\s+wp:([a-z][\w/-]*)\s+(\{(?:(?!-->).)*\}\s+)?/-->", re.DOTALL)
BLOCK_EDGE = re.compile(r"<!--\s+/?wp:.*?-->", re.DOTALL)
PAGE_MARK = re.compile(r"<!--\s*(?:more|nextpage|noteaser).*?-->", re.DOTALL)
# These say nothing: a reader misses nothing when they are gone.
SILENT_BLOCKS = {"spacer", "separator", "more", "nextpage", "post-title", "post-date"}

SHORTCODE = re.compile(
    r"(?P<open>\[)?\[(?P<close>/)?(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:\s[^\[\]]*|/)?)\](?(open)\])"
)
CORE_SHORTCODES = {"audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"}
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))""")

BLOCK_TAGS = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
OPENS_OR_CLOSES_BLOCK = re.compile(rf"</?(?:{BLOCK_TAGS})(?:\s[^>]*)?/?>", re.IGNORECASE)
KEPT_AS_TYPED = re.compile(r"<(pre|script|style|textarea)\b.*?</\1>", re.DOTALL | re.IGNORECASE)


@dataclass
class Sources:
    """What a text may point to, asked by the conversion."""

    picture: Callable[[str, str, str], str]
    """Markdown for a picture, from its address, its words for who cannot see it, and its id."""
    link: Callable[[str], str]
    """Where a link leads now; "" when it can lead nowhere."""
    attachment: Callable[[str], str]
    """The address of the file of an attachment, by its id; "" for an unknown one."""
    reusable: Callable[[str], str]
    """The content of a reusable block, by its id; "" for an unknown one."""


@dataclass
class Text:
    """A text in our Markdown, and what was left out of it or changed on the way."""

    body: str = ""
    questions: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


def to_markdown(source: str, sources: Sources) -> Text:
    """Raises RecursionError for HTML nested deeper than anybody writes."""
    found = Text()
    soup = BeautifulSoup(paragraphs(expand(source, sources, found)), "html.parser")
    if depth(soup) > MOST_LEVELS:
        raise RecursionError("nested too deep")
    found.questions = list(questions(soup, sources, found))
    prepare(soup, sources, found)
    found.body = write(soup, sources)
    return found


def expand(source: str, sources: Sources, found: Text) -> str:
    """Blocks that stand alone, marks between blocks, and shortcodes, as HTML or as nothing."""

    def block(match: re.Match[str]) -> str:
        name, said = match[1], attributes_of_block(match[2])
        content = sources.reusable(str(said.get("ref", ""))) if name == "block" else ""
        if not content and name not in SILENT_BLOCKS:
            found.note(f"left out: block {name}")
        # A reusable block inside another is not followed: two may hold each other.
        return BLOCK_ALONE.sub("", content)

    source = source.replace("\r\n", "\n").replace("\r", "\n")
    source = BLOCK_ALONE.sub(block, source)
    source = PAGE_MARK.sub("\n\n", source)
    source = BLOCK_EDGE.sub("\n\n", source)
    return outside(KEPT_AS_TYPED, source, lambda part: shortcodes(part, sources, found))


def attributes_of_block(said: str | None) -> dict[str, Any]:
    try:
        read = json.loads(said or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def outside(kept: re.Pattern[str], source: str, change: Callable[[str], str]) -> str:
    """`source` with what stands between the matches of `kept` changed."""
    parts, end = [], 0
    for match in kept.finditer(source):
        parts += [change(source[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(source[end:])])


# --- Shortcodes ---------------------------------------------------------------------------------


def shortcodes(source: str, sources: Sources, found: Text) -> str:
    closed = {match["name"] for match in SHORTCODE.finditer(source) if match["close"]}

    def replace(match: re.Match[str]) -> str:
        if match["open"]:
            return match[0][1:-1]
        name, rest = match["name"], match["rest"]
        if not is_shortcode(name, rest, closed):
            return match[0]
        if name in CORE_SHORTCODES:
            return core_shortcode(name, bool(match["close"]), rest, sources, found)
        found.note(f"left out: shortcode [{name}], its words kept")
        alone = source_ends(match)
        return "\n\n" if alone else ""

    return SHORTCODE.sub(replace, captions(media_addresses(source)))


def is_shortcode(name: str, rest: str, closed: set[str]) -> bool:
    """Whether a word in brackets is one: [sic] and [see below] are words."""
    return (
        name in CORE_SHORTCODES
        or name in closed
        or bool(ATTRIBUTE.search(rest))
        or rest == "/"
        or (not rest and ("_" in name or "-" in name))
    )


CAPTION = re.compile(
    r"\[(?:wp_)?caption\b[^\]]*\]\s*((?:<a\b[^>]*>)?\s*<img\b[^>]*>\s*(?:</a>)?)(.*?)\[/(?:wp_)?caption\]",
    re.DOTALL,
)


def captions(source: str) -> str:
    """[caption]picture words[/caption] as the figure that readers saw."""
    return CAPTION.sub(r"<figure>\1<figcaption>\2</figcaption></figure>", source)


def media_addresses(source: str) -> str:
    """[embed]address[/embed] as a paragraph with a link."""
    return re.sub(r"\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]", r'<p><a href="\1">\1</a></p>', source)


def source_ends(match: re.Match[str]) -> bool:
    """Whether a line begins before it or ends after it, so that it parted what stood around it."""
    before, after = match.string[: match.start()].rstrip(" \t"), match.string[match.end() :]
    return before[-1:] in {"", "\n", "]"} or after.lstrip(" \t")[:1] in {"", "\n", "["}


def core_shortcode(name: str, closes: bool, rest: str, sources: Sources, found: Text) -> str:
    said = {
        match[1].lower(): match[2] or match[3] or match[4] or ""
        for match in ATTRIBUTE.finditer(rest)
    }
    if name == "gallery":
        ids = [one.strip() for one in said.get("ids", "").split(",") if one.strip()]
        if not ids:
            found.note("left out: a gallery that names no pictures")
        return "\n\n".join(gallery_picture(one, sources) for one in ids)
    address = next((value for value in said.values() if value.startswith("http")), "")
    return f'<p><a href="{address}">{address}</a></p>' if address and not closes else ""


def gallery_picture(one: str, sources: Sources) -> str:
    return f'<p><img src="{sources.attachment(one)}" class="wp-image-{one}"></p>'


# --- Paragraphs ---------------------------------------------------------------------------------


def paragraphs(source: str) -> str:
    """Classic posts hold blank lines where readers saw paragraphs, and line breaks for <br>."""
    return outside(KEPT_AS_TYPED, source, wrap)


def wrap(source: str) -> str:
    source = OPENS_OR_CLOSES_BLOCK.sub(lambda match: f"\n\n{match[0]}\n\n", source)
    chunks = (chunk.strip() for chunk in re.split(r"\n\s*\n", source))
    inside = [0]
    return "\n".join(paragraph(chunk, inside) for chunk in chunks if chunk)


# Text directly in one of these is a paragraph; in any other block it is the block's own.
HOLDS_PARAGRAPHS = re.compile(
    r"<(/?)(p|h[1-6]|li|td|th|dt|dd|figcaption|summary|address)\b", re.IGNORECASE
)


def paragraph(chunk: str, inside: list[int]) -> str:
    """One chunk; `inside` counts the blocks around it that hold their words themselves."""
    if OPENS_OR_CLOSES_BLOCK.fullmatch(chunk):
        edge = HOLDS_PARAGRAPHS.match(chunk)
        if edge and not chunk.endswith("/>"):
            inside[0] = max(0, inside[0] + (-1 if edge[1] else 1))
        return chunk
    # Blocks write <br> themselves, at the end of a line.
    broken = re.sub(r"(?i)(<br\s*/?>)?[ \t]*\n", lambda m: m[1] or "<br>", chunk)
    return broken if inside[0] else f"<p>{broken}</p>"


# --- The tree, before it is written -------------------------------------------------------------

DROPPED = [
    "script", "style", "noscript", "template", "object", "applet", "form", "input", "select",
    "textarea", "button", "svg", "canvas", "map", "link", "meta", "head", "title",
]  # fmt: skip
# They hold paragraphs, as a <div> does.
BOXES = [
    "figure", "dd", "details", "center", "address", "header", "footer", "main", "aside", "nav",
    "fieldset",
]  # fmt: skip
STRUCK = ["del", "s", "strike"]
HEADINGS = re.compile("^h[1-6]$")


def depth(soup: Tag) -> int:
    """How deep the deepest element lies."""
    deepest, todo = 0, [(soup, 0)]
    while todo:
        element, level = todo.pop()
        deepest = max(deepest, level)
        todo += [(child, level + 1) for child in element.children if isinstance(child, Tag)]
    return deepest


def questions(soup: Tag, sources: Sources, found: Text) -> Iterator[dict[str, str]]:
    """Yoast's block of questions and answers becomes the article's own."""
    for section in soup.select(".schema-faq-section"):
        asked = section.select_one(".schema-faq-question")
        if asked is None or not asked.get_text(strip=True):
            continue
        question = " ".join(asked.get_text(" ").split())
        asked.extract()
        prepare(section, sources, found)
        for heading in section.find_all(HEADINGS):
            heading.name = "strong"
        answer = write(section, sources)
        section.decompose()
        if answer:
            yield {"question": question, "answer": answer}


def prepare(soup: Tag, sources: Sources, found: Text) -> None:
    for comment in soup.find_all(string=lambda string: isinstance(string, Comment)):
        comment.extract()
    for element in soup.find_all(DROPPED):
        if element.decomposed:
            continue
        if element.name in {"form", "object", "script", "svg"}:
            found.note(f"left out: <{element.name}>")
        element.decompose()
    if soup.find(STRUCK):
        found.note("struck-out words: kept as words")
    for frame in soup.find_all(["iframe", "video", "audio", "embed"]):
        to_link(frame, found)
    for embed in soup.select(".wp-block-embed__wrapper"):
        address = embed.get_text(strip=True)
        if address.startswith(("http://", "https://")) and not embed.find("a"):
            embed.string = ""
            embed.append(new_link(address))
    for cell in soup.find_all(["td", "th"]):
        if cell.get("rowspan", "1") != "1" or cell.get("colspan", "1") != "1":
            found.note("a table with joined cells: look at it")
    for element in soup.find_all(BOXES):
        element.name = "div"
    level_headings(soup)


def to_link(frame: Tag, found: Text) -> None:
    """A film or a map from elsewhere: its address remains."""
    source = frame.find("source")
    address = str(frame.get("src") or (source.get("src") if isinstance(source, Tag) else "") or "")
    if address.startswith("//"):
        address = f"https:{address}"
    found.note(f"left out: <{frame.name}>, a link in its place")
    if urlsplit(address).scheme in {"http", "https"}:
        frame.replace_with(new_link(address))
    else:
        frame.decompose()


def new_link(address: str) -> Tag:
    soup = BeautifulSoup("", "html.parser")
    link = soup.new_tag("a", href=address)
    link.string = address
    whole = soup.new_tag("p")
    whole.append(link)
    return whole


def level_headings(soup: Tag) -> None:
    """Our texts have ## and ###, none skipped. The highest level in use becomes ##."""
    found = [one for one in soup.find_all(HEADINGS) if one.get_text(strip=True)]
    inside = ["li", "blockquote", "td", "th", "figcaption"]
    for heading in soup.find_all(HEADINGS):
        if not heading.get_text(strip=True):
            heading.unwrap()
    free = [one for one in found if one.find_parent(inside) is None]
    for heading in found:
        for child in heading.find_all(["b", "strong", "br", "p", "div"]):
            child.replace_with(" ") if child.name == "br" else child.unwrap()
        if heading not in free:
            heading.name = "strong"
            heading.wrap(BeautifulSoup("", "html.parser").new_tag("p"))
    highest = min((int(one.name[1]) for one in free), default=2)
    above = 1
    for heading in free:
        level = 2 if int(heading.name[1]) == highest or above == 1 else 3
        heading.name, above = f"h{level}", level


# --- Writing ------------------------------------------------------------------------------------

NEEDS_ESCAPE = re.compile(r"([\\`*\[\]])|(?<!\w)(_)|(_)(?!\w)|(<)(?=[A-Za-z/!?])|(&)(?=#?\w+;)")
AT_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|={2,}\s*$|-{2,}\s*$|~~~)")
NUMBER_AT_LINE_START = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
INVISIBLE = str.maketrans({"\u00a0": " ", "\u00ad": "", "\u200b": "", "\u2060": "", "\ufeff": ""})


def write(soup: Tag, sources: Sources) -> str:
    text = Writer(sources).convert_soup(soup)
    lines = [line.rstrip() if not line.endswith("\\") else line for line in text.split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
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
        address = str(el.get("data-src") or el.get("src") or "").strip()
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
        if before.get_text(strip=True):
            return True
        before = before.previous_sibling
    parent = el.parent
    return parent is not None and parent.name in INLINE and previous_words(parent)
