"""What visitors find, and that nothing they type breaks the search."""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, Revision, Topic
from clinic.search import LONGEST_QUERY, Document, find, fold, snippet
from tests import build
from tests.locations.build import service

CountQueries = Callable[[int], AbstractContextManager[object]]

# Other work on the machine may slow a single example; the answer is what counts.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_numbers = itertools.count(1)


def article(live_from: dt.datetime | None = None, text: str = "", **values: Any) -> Article:
    """A published article, unless `live_from` is still to come."""
    number = next(_numbers)
    topic, _new = Topic.objects.get_or_create(slug="sleep", defaults={"name": "Sleep"})
    made = Article.objects.create(slug=f"article-{number}", topic=topic)
    defaults = {
        "number": 1, "title": f"Article {number}", "short_title": f"Article {number}",
        "description": "A description for lists.", "summary": "S.", "body": "B.",
        "rendered": {"text": text},
    }  # fmt: skip
    made.live_revision = Revision.objects.create(article=made, **(defaults | values))
    made.live_from = made.published_at = live_from or timezone.now() - dt.timedelta(days=number)
    made.save()
    return made


def titles(query: str) -> list[str]:
    return [hit.title for hit in find(query)]


# --- What is found --------------------------------------------------------------------------


@pytest.mark.django_db
def test_find_looks_in_articles_services_and_clinics() -> None:
    article(title="Rest and sleep")
    service(name="Sleep talk")
    build.location(name="Sleepy Hollow")
    assert [(hit.kind, hit.title) for hit in find("sleep")] == [
        ("Article", "Rest and sleep"),
        ("Service", "Sleep talk"),
        ("Clinic", "Sleepy Hollow"),
    ]


@pytest.mark.django_db
def test_find_shows_only_what_the_public_may_see() -> None:
    article(title="Sleep soon", live_from=timezone.now() + dt.timedelta(hours=1))
    Article.objects.create(slug="sleep-draft", topic=Topic.objects.get())
    service(name="Sleep service", is_listed=False)
    build.location(name="Sleepy Hollow", state="closed")
    assert titles("sleep") == []
    article(title="Sleep now")
    assert titles("sleep") == ["Sleep now"]


@pytest.mark.django_db
def test_find_in_the_text_after_the_title() -> None:
    article(title="In the text", text="We talk about sleep here.")
    article(title="Sleep in the title")
    assert titles("sleep") == ["Sleep in the title", "In the text"]


@pytest.mark.django_db
def test_find_needs_every_word_in_any_order_and_anywhere() -> None:
    article(title="Sleep and light", text="Go to bed on time.")
    article(title="Sleep only")
    assert titles("bed SLEEP") == ["Sleep and light"]
    assert titles("bed sleep nowhere") == []


@pytest.mark.django_db
def test_find_folds_case_accents_and_finds_parts_of_words() -> None:
    article(title="Café Zürich", text="infusions")
    assert (
        titles("cafe") == titles("ZURICH") == titles("infus") == titles("urich") == ["Café Zürich"]
    )


@pytest.mark.django_db
def test_find_reads_questions_and_descriptions() -> None:
    article(title="One", text="Text.\nWho drives me home?\nA friend.")
    article(title="Two", description="About the way home.")
    assert sorted(titles("home")) == ["One", "Two"]


@pytest.mark.django_db
def test_find_falls_back_to_the_markdown_of_a_revision_without_text() -> None:
    article(title="Plain", rendered={}, body="Something about herons.")
    assert titles("heron") == ["Plain"]


