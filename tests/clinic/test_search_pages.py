"""The page of results, the suggestions, and what editors learn of searches that found nothing."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Topic
from clinic.models import SearchMiss
from clinic.search.query import LONGEST_QUERY
from tests import build
from tests.clinic.build import page

pytestmark = pytest.mark.django_db

CountQueries = Callable[[int], AbstractContextManager[object]]
HOSTILE = [
    "\u202e\u05d0\u05d1 (\u0645)",
    "a" * 100_000,
    "a " * 50_000,
    "'" * 5_000,
    '"',
    "'; DROP TABLE",
    "%",
    "<script>alert(1)</script>",
    "a*(b",
    "NEAR(a b)",
    "💙" * 500,
]


def text_of(client: Client, query: str, **more: str) -> str:
    return client.get("/search/", {"q": query} | more).content.decode()


def misses() -> list[tuple[str, int]]:
    return list(SearchMiss.objects.values_list("words", "count"))


# --- Results ------------------------------------------------------------------------------------


def test_results_are_listed_with_the_words_marked(client: Client) -> None:
    page(title="Sleep & rest", path="/articles/sleep/", opening="How to sleep well.")
    text = text_of(client, "sleeping")
    assert '<a href="/articles/sleep/">Sleep &amp; rest</a>' in text
    assert "How to <mark>sleep</mark> well." in text
    assert "1 result for “sleeping”" in text
    assert '<meta name="robots" content="noindex">' in text


def test_a_question_says_which_article_it_stands_in(client: Client) -> None:
    question = {"question": "Will I be asleep?", "answer": "Seldom.", "anchor": "question-1"}
    page(title="Five things", path="/articles/five/", questions=[question])
    text = text_of(client, "asleep")
    assert '<a href="/articles/five/#question-1">Will I be asleep?</a>' in text
    assert "In: Five things" in text


def test_misspelled_words_are_mended_with_a_way_to_search_for_exactly_that(client: Client) -> None:
    page(title="Spravato")
    text = text_of(client, "spravatto")
    assert "Showing results for <strong>spravato</strong>" in text
    (exactly,) = re.findall(r'href="(/search/\?q=spravatto&amp;exact=1)"', text)
    exact = client.get(exactly.replace("&amp;", "&")).content.decode()
    assert "Nothing found for “spravatto”" in exact
    assert "Showing results" not in exact


def test_results_with_only_some_of_the_words_say_so(client: Client) -> None:
    page(title="Sleep")
    page(title="Light")
    assert "No page has all of these words" in text_of(client, "sleep light")
    assert "No page has all of these words" not in text_of(client, "sleep")


def test_nothing_found_shows_topics_phones_and_the_form(client: Client) -> None:
    build.location(name="Opelika", phone="+12055550134")
    Topic.objects.create(slug="sleep", name="Sleep")
    text = text_of(client, "qqqq")
    assert "Nothing found for “qqqq”" in text
    assert '<a href="/articles/topics/sleep/">Sleep</a>' in text
    number = '<a class="phone-number" href="tel:+12055550134">(205) 555-0134</a>'
    assert f"<dt>Call Opelika</dt><dd>{number}</dd>" in text
    main = text.partition("<main")[2].partition("</main>")[0]
    assert '<a class="button" href="/consult/">Request a consult</a>' in main
    assert 'value="qqqq"' in text


def test_without_a_query_there_is_the_form_and_topics(client: Client) -> None:
    Topic.objects.create(slug="sleep", name="Sleep")
    page(title="Sleep", path="/articles/sleep/")
    text = client.get("/search/").content.decode()
    assert '<a href="/articles/topics/sleep/">Sleep</a>' in text
    assert "Nothing found" not in text
    assert "/articles/sleep/" not in text


def test_pages_of_results_keep_the_query(client: Client) -> None:
    for _number in range(11):
        page(title="Sleep & light")
    first = client.get("/search/", {"q": "sleep & light", "exact": "1"})
    second = client.get("/search/", {"q": "sleep & light", "page": "2"})
    assert len(first.context["results"]) == 10
    assert len(second.context["results"]) == 1
    assert 'href="?q=sleep+%26+light&amp;exact=1&amp;page=2"' in first.content.decode()


def queries_of(client: Client, query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get("/search/", {"q": query})
    return len(queries)


@pytest.mark.parametrize(("query", "most"), [("sleep", 10), ("sleep hollow", 11), ("sleeep", 13)])
def test_the_number_of_queries_does_not_grow_with_the_results(
    client: Client, query: str, most: int
) -> None:
    counts = []
    for _round in range(3):
        page("article", title="Sleep well", text="Sleep.")
        page("service", title="Sleep talk")
        page("clinic", title="Sleep in Hollow")
        counts.append(queries_of(client, query))
    assert counts == [counts[0]] * 3
    assert counts[0] <= most


def test_the_visitor_alone_keeps_a_page_of_results(client: Client) -> None:
    for path in ("/search/?q=a", "/search/suggest/?q=sleep"):
        response = client.get(path)
        kept = set(response.headers["Cache-Control"].split(", "))
        assert kept == {"private", "max-age=60"}
        assert response.cookies == {}
        assert client.post(path).status_code == 405


# --- Any input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/search/", "/search/suggest/"])
@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_answered(client: Client, path: str, query: str) -> None:
    page(title="A and b")
    response = client.get(path, {"q": query, "page": query, "exact": query})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("path", ["/search/", "/search/suggest/"])
@pytest.mark.parametrize("octets", ["%ED%A0%80", "%ff%fe", "%C0%80", "a%ED%BF%BFb", "%", "%zz"])
def test_octets_that_are_no_text_are_answered(client: Client, path: str, octets: str) -> None:
    page(title="A and b")
    assert client.get(f"{path}?q={octets}").status_code in {200, 400}


@pytest.mark.parametrize("path", ["/search/", "/search/suggest/"])
def test_a_nul_is_refused_with_400(client: Client, path: str) -> None:
    assert client.get(f"{path}?q=%00").status_code == 400


@given(st.text(max_size=80).filter(lambda text: "\0" not in text))
def test_any_text_is_answered(query: str) -> None:
    for path in ("/search/", "/search/suggest/"):
        assert Client().get(path, {"q": query}).status_code in {200, 400}


def test_a_very_long_query_is_cut(client: Client) -> None:
    response = client.get("/search/", {"q": "a" * 10_000})
    assert response.status_code == 200
    assert response.context["query"] == "a" * LONGEST_QUERY
    assert client.get("/search/suggest/", {"q": "a" * 10_000}).json() == {"suggestions": []}


# --- Suggestions --------------------------------------------------------------------------------


def suggested(client: Client, query: str) -> list[dict[str, Any]]:
    suggestions: list[dict[str, Any]] = client.get("/search/suggest/", {"q": query}).json()[
        "suggestions"
    ]
    return suggestions


def test_suggestions_complete_the_last_word(client: Client) -> None:
    page(title="Infusions at home", path="/articles/one/")
    page(title="Something else", text="Infusions.")
    wanted = [{"title": "Infusions at home", "kind": "Article", "url": "/articles/one/"}]
    for query in ("inf", "infusio", "INFUSIONS", "home infus", "infusions h"):
        assert suggested(client, query) == wanted
    for query in ("", "i", "   ", "zzz", "else infus"):
        assert suggested(client, query) == []


def test_suggestions_mend_the_spelling_where_nothing_begins_like_that(client: Client) -> None:
    page(title="Spravato at home", path="/articles/one/")
    wanted = [{"title": "Spravato at home", "kind": "Article", "url": "/articles/one/"}]
    for query in ("spravatto", "spravatto ho", "home spravat"):
        assert suggested(client, query) == wanted


def test_nothing_found_lists_the_suggestions_for_those_without_javascript(client: Client) -> None:
    page(title="Spravato at home", path="/articles/one/")
    text = text_of(client, "spr")
    assert "Nothing found for “spr”" in text
    assert '<a href="/articles/one/">Spravato at home</a>' in text
    assert suggested(client, "spr") != []
    assert "/articles/one/" not in text_of(client, "zzz")


def test_suggestions_are_six_at_most_and_never_what_is_not_live(client: Client) -> None:
    for _number in range(8):
        page(title="Sleep")
    assert len(suggested(client, "slee")) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_suggestions_take_six_queries(
    client: Client, count: int, django_assert_num_queries: CountQueries
) -> None:
    for _number in range(count):
        page(title="Sleep")
    with django_assert_num_queries(6):
        assert len(suggested(client, "slee")) == count


# --- Crisis -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "is_crisis"),
    [("I want to die", True), ("sleep " * 60 + "I want to die", True), ("sleep", False)],
)
def test_words_that_read_like_crisis_show_help_first_and_are_not_counted(
    client: Client, query: str, is_crisis: bool
) -> None:
    page(title="Sleep and want", text="I, to die.")
    text = text_of(client, f"{query} heron want")
    assert ('class="crisis large"' in text) is is_crisis
    if is_crisis:
        assert text.index('class="crisis large"') < text.index('class="results"')
        assert suggested(client, f"{query} want") == []
    assert bool(misses()) is not is_crisis


# --- Searches that found nothing ----------------------------------------------------------------


def test_a_miss_is_counted_in_the_words_that_the_site_uses(client: Client) -> None:
    page(title="Sleep, marked")
    page(title="Light")
    for _search in range(2):
        client.get("/search/", {"q": "The Light for Jane Roe Mark sleeping"})
    assert misses() == [("light marked sleep", 2)]


@pytest.mark.parametrize("query", ["sleep", "jane roe", "205 555 0134", "", "the and of"])
def test_a_search_that_found_something_or_has_no_word_of_ours_is_not_counted(
    client: Client, query: str
) -> None:
    page(title="Sleep")
    client.get("/search/", {"q": query})
    assert misses() == []


def test_further_pages_and_head_requests_are_not_counted(client: Client) -> None:
    page(title="Sleep")
    page(title="Light")
    client.get("/search/", {"q": "sleep light", "page": "2"})
    client.head("/search/", {"q": "sleep light"})
    client.get("/search/suggest/", {"q": "sleep light"})
    assert misses() == []


def test_the_page_is_shown_though_the_miss_cannot_be_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("clinic.index.SearchMissQuerySet.count_in", refuse)
    page(title="Sleep")
    page(title="Light")
    assert client.get("/search/", {"q": "sleep light"}).status_code == 200


def test_editors_read_what_was_not_found_and_change_nothing(client: Client) -> None:
    SearchMiss.objects.count_in("light sleep")
    client.force_login(build.user("Editor"))
    listed = client.get(reverse("admin:clinic_searchmiss_changelist"))
    assert "light sleep" in listed.content.decode()
    assert client.get(reverse("admin:clinic_searchmiss_add")).status_code == 403
    client.force_login(build.user("Intake staff"))
    assert client.get(reverse("admin:clinic_searchmiss_changelist")).status_code == 403
