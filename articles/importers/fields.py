"""Words for fields that WordPress has not, taken from the nearest it has."""

import datetime as dt
import re

from django.utils.text import Truncator

from articles.importers.wxr import Item

DESCRIPTION = (50, 160)
TO_WRITE = (
    "Brought along from the former site: what search results should say here is to be written."
)
# Titles and descriptions for search results, by the plugin: Yoast, Rank Math, SEOPress, All in One.
SEO_TITLES = ("_yoast_wpseo_title", "rank_math_title", "_seopress_titles_title", "_aioseo_title")
SEO_DESCRIPTIONS = (
    "_yoast_wpseo_metadesc", "rank_math_description", "_seopress_titles_desc",
    "_aioseo_description", "_aioseop_description",
)  # fmt: skip
# What the plugin filled in: %%title%%, %sep%, #post_title, with the dashes around it.
PLACEHOLDER = re.compile(r"%%\w{1,40}%%|%[a-z_]{2,40}(?:\([^()]{0,40}\))?%|#[a-z]+_[a-z_]+\b")


def of_plugin(item: Item, names: tuple[str, ...]) -> str:
    """What a plugin for search engines kept, without what it would have filled in."""
    said = next((item.meta[name] for name in names if item.meta.get(name)), "")[:1000]
    return " ".join(PLACEHOLDER.sub(" ", said).split()).strip(" :,;|–-")  # noqa: RUF001


def note(item: Item) -> str:
    when = f", {item.published.astimezone(dt.UTC):%Y-%m-%d}" if item.published else ""
    return f"Brought along from WordPress ({item.status}{when})"[:200]


def short_title(item: Item) -> str:
    """The title for search results. Those hold no figures."""
    named = of_plugin(item, SEO_TITLES) or item.title[:300]
    words = " ".join(word for word in named.split() if not re.search(r"\d", word)).strip(" :,;-")
    return Truncator(words).chars(60) or "Brought along: title to be written"


def description(words: str) -> str:
    """50 to 160 characters without figures: whole sentences where that is possible."""
    found = ""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(words.split())):
        longer = f"{found} {sentence}".strip()
        if re.search(r"\d", sentence) or len(longer) > DESCRIPTION[1]:
            continue
        found = longer
    return found if len(found) >= DESCRIPTION[0] else TO_WRITE


def first_paragraph(body: str) -> str:
    """The first that is words: no heading, list, table or picture."""
    for paragraph in body.split("\n\n"):
        if not re.match(r"[#>|`!-]|\*\*Picture |\d+\.", paragraph) and len(paragraph) > 40:
            return paragraph
    return ""
