"""An article moves: its readers are sent on, and nobody else gets the place it left."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Article, OldAddress
from clinic.models import SearchEntry
from tests import build
from tests.articles import build as articles
from tests.articles.test_admin import form_of, signed_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site() -> None:
    build.site_text()


@pytest.fixture
def editor() -> Client:
    return signed_in(build.user("Editor"))


def move(client: Client, article: Article, slug: str) -> list[str]:
    """Types another address into the form. The fields that the form refuses."""
    response = client.post(url("change", article), form_of(article, slug=slug))
    return list(response.context["adminform"].form.errors) if response.status_code == 200 else []


def led_to(slug: str) -> tuple[int, str]:
    response = Client().get(reverse("articles:detail", args=[slug]))
    return response.status_code, response.get("Location", "")


def test_old_address_of_a_live_article_leads_to_the_new_one_for_good(editor: Client) -> None:
    article = articles.published(slug="one")
    assert move(editor, article, "two") == []
    assert led_to("one") == (301, "/articles/two/")
    assert led_to("two") == (200, "")


def test_chain_of_moves_is_one_step(editor: Client) -> None:
    article = articles.published(slug="one")
    for slug in ("two", "three"):
        assert move(editor, article, slug) == []
    assert led_to("one") == (301, "/articles/three/")
    assert led_to("two") == (301, "/articles/three/")


def test_article_that_moves_back_leaves_no_circle(editor: Client) -> None:
    article = articles.published(slug="one")
    for slug in ("two", "one"):
        assert move(editor, article, slug) == []
    assert led_to("one") == (200, "")
    assert led_to("two") == (301, "/articles/one/")
    assert OldAddress.objects.count() == 1


def test_old_address_is_not_given_to_another_article(editor: Client) -> None:
    move(editor, articles.published(slug="one"), "two")
    other = articles.draft(slug="other")
    assert move(editor, other, "one") == ["slug"]
    response = editor.post("/admin/articles/article/add/", form_of(slug="one"))
    assert list(response.context["adminform"].form.errors) == ["slug"]
    with pytest.raises(ValidationError, match="sent on"):
        other.move_to("one")
    assert led_to("one") == (301, "/articles/two/")


@pytest.mark.parametrize("slug", ["feed", "other", "no spaces"])
def test_address_that_is_taken_or_none_is_refused(editor: Client, slug: str) -> None:
    articles.draft(slug="other")
    article = articles.published(slug="one")
    assert move(editor, article, slug) == ["slug"]
    with pytest.raises(ValidationError):
        article.move_to(slug)
    assert led_to("one") == (200, "")


def test_address_that_no_reader_knew_leaves_nothing(editor: Client) -> None:
    move(editor, articles.draft(slug="one"), "two")
    assert not OldAddress.objects.exists()
    assert led_to("one") == (404, "")


def test_old_address_of_a_withdrawn_article_leads_nowhere(editor: Client) -> None:
    article = articles.published(slug="one")
    move(editor, article, "two")
    article.withdraw(build.user("Editor"))
    assert led_to("one") == (404, "")


def test_search_finds_a_moved_article_once_and_at_its_new_address(editor: Client) -> None:
    move(editor, articles.published(slug="one", title="A lantern"), "two")
    entries = SearchEntry.objects.filter(kind=SearchEntry.Kind.ARTICLE)
    assert list(entries.values_list("path", flat=True)) == ["/articles/two/"]
    assert "/articles/two/" in Client().get("/search/?q=lantern").content.decode()


def test_redirect_costs_the_article_page_no_query(editor: Client) -> None:
    shared = articles.topic()
    moved, stayed = (articles.published(slug=slug, topic=shared) for slug in ("one", "stayed"))
    assert move(editor, moved, "two") == []
    counts = []
    for address in ("/articles/two/", stayed.get_absolute_url()):
        Client().get(address)
        with CaptureQueriesContext(connection) as captured:
            Client().get(address)
        counts.append(len(captured))
        assert not any("oldaddress" in query["sql"] for query in captured)
    assert counts[0] == counts[1]


def test_move_keeps_what_was_published_meanwhile(editor: Client) -> None:
    """The verb writes the address alone, whatever the copy in hand says of the rest."""
    article = articles.approved(slug="one")
    stale = Article.objects.get(pk=article.pk)
    article.publish(article.revisions.latest(), build.user("Editor"))
    stale.move_to("two")
    assert led_to("two") == (200, "")