@pytest.mark.django_db
def test_find_a_clinic_by_town_area_street_or_phone() -> None:
    build.location(name="Opelika", area="Auburn, AL", street="100 Example St", phone="+12055550199")
    build.location(name="Elsewhere", phone="+12055550100")
    for query in ("opelika", "auburn", "100 example", "205 555-0199"):
        assert titles(query) == ["Opelika"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", " ", "%", "'\"", "🎈", "*", "\\"])
def test_find_without_a_word_finds_nothing(query: str) -> None:
    article(title="Sleep")
    assert find(query) == []


@pytest.mark.django_db
@unhurried
@given(st.text(max_size=300))
def test_find_takes_any_text(query: str) -> None:
    find(query)


@given(st.text(), st.text(min_size=1, max_size=20))
@unhurried
def test_any_text_that_holds_the_word_is_found_and_its_snippet_is_safe(
    text: str, word: str
) -> None:
    cut = snippet(f"{text} <b>{word}</b>", [fold(word)])
    assert not re.search(r"<(?!/?mark>)", cut)
    assert Document("", "", "", f"{text} sleep").weight(["sleep"]) > 0


# --- Snippets -------------------------------------------------------------------------------


def test_snippet_marks_the_words_found_and_escapes_the_rest() -> None:
    assert snippet("Depressión & <b>sleep</b> again", ["depress", "sleep"]) == (
        "<mark>Depressión</mark> &amp; &lt;b&gt;<mark>sleep</mark>&lt;/b&gt; again"
    )


def test_snippet_is_cut_around_the_first_word_found() -> None:
    text = "word " * 100 + "sleep well " + "word " * 100
    cut = snippet(text, ["sleep"])
    assert cut.startswith("… word")
    assert "<mark>sleep</mark> well word" in cut
    assert cut.endswith("word…")
    assert len(cut) < 210


# --- The page -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_search_page_lists_what_was_found(client: Client) -> None:
    made = article(title="Sleep & rest", text="Sleep well.")
    page = client.get("/search/", {"q": "sleep"}).content.decode()
    assert f'<a href="/articles/{made.slug}/">Sleep &amp; rest</a>' in page
    assert "1 result for" in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.django_db
def test_search_page_that_finds_nothing_shows_topics_and_the_form(client: Client) -> None:
    article()
    page = client.get("/search/", {"q": "qqqq"}).content.decode()
    assert "Nothing found for “qqqq”" in page
    assert '<a href="/articles/topics/sleep/">Sleep</a>' in page
    assert 'value="qqqq"' in page


@pytest.mark.django_db
def test_search_page_without_a_query_shows_the_form_and_topics(client: Client) -> None:
    article(title="Sleep")
    page = client.get("/search/").content.decode()
    assert '<a href="/articles/topics/sleep/">Sleep</a>' in page
    assert "Nothing found" not in page
    assert "/articles/article-" not in page


@pytest.mark.django_db
def test_search_page_cuts_a_very_long_query(client: Client) -> None:
    response = client.get("/search/", {"q": "a" * 5000})
    assert response.status_code == 200
    assert response.context["query"] == "a" * LONGEST_QUERY


@pytest.mark.django_db
@pytest.mark.parametrize("query", ['"', "'; DROP TABLE", "%", "<script>alert(1)</script>", "a*(b"])
def test_search_page_takes_hostile_queries(client: Client, query: str) -> None:
    article(title="A and b")
    response = client.get("/search/", {"q": query, "page": query})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


@pytest.mark.django_db
def test_search_page_refuses_a_nul_with_400(client: Client) -> None:
    assert client.get("/search/?q=%00").status_code == 400


@pytest.mark.django_db
def test_search_page_has_pages_that_keep_the_query(client: Client) -> None:
    for _number in range(11):
        article(title="Sleep & light")
    first = client.get("/search/", {"q": "sleep & light"})
    second = client.get("/search/", {"q": "sleep & light", "page": "2"})
    assert len(first.context["results"]) == 10
    assert len(second.context["results"]) == 1
    assert 'href="?q=sleep+%26+light&amp;page=2"' in first.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_search_page_takes_four_queries_for_any_number_of_hits(
    client: Client, count: int, django_assert_num_queries: CountQueries
) -> None:
    for _number in range(count):
        article(title="Sleep")
        service(name="Sleep")
        build.location(name="Sleep")
    with django_assert_num_queries(4):  # articles, services, clinics, the frame
        page = client.get("/search/", {"q": "sleep"})
    assert page.context["count"] == 3 * count


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "is_shown"), [("I want to die", True), ("sleep", False)])
def test_search_page_puts_crisis_help_first_when_the_words_ask_for_it(
    client: Client, query: str, is_shown: bool
) -> None:
    page = client.get("/search/", {"q": query}).content.decode()
    assert ('class="crisis large"' in page) is is_shown
