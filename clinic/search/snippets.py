"""The part of a text that shows why it was found, with the words marked."""

from collections.abc import Set as AbstractSet

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clinic import seo
from clinic.words import WORD, stem

SNIPPET_LENGTH = 180


def snippet(text: str, stems: AbstractSet[str]) -> SafeString:
    """Safe HTML: the stretch that holds the most of the words, each in a <mark>."""
    text = " ".join(text.split())
    start = best_start(text, stems)
    part = seo.fit(text[start:], SNIPPET_LENGTH)
    return format_html("{}{}", "… " if start else "", marked(part, stems))


def best_start(text: str, stems: AbstractSet[str]) -> int:
    """Where to cut: before the word from which the most different words follow, the first such."""
    found = [(match.start(), stem(match[0])) for match in WORD.finditer(text)]
    found = [(place, word) for place, word in found if word in stems]
    best, most = 0, 0
    for n, (place, _word) in enumerate(found):
        near = {
            word for later, word in found[n : n + 12] if later < place + SNIPPET_LENGTH * 2 // 3
        }
        if len(near) > most:
            best, most = place, len(near)
    start = max(0, best - SNIPPET_LENGTH // 3)
    return text.find(" ", start) + 1 if start else 0


def marked(text: str, stems: AbstractSet[str]) -> SafeString:
    pieces, end = [], 0
    for match in WORD.finditer(text):
        word = match[0]
        pieces.append((text[end : match.start()],))
        pieces.append((format_html("<mark>{}</mark>", word) if stem(word) in stems else word,))
        end = match.end()
    pieces.append((text[end:],))
    return format_html_join("", "{}", pieces)
