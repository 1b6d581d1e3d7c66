"""The page of results, and the suggestions while somebody types."""

from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from articles.models import Topic
from clinic.index import without_waiting_for_the_disk
from clinic.models import SearchMiss
from clinic.safety import reads_like_crisis
from clinic.search import suggestions
from clinic.search.everyday import EVERYDAY
from clinic.search.find import Found, find
from clinic.search.query import LONGEST_QUERY
from clinic.search.spelling import in_our_words

HITS_ON_A_PAGE = 10
# So many characters are read for crisis; the search itself takes fewer.
LONGEST_READ = 5_000
# A visitor may go back to a list; nobody else keeps what was searched.
kept_by_the_visitor = cache_control(private=True, max_age=60)


class SearchForm(forms.Form):
    q = forms.CharField(required=False)
    exact = forms.BooleanField(required=False)

    def clean_q(self) -> str:
        return " ".join(self.cleaned_data["q"][:LONGEST_READ].split())


@require_safe
@kept_by_the_visitor
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    typed, exact = (
        (form.cleaned_data["q"], form.cleaned_data["exact"]) if form.is_valid() else ("", False)
    )
    query = typed[:LONGEST_QUERY]
    found = find(query, exact=exact)
    page = Paginator(found.ranked, HITS_ON_A_PAGE).get_page(request.GET.get("page"))
    is_crisis = reads_like_crisis(typed) or reads_like_crisis(found.corrected)
    if request.method == "GET" and "page" not in request.GET and not is_crisis:
        count_a_miss(found)
    context = {
        "query": query,
        "crisis": is_crisis,
        "corrected": found.corrected,
        "exactly": urlencode({"q": query, "exact": "1"}),
        "total": len(found.ranked),
        "results": found.hits(page.start_index() - 1, page.end_index()) if found.ranked else [],
        "some_have_all": found.has_all,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "page_query": format_html(
            "{}&amp;", urlencode({"q": query} | ({"exact": "1"} if exact else {}))
        ),
        "suggestions": [] if found.ranked or is_crisis else suggestions.suggest(query),
        "topics": [] if found.ranked else topics(),
    }
    return render(request, "search.html", context)


@require_safe
@kept_by_the_visitor
def suggest(request: HttpRequest) -> JsonResponse:
    """Pages for what was typed so far; nothing where it reads like crisis: that is for the page."""
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    found = [] if reads_like_crisis(query) else suggestions.suggest(query)
    return JsonResponse({"suggestions": found})


def count_a_miss(found: Found) -> None:
    """Counts for editors a search of which no page has all words, in words that the site uses.

    The page is shown whether or not it could be counted.
    """
    if found.has_all or not found.words:
        return
    said = [word for word in found.words if word.quoted or not EVERYDAY.is_small(word.folded)]
    words = " ".join(in_our_words(said))
    if words:
        try:
            with without_waiting_for_the_disk():
                SearchMiss.objects.count_in(words[:LONGEST_QUERY])
        except DatabaseFault:
            return


def topics() -> list[dict[str, str]]:
    return [{"name": topic.name, "url": topic.get_absolute_url()} for topic in Topic.objects.all()]
