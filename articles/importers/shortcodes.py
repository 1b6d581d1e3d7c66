"""Shortcodes, [like="this"], as the HTML that readers saw, or as nothing and named.

No pattern here looks past the next bracket: an export of one million of them is read in a second.
"""

import re

from articles.importers.texts import Sources, Text

SHORTCODE = re.compile(
    r"(?P<open>\[)?\[(?P<close>/)?(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:\s[^\[\]]*|/)?)\](?(open)\])"
)
CORE = {"audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"}
# Plugins' own that hold neither a hyphen nor an attribute.
BARE = {
    "button", "cart", "checkout", "clear", "contact", "divider", "products", "sitemap", "spacer",
    "tabs", "toc",
}  # fmt: skip
# Page builders keep the words of these in an attribute; elsewhere a title is for editors only.
TITLED = re.compile(r"heading|toggle|accordion|_tab$|tta_section|blurb|faq|spoiler|cta", re.I)
ATTRIBUTE = re.compile(r"""(?<![\w-])([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))""")
# What stands in these is code, in letters that nobody reads.
RAW = re.compile(r"\[(vc_raw_html|vc_raw_js)\b[^\[\]]*\][^\[\]]*\[/\1\]")
CAPTION = re.compile(
    r"\[(?:wp_)?caption\b([^\[\]]*)\]\s*((?:<a\b[^<>]*>)?\s*<img\b[^<>]*>\s*(?:</a>)?)"
    r"((?:(?!\[/?(?:wp_)?caption\b).)*)\[/(?:wp_)?caption\]",
    re.DOTALL,
)
EMBED = re.compile(r"\[embed\b[^\[\]]*\]\s*([^\s\[\]]+)\s*\[/embed\]")
NEAR = 80


def shortcodes(source: str, sources: Sources, found: Text) -> str:
    source = RAW.sub(lambda match: raw(match, found), source)
    source = CAPTION.sub(caption, EMBED.sub(r'<p><a href="\1">\1</a></p>', source))
    closed = {match["name"] for match in SHORTCODE.finditer(source) if match["close"]}

    def replace(match: re.Match[str]) -> str:
        if match["open"]:
            return match[0][1:-1]
        name, rest = match["name"], match["rest"]
        if not is_shortcode(name, rest, closed):
            return match[0]
        if name in CORE:
            return core(name, bool(match["close"]), rest, sources, found)
        said = said_in(name, rest, sources)
        if not said or name in closed:
            found.note(left_out(match[0], name, closed))
        return said or ("\n\n" if parts_lines(match) else "")

    return SHORTCODE.sub(replace, source)


def raw(match: re.Match[str], found: Text) -> str:
    found.note(f"left out: shortcode [{match[1]}] and the code in it")
    return "\n\n"


def is_shortcode(name: str, rest: str, closed: set[str]) -> bool:
    """Whether a word in brackets is one: [sic] and [see below] are words."""
    return (
        name in CORE
        or name in closed
        or "_" in name
        or bool(ATTRIBUTE.search(rest))
        or rest == "/"
        or (not rest and ("-" in name or name in BARE))
    )


def left_out(whole: str, name: str, closed: set[str]) -> str:
    """One that closes held words, which stay; one that stands alone is named as it was."""
    if name in closed:
        return f"left out: shortcode [{name}], its words kept"
    return f"left out: shortcode {' '.join(whole.split())[:160]}"


def attributes(rest: str) -> dict[str, str]:
    return {
        match[1].lower(): match[2] or match[3] or match[4] or ""
        for match in ATTRIBUTE.finditer(rest)
    }


def said_in(name: str, rest: str, sources: Sources) -> str:
    """What readers saw of a page builder's attributes: a heading, a button, a picture."""
    said = attributes(rest)
    address = said.get("button_url") or said.get("url") or said.get("link") or said.get("href", "")
    words = said.get("title") or said.get("heading") or said.get("text") or ""
    if words and TITLED.search(name):
        return f"<h3>{words}</h3>"
    if name == "vc_single_image" and said.get("image"):
        return gallery_picture(said["image"], sources)
    if name == "et_pb_image" and said.get("src"):
        return f'<p><img src="{said["src"]}" alt="{said.get("alt", "")}"></p>'
    shown = said.get("button_text", "")
    return f'<p><a href="{address}">{shown}</a></p>' if shown else ""


def parts_lines(match: re.Match[str]) -> bool:
    """Whether a line begins before it or ends after it, so that it parted what stood around it."""
    before = match.string[max(0, match.start() - NEAR) : match.start()].rstrip(" \t")
    after = match.string[match.end() : match.end() + NEAR].lstrip(" \t")
    return before[-1:] in {"", "\n", "]"} or after[:1] in {"", "\n", "["}


def caption(match: re.Match[str]) -> str:
    """[caption]picture words[/caption] as the figure that readers saw.

    Before 2012 the words were in an attribute.
    """
    words = match[3].strip() or attributes(match[1]).get("caption", "")
    return f"<figure>{match[2]}<figcaption>{words}</figcaption></figure>"


def core(name: str, closes: bool, rest: str, sources: Sources, found: Text) -> str:
    said = attributes(rest)
    if name == "gallery":
        named = said.get("ids") or said.get("include") or ""
        ids = [one.strip() for one in named.split(",") if one.strip()] or sources.attached()
        if not ids:
            found.note("left out: a gallery that names no pictures")
        return "\n\n".join(gallery_picture(one, sources) for one in ids)
    if name == "playlist" and not closes:
        found.note(f"left out: shortcode [playlist{rest[:160]}]")
    address = next((value for value in said.values() if value.startswith("http")), "")
    return f'<p><a href="{address}">{address}</a></p>' if address and not closes else ""


def gallery_picture(one: str, sources: Sources) -> str:
    return f'<p><img src="{sources.attachment(one)}" class="wp-image-{one}"></p>'
