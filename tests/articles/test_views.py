"""What the public sees of articles, and what it never does."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Article
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LISTS = ["/", "/articles/", "/articles/topics/", "/articles/feed/", "/articles/feed/rss/",
         "/sitemap.xml"]  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def query_count(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def everywhere(client: Client, article: Article) -> list[str]:
    """The public addresses that name this article, its own included."""
    neighbour = articles.published(topic=article.topic)
    paths = [*LISTS, article.topic.get_absolute_url(), neighbour.get_absolute_url()]
    found = [path for path in paths if article.slug in html(client, path)]
    if client.get(article.get_absolute_url()).status_code == 200:
        found.append(article.get_absolute_url())
    return found


def test_published_article_is_everywhere(client: Client) -> None:
    article = articles.published(slug="seen-by-all", title="Seen by all")
    expected = [*LISTS, article.topic.get_absolute_url()]
    expected.remove("/articles/topics/")
    found = everywhere(client, article)
    assert [path for path in expected if path not in found] == []
    assert found[-1] == "/articles/seen-by-all/"
    assert len(found) == len(expected) + 2


def test_draft_is_nowhere(client: Client) -> None:
    assert everywhere(client, articles.draft(slug="hidden-one")) == []


def test_approved_article_is_nowhere(client: Client) -> None:
    assert everywhere(client, articles.approved(slug="hidden-one")) == []


def test_scheduled_article_is_nowhere_until_its_moment(client: Client, clock: Any) -> None:
    article = articles.approved(slug="hidden-one")
    article.publish(article.revisions.latest(), build.user("Editor"), at=NOW + HOUR)
    assert everywhere(client, article) == []
    clock.move_to(NOW + HOUR)
    assert "/articles/" in everywhere(client, article)


def test_withdrawn_article_is_nowhere(client: Client) -> None:
    article = articles.published(slug="hidden-one")
    article.withdraw(build.user("Editor"))
    assert everywhere(client, article) == []


def test_text_of_a_waiting_revision_is_not_shown(client: Client) -> None:
    article = articles.published(slug="one")
    article.save_revision(None, **articles.text(title="Only a draft", body="Unseen words."))
    page = html(client, "/articles/one/")
    assert "Only a draft" not in page
    assert "Unseen words" not in page


def test_topic_without_public_articles_is_not_listed(client: Client) -> None:
    topic = articles.topic(name="Nothing here")
    articles.draft(topic=topic)
    assert "Nothing here" not in html(client, "/articles/topics/")
    assert "Nothing to read here yet" in html(client, topic.get_absolute_url())
    assert topic.get_absolute_url() not in html(client, "/sitemap.xml")


def test_person_has_a_page_with_something_public_only(client: Client) -> None:
    reviewer, ghost = articles.person(), articles.person()
    articles.published(
        slug="reviewed-one", reviewer=reviewer, reviewed_on=NOW.date() - dt.timedelta(days=1)
    )
    articles.draft(author=ghost)
    assert "reviewed-one" in html(client, reviewer.get_absolute_url())
    assert client.get(ghost.get_absolute_url()).status_code == 404
    assert reviewer.get_absolute_url() in html(client, "/sitemap.xml")
    assert ghost.get_absolute_url() not in html(client, "/sitemap.xml")


def test_person_page_follows_the_scheduled_revision(client: Client, clock: Any) -> None:
    before, after = articles.person(), articles.person()
    article = articles.published(author=before)
    second = article.save_revision(None, **articles.text(author=after))
    articles.approve(second)
    article.publish(second, build.user("Editor"), at=NOW + HOUR)
    statuses = [client.get(who.get_absolute_url()).status_code for who in (before, after)]
    assert statuses == [200, 404]
    clock.move_to(NOW + HOUR)
    statuses = [client.get(who.get_absolute_url()).status_code for who in (before, after)]
    assert statuses == [404, 200]


def full_article() -> Article:
    return articles.published(
        slug="full",
        title="A full article </script><b>",
        main_treatment=articles.treatment(as_of=dt.date(2023, 10, 10)),
        author=articles.person(name="Ann Author", is_sample=True),
        reviewer=articles.person(name="Rae Reviewer"),
        reviewed_on=dt.date(2026, 3, 1),
        body="## One\n\nText [@fda2023].\n\n## Two\n\nText.\n\n## Three\n\nText.",
    )


def test_detail_prints_what_is_on_file(client: Client) -> None:
    article = full_article()
    page = html(client, "/articles/full/")

    assert "A full article &lt;/script&gt;&lt;b&gt;" in page
    assert article.revision.main_treatment is not None
    assert article.revision.main_treatment.statement in page
    assert "Status as of October 10, 2023" in page
    assert "Ann Author, MD" in page
    assert "Sample" in page
    assert "March 1, 2026" in page
    assert "March 4, 2026" in page
    assert "1 minute to read" in page
    assert 'href="#section-two"' in page
    assert "/consult/?from=full" in page
    assert "It does not replace advice from your own clinician" in page
    assert f'href="{article.topic.get_absolute_url()}"' in page
    assert "Call 988" in page.split("<main")[1].split("</main>")[0]


def test_detail_leaves_blank_people_and_treatment_out(client: Client) -> None:
    articles.live(slug="bare", author=None, reviewer=None)
    page = html(client, "/articles/bare/")
    for words in ("Medically reviewed", ">By ", "Status as of", "On this page", "Updated"):
        assert words not in page, words


def test_detail_says_updated_when_a_later_day_brought_a_new_text(
    client: Client, clock: Any
) -> None:
    article = articles.published(slug="one")
    clock.move_to(NOW + 48 * HOUR)
    second = article.save_revision(None, **articles.text())
    articles.approve(second)
    article.publish(second, build.user("Editor"))
    assert re.search(r"Updated\s*<time[^>]*>March 6, 2026", html(client, "/articles/one/"))


def test_detail_has_at_most_two_boxes_before_the_first_paragraph(client: Client) -> None:
    full_article()
    before = html(client, "/articles/full/").split("<main")[1].split('<div class="text prose')[0]
    assert len(re.findall(r'class="(?:callout|crisis)', before)) == 1


def test_detail_data_for_machines_comes_after_the_text(client: Client) -> None:
    full_article()
    page = html(client, "/articles/full/")
    assert page.index("</footer>") < page.index("application/ld+json")


def test_detail_ids_are_unique(client: Client) -> None:
    articles.published(slug="ids", body="## Share\n\n## Main\n\n## Questions\n\n## Menu")
    ids = re.findall(r'\sid="([^"]+)"', html(client, "/articles/ids/"))
    assert sorted(ids) == sorted(set(ids))


def test_detail_takes_three_queries(client: Client) -> None:
    full_article()
    articles.published()
    assert query_count(client, "/articles/full/") == 3


def test_detail_prints_its_own_corrections_and_treatments_in_the_same_queries(
    client: Client,
) -> None:
    named = articles.treatment(name="Lozenge", status="compounded", statement="Not approved.")
    articles.treatment(name="Elsewhere")
    one, other = articles.published(slug="one"), articles.published(slug="other")
    one.revision.other_treatments.set([named])
    for article, because in ((one, "a figure was wrong"), (other, "of something else")):
        article.publications.update(because=because)
    page = html(client, "/articles/one/")
    assert "Lozenge: compounded, not approved" in page
    assert "Not approved." in page
    assert "because a figure was wrong" in page
    assert "Elsewhere" not in page
    assert "of something else" not in page
    assert query_count(client, "/articles/one/") == 3


def test_detail_prints_treatments_of_the_revision_that_is_due(client: Client, clock: Any) -> None:
    before, after = articles.treatment(name="Before"), articles.treatment(name="After")
    article = articles.published(slug="due")
    article.revision.other_treatments.set([before])
    waiting = article.save_revision(None, other_treatments=[after], **articles.text())
    Article.objects.filter(pk=article.pk).update(next_revision=waiting, next_from=NOW + HOUR)
    assert "Before:" in html(client, "/articles/due/")
    clock.move_to(NOW + 2 * HOUR)
    page = html(client, "/articles/due/")
    assert "After:" in page
    assert "Before:" not in page


def test_detail_may_be_cached_and_answers_304(client: Client) -> None:
    articles.published(slug="one")
    first = client.get("/articles/one/")
    assert first["Cache-Control"] == "public, max-age=60"
    assert not first.cookies
    again = client.get("/articles/one/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["index", "topics", "topic", "person", "feed", "feed_rss", "sitemap", "related"]
)
def test_list_takes_as_many_queries_for_three_as_for_one(client: Client, name: str) -> None:
    shared, author = articles.topic(), articles.person()
    first = articles.published(topic=shared, author=author)
    paths = {
        "topic": shared.get_absolute_url(),
        "person": author.get_absolute_url(),
        "sitemap": "/sitemap.xml",
        "related": first.get_absolute_url(),
    }
    path = paths.get(name) or reverse(f"articles:{name}")
    if name == "related":
        articles.published(topic=shared)
    one = query_count(client, path)
    articles.published(topic=shared, author=author)
    articles.published(author=author)
    assert query_count(client, path) == one


def test_index_has_pages(client: Client) -> None:
    shared = articles.topic()
    for number in range(13):
        articles.published(topic=shared, slug=f"number-{number}")
    assert "/articles/number-0/" not in html(client, "/articles/")
    second = html(client, "/articles/?page=2")
    assert "/articles/number-0/" in second
    assert 'rel="canonical" href="http://127.0.0.1:8000/articles/?page=2"' in second


@pytest.mark.parametrize("page", ["0", "-1", "9999", "x", "%F0%9F%92%A1", "1e9"])
def test_index_with_a_page_that_makes_no_sense_shows_one(client: Client, page: str) -> None:
    articles.published(slug="one")
    assert "/articles/one/" in html(client, f"/articles/?page={page}")


@pytest.mark.parametrize("path", [*LISTS[1:5], "/articles/one/"])
def test_post_is_refused(client: Client, path: str) -> None:
    articles.published(slug="one")
    assert client.post(path).status_code == 405


def test_feeds_name_our_own_address(client: Client) -> None:
    articles.published(slug="one")
    for path in ("/articles/feed/", "/articles/feed/rss/", "/sitemap.xml"):
        text = client.get(path, headers={"Host": "localhost"}).content.decode()
        assert "http://127.0.0.1:8000/articles/one/" in text
        assert "localhost" not in text
