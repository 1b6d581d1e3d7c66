"""What search engines read: titles, descriptions, addresses and structured data.

All of it is made from the objects that the page shows, so that it cannot say anything else.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

TITLE_LENGTH = 60
DESCRIPTION_LENGTH = 160
# Inside a script element only these can end it or change how it is read.
JSON_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def absolute(path: str) -> str:
    """The full, canonical address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


def organization_id() -> str:
    """The name by which all structured data calls the organization behind the site."""
    return absolute("/#organization")


def title(text: str, site_name: str = "") -> str:
    """A page's title in at most 60 characters; the site's name follows where there is room."""
    named = f"{text} · {site_name}"
    if site_name and site_name not in text and len(named) <= TITLE_LENGTH:
        return named
    return fit(text, TITLE_LENGTH)


def description(text: str) -> str:
    return fit(text, DESCRIPTION_LENGTH)


def fit(text: str, limit: int) -> str:
    """The text on one line, cut between words where it is too long."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut, _space, _rest = text[:limit].rpartition(" ")
    return f"{(cut or text[: limit - 1]).rstrip(' ,;:.-')}…"


def json_ld(data: Mapping[str, Any]) -> SafeString:
    """A script element with structured data. Text in it cannot end the element."""
    whole = {"@context": "https://schema.org", **data}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return format_html(
        '<script type="application/ld+json">{}</script>', mark_safe(text.translate(JSON_ESCAPES))
    )


def breadcrumb_list(crumbs: list[tuple[str, str]], here: tuple[str, str]) -> dict[str, Any]:
    """The breadcrumbs of a page, the page itself last, as (label, path)."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "name": str(label), "item": absolute(path)}
            for n, (label, path) in enumerate([*crumbs, here], 1)
        ],
    }
