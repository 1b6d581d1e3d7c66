"""One search over articles, services and clinics.

Plain: every word of the query must be found, whole or as part of a word, somewhere in what is
searched; case and accents do not count; a word in the title weighs most.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from articles import markdown
from articles.models import Article, Topic
from clinic import seo
from clinic.safety import reads_like_crisis
from locations.models import Location, Service

LONGEST_QUERY = 200
HITS_ON_A_PAGE = 10
SNIPPET_LENGTH = 180
WORD = re.compile(r"\w+")

# What a word of the query is worth, by where it is found.
STARTS_A_TITLE_WORD, IN_THE_TITLE, STARTS_A_WORD, IN_A_WORD = 8, 4, 2, 1


@dataclass(frozen=True)
class Hit:
    kind: str
    title: str
    url: str
    snippet: SafeString


@dataclass(frozen=True)
class Document:
    """Something that can be found. The snippet is cut from `text`, whose start says what it is."""

    kind: str
    title: str
    url: str
    text: str

    def weight(self, words: list[str]) -> int:
        """How well the folded words are found here; 0 unless all of them are."""
        title, text = _folded_words(self.title), _folded_words(self.text)
        weights = [_word_weight(word, title, text) for word in words]
        return sum(weights) if all(weights) else 0


def find(query: str) -> list[Hit]:
    """What was meant, best first. Any text is a query; one without a word finds nothing."""
    words = [fold(word) for word in WORD.findall(query[:LONGEST_QUERY])]
    if not words:
        return []
    weighed = [(document.weight(words), document) for document in documents()]
    found = sorted((pair for pair in weighed if pair[0]), key=lambda pair: -pair[0])
    return [
        Hit(document.kind, document.title, document.url, snippet(document.text, words))
        for _weight, document in found
    ]


def documents() -> Iterator[Document]:
    """Everything the public may find, in the order that breaks a tie."""
    for article in Article.objects.published().with_revisions():
        revision = article.revision
        words = revision.rendered.get("text") or plain(revision.body)
        text = f"{revision.description} {words}"
        yield Document(_("Article"), revision.title, article.get_absolute_url(), text)
    for service in Service.objects.listed():
        text = f"{service.description} {plain(service.body)}"
        yield Document(_("Service"), service.name, service.get_absolute_url(), text)
    for clinic in Location.objects.listed():
        facts = [clinic.practice_name, clinic.area, *clinic.address_lines, clinic.phone_display]
        text = ", ".join(fact for fact in facts if fact)
        yield Document(_("Clinic"), clinic.name, clinic.get_absolute_url(), text)


def plain(markdown_text: str) -> str:
    return markdown.plain_text(markdown.parse(markdown_text))


def fold(text: str) -> str:
    """Without case and accents. Length may change: fold word by word where places matter."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def snippet(text: str, words: list[str]) -> SafeString:
    """The part of the text around the first word found, as safe HTML with the words marked."""
    text = " ".join(text.split())
    first = next((match for match in WORD.finditer(text) if _is_found(match[0], words)), None)
    start = max(0, first.start() - SNIPPET_LENGTH // 3) if first else 0
    if start:
        start = text.find(" ", start) + 1
    part = seo.fit(text[start:], SNIPPET_LENGTH)
    return format_html("{}{}", "… " if start else "", _marked(part, words))


def _marked(text: str, words: list[str]) -> SafeString:
    # Splitting by a group gives what lies between words and the words in turn.
    pieces = re.split(rf"({WORD.pattern})", text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", piece) if _is_found(piece, words) else piece,)
            for piece in pieces
        ),
    )


def _is_found(word: str, words: list[str]) -> bool:
    folded = fold(word)
    return any(wanted in folded for wanted in words)


def _folded_words(text: str) -> set[str]:
    return set(WORD.findall(fold(text)))


def _word_weight(word: str, title: set[str], text: set[str]) -> int:
    if any(candidate.startswith(word) for candidate in title):
        return STARTS_A_TITLE_WORD
    if any(word in candidate for candidate in title):
        return IN_THE_TITLE
    if any(candidate.startswith(word) for candidate in text):
        return STARTS_A_WORD
    return IN_A_WORD if any(word in candidate for candidate in text) else 0


class SearchForm(forms.Form):
    q = forms.CharField(required=False)

    def clean_q(self) -> str:
        return " ".join(self.cleaned_data["q"].split())[:LONGEST_QUERY]


@require_safe
@cache_control(private=True, max_age=60)
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    hits = find(query)
    page = Paginator(hits, HITS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "query": query,
        "crisis": bool(query) and reads_like_crisis(query),
        "count": len(hits),
        "total": len(hits),
        "results": page.object_list,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "page_query": format_html("{}&amp;", urlencode({"q": query})),
        "topics": [] if hits else topics(),
    }
    return render(request, "search.html", context)


def topics() -> list[dict[str, str]]:
    return [{"name": topic.name, "url": topic.get_absolute_url()} for topic in Topic.objects.all()]
