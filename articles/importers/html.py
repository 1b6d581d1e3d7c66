"""HTML as WordPress keeps it to the Markdown of our articles.

Posts come as blocks (Gutenberg: HTML with comments around it), as classic HTML (paragraphs are
blank lines), or as both, with shortcodes in between. What our Markdown has no place for is left
out and named, never guessed at.
"""

import re
import warnings
from collections.abc import Iterator
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag
from bs4.element import Comment

from articles.importers.blocks import to_html
from articles.importers.nesting import MOST_LEVELS, TooLarge, closed
from articles.importers.tables import prepare_tables
from articles.importers.texts import Sources, Text
from articles.importers.writer import PARTED, write

MOST_TAGS = 100_000
MOST_CHARACTERS = 8_000_000
# What a text in Windows' letters looks like where it was read as another's.
GARBLED = re.compile(r"(?:â€|Ã[\u0080-\u00bf]|Â[\u00a0-\u00bf])\S{0,9}")

DROPPED = [
    "script", "style", "noscript", "template", "object", "applet", "form", "input", "select",
    "textarea", "svg", "canvas", "map", "link", "meta", "head", "title",
]  # fmt: skip
# They hold paragraphs, as a <div> does.
BOXES = [
    "figure", "dd", "details", "center", "address", "header", "footer", "main", "aside", "nav",
    "fieldset",
]  # fmt: skip
STRUCK = ["del", "s", "strike"]
HEADINGS = re.compile("^h[1-6]$")
QUESTIONS = (
    (".schema-faq-section", ".schema-faq-question"),
    (".rank-math-faq-item", ".rank-math-question"),
)
RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
# Where plugins that load pictures late keep the address, the first that is there.
LATE = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "src")
LATE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
COVER = re.compile(r"background(?:-image)?\s{0,5}:[^;()]{0,80}url\(([^()]{1,2000})\)")


def to_markdown(source: str, sources: Sources) -> Text:
    """Raises TooLarge."""
    found = Text()
    if len(source) > MOST_CHARACTERS:
        raise TooLarge("its text is longer than eight million characters")
    if garbled := GARBLED.search(source):
        found.note(f"garbled letters ({garbled[0][:40]}): look at it")
    html = to_html(source, sources, found)
    if html.count("<") > MOST_TAGS or html.count("&") > MOST_TAGS:
        raise TooLarge("its HTML holds more than 100,000 tags")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        soup = BeautifulSoup(closed(html), "html.parser")
    if depth(soup) > 2 * MOST_LEVELS:
        raise TooLarge("its HTML is nested deeper than anybody writes")
    found.questions = list(questions(soup, sources, found))
    prepare(soup, sources, found)
    found.body = write(soup, sources)
    return found


def depth(soup: Tag) -> int:
    """How deep the deepest element lies."""
    deepest, todo = 0, [(soup, 0)]
    while todo:
        element, level = todo.pop()
        deepest = max(deepest, level)
        todo += [(child, level + 1) for child in element.children if isinstance(child, Tag)]
    return deepest


def questions(soup: Tag, sources: Sources, found: Text) -> Iterator[dict[str, str]]:
    """The blocks of questions and answers of Yoast and Rank Math become the article's own."""
    for box, asks in QUESTIONS:
        for section in soup.select(box):
            asked = section.select_one(asks)
            if asked is None or not asked.get_text(strip=True):
                continue
            question = " ".join(asked.get_text(" ").split())
            asked.extract()
            if not section.get_text(strip=True):
                asked.name = "p"
                section.append(asked)
                found.note("a question without an answer: look at it")
                continue
            prepare(section, sources, found)
            for heading in section.find_all(HEADINGS):
                heading.name = "strong"
            yield {"question": question, "answer": write(section, sources)}
            section.decompose()


# --- The tree, before it is written -------------------------------------------------------------


def prepare(soup: Tag, sources: Sources, found: Text) -> None:
    for comment in soup.find_all(string=lambda string: isinstance(string, Comment)):
        comment.extract()
    prepare_pictures(soup, found)
    drop(soup, found)
    if soup.find(STRUCK):
        found.note("struck-out words: kept as words")
    for frame in soup.find_all(["iframe", "video", "audio", "embed"]):
        to_link(frame, found)
    prepare_embeds(soup)
    for raised in soup.find_all("sup"):
        raise_figures(raised)
    for typed in soup.find_all("pre"):
        prepare_typed(typed)
    prepare_tables(soup, found)
    for inner in soup.select("ul > ul, ul > ol, ol > ul, ol > ol"):
        # Word and old editors put a list beside the line it belongs to.
        above = inner.find_previous_sibling("li")
        if above is not None:
            above.append(inner)
    for element in soup.find_all(BOXES):
        element.name = "div"
    for whole in soup.find_all("p"):
        split(whole)
    leave_title_out(soup, sources.title)
    level_headings(soup)


