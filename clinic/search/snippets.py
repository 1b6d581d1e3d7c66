"""The part of a text that shows why it was found, with the words marked."""

import re
from collections.abc import Set as AbstractSet

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from clinic import seo
from clinic.words import WORD, stem

SNIPPET_LENGTH = 180
SHARED = 3  # So many letters a word has in common with its stem.


def snippet(text: str, stems: AbstractSet[str]) -> SafeString:
    """Safe HTML: the stretch that holds the most of the words, each in a <mark>."""
    text = " ".join(text.split())
    start = best_start(text, stems)
    part = seo.fit(text[start:], SNIPPET_LENGTH)
    return format_html("{}{}", "… " if start else "", marked(part, stems))


def best_start(text: str, stems: AbstractSet[str]) -> int:
    """Where to cut: before the word from which the most different words follow, the first such."""
    found = [(match.start(), stem(match[0])) for match in beginnings(stems).finditer(text)]
    found = [(place, word) for place, word in found if word in stems]
    best, most = 0, 0
    for n, (place, _word) in enumerate(found):
        end = place + SNIPPET_LENGTH * 2 // 3
        near = {word for later, word in found[n : n + 12] if later < end}
        if len(near) > most:
            best, most = place, len(near)
    start = max(0, best - SNIPPET_LENGTH // 3)
    return text.find(" ", start) + 1 if start else 0


def beginnings(stems: AbstractSet[str]) -> re.Pattern[str]:
    """Words that may have one of the stems: they begin with its letters, or with others than ASCII.

    A long text is cut by its few such words; bringing each word of it to its stem would take long.
    """
    starts = "|".join(sorted({word[:SHARED] for word in stems})) or "(?!)"
    return re.compile(
        rf"(?<![^\W_])(?=(?i:{starts})|[^\W_]{{0,{SHARED - 1}}}[^\x00-\x7f]){WORD.pattern}"
    )


def marked(text: str, stems: AbstractSet[str]) -> SafeString:
    pieces, end = [], 0
    for match in WORD.finditer(text):
        if stem(match[0]) in stems:
            pieces += [escape(text[end : match.start()]), f"<mark>{escape(match[0])}</mark>"]
            end = match.end()
    return mark_safe("".join([*pieces, escape(text[end:])]))