def drop(soup: Tag, found: Text) -> None:
    for element in soup.find_all(DROPPED):
        if element.decomposed:
            continue
        words = element.name in {"select", "textarea", "map", "canvas", "applet"}
        if element.name in {"form", "object", "script", "svg"} or (
            words and element.get_text(strip=True)
        ):
            found.note(f"left out: <{element.name}>")
        element.decompose()


def prepare_pictures(soup: Tag, found: Text) -> None:
    """Each picture with the address that readers saw, in `src`, and a gallery as its pictures."""
    for picture in soup.find_all("img"):
        if picture.decomposed or picture.find_parent("noscript"):
            continue
        picture["src"] = shown_address(picture)
    for item in soup.select("ul.wp-block-gallery, ul.blocks-gallery-grid, li.blocks-gallery-item"):
        item.name = "div"
    for element in soup.find_all(style=COVER):
        address = COVER.search(str(element["style"]))
        if address:
            found.note(f"left out: a picture behind words, {address[1].strip(chr(39) + chr(34))}")


def shown_address(picture: Tag) -> str:
    """Not the empty picture that stands in until the real one is loaded."""
    for name in LATE:
        address = str(picture.get(name) or "").strip()
        if address and not address.startswith("data:"):
            return address
    for name in LATE_SETS:
        # The last is the widest, as WordPress writes them.
        offered = str(picture.get(name) or "").rsplit(", ", 1)[-1].split()
        if offered and not offered[0].startswith("data:"):
            return offered[0]
    fallback = picture.find_next_sibling()
    inside = fallback.find("img") if fallback and fallback.name == "noscript" else None
    if isinstance(inside, Tag) and inside.get("src"):
        return str(inside["src"])
    return str(picture.get("src") or "")


def to_link(frame: Tag, found: Text) -> None:
    """A film or a map from elsewhere: its address remains."""
    source = frame.find("source")
    inner = source.get("src") if isinstance(source, Tag) else ""
    address = str(frame.get("src") or frame.get("data-src") or inner or "").strip()
    if address.startswith("//"):
        address = f"https:{address}"
    if scheme(address) in {"http", "https"}:
        found.note(f"left out: <{frame.name}>, a link in its place")
        frame.replace_with(new_link(address))
    else:
        found.note(f"left out: <{frame.name}>")
        frame.decompose()


def scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


def prepare_embeds(soup: Tag) -> None:
    for embed in soup.select(".wp-block-embed__wrapper"):
        address = embed.get_text(strip=True)
        if address.startswith(("http://", "https://")) and not embed.find("a"):
            embed.string = ""
            embed.append(new_link(address))
    for button in soup.select(".wp-block-file__button"):
        first = button.find_previous_sibling("a")
        if first is not None and first.get("href") == button.get("href"):
            button.decompose()


def new_link(address: str) -> Tag:
    soup = BeautifulSoup("", "html.parser")
    link = soup.new_tag("a", href=address)
    link.string = address
    whole = soup.new_tag("p")
    whole.append(link)
    return whole


def raise_figures(raised: Tag) -> None:
    """Ten to the sixth is not 106: figures that stood above the line stay above it."""
    words = raised.get_text().strip().replace("\u2212", "-")
    if words and words.translate(RAISED) != words and re.fullmatch(r"[+-]?\d+[+-]?", words):
        raised.string = words.translate(RAISED)


def prepare_typed(typed: Tag) -> None:
    """A verse is a paragraph with its line breaks; in code a break is a line."""
    is_verse = "wp-block-verse" in (typed.get("class") or [])
    for line_break in typed.find_all("br"):
        line_break.replace_with("\n")
    if not is_verse:
        return
    typed.name = "p"
    for words in typed.find_all(string=True):
        first, *rest = words.split("\n")
        new: list[Tag | str] = [first]
        for line in rest:
            new += [BeautifulSoup("", "html.parser").new_tag("br"), line]
        words.replace_with(*new)


def split(whole: Tag) -> None:
    """Two line breaks in a row part a paragraph, as readers saw it."""
    if whole.find("br") is None or whole.find_parent(["li", "blockquote", "td", "th"]):
        return
    run: list[Tag] = []
    for child in [*whole.children, None]:
        if isinstance(child, Tag) and child.name == "br":
            run.append(child)
        elif child is None or isinstance(child, Tag) or str(child).strip():
            if len(run) > 1:
                run[0].replace_with(PARTED)
                for one in run[1:]:
                    one.extract()
            run = []


def leave_title_out(soup: Tag, title: str) -> None:
    """The page shows the title itself."""
    first = soup.find(HEADINGS)
    if isinstance(first, Tag) and folded(title) and folded(first.get_text()) == folded(title):
        first.decompose()


def folded(words: str) -> str:
    return " ".join(words.split()).casefold()


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
