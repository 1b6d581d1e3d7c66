"""Draft links: who makes and ends them, what they show, and what is said through them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from articles.drafts import MOST_COMMENTS, DraftComment, DraftLink
from articles.models import Revision
from clinic.logs import masked_path
from clinic.models import User
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
SAID = {"name": "Pat Reader", "text": "Name the comparison.\nIn the second line."}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def revision() -> Revision:
    return articles.draft(slug="hidden", title="Still a draft").revisions.latest()


@pytest.fixture
def link(revision: Revision) -> DraftLink:
    return articles.link(revision)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *parts: object) -> str:
    return reverse(f"admin:articles_article_{name}", args=parts)


def say(client: Client, link: DraftLink, **values: str) -> Any:
    return client.post(link.get_absolute_url(), SAID | values, headers=SAME_ORIGIN)


# --- Reading ------------------------------------------------------------------------------------


def test_link_shows_its_revision_without_an_account(client: Client, link: DraftLink) -> None:
    response = client.get(link.get_absolute_url())
    assert response.status_code == 200
    assert "Still a draft" in response.content.decode()
    assert 'rel="canonical"' not in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies
    assert client.get("/articles/hidden/").status_code == 404


def test_link_shows_its_own_revision_after_another_was_saved(
    client: Client, link: DraftLink
) -> None:
    link.revision.article.save_revision(None, **articles.text(title="Written later"))
    shown = client.get(link.get_absolute_url()).content.decode()
    assert "Still a draft" in shown
    assert "Written later" not in shown


@pytest.mark.parametrize("days", [13, 14])
def test_link_works_for_14_days(client: Client, link: DraftLink, clock: Any, days: int) -> None:
    clock.shift(dt.timedelta(days=days))
    response = client.get(link.get_absolute_url())
    assert response.status_code == (200 if days < 14 else 410)
    assert ("Still a draft" in response.content.decode()) is (days < 14)


def test_revoked_link_shows_nothing_and_takes_no_comment(client: Client, link: DraftLink) -> None:
    link.revoke(build.user("Editor"))
    for response in (client.get(link.get_absolute_url()), say(client, link)):
        assert response.status_code == 410
        assert "Still a draft" not in response.content.decode()
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not DraftComment.objects.exists()


def test_other_links_go_on_when_one_is_revoked(client: Client, link: DraftLink) -> None:
    other = articles.link(link.revision)
    other.revoke(build.user("Editor"))
    assert client.get(link.get_absolute_url()).status_code == 200


def test_token_that_is_not_ours_is_not_found(client: Client, link: DraftLink) -> None:
    token = link.get_absolute_url().split("/")[-2]
    for wrong in (link.pk.hex, token[:-1] + ("a" if token[-1] != "a" else "b"), "x"):
        assert client.get(reverse("articles:draft", args=[wrong])).status_code == 404


def test_token_tells_no_number_of_a_revision_and_no_log_has_it(link: DraftLink) -> None:
    other = articles.link(link.revision)
    assert link.pk.version == 4
    assert link.get_absolute_url() != other.get_absolute_url()
    assert masked_path(link.get_absolute_url()) == "/articles/draft/…/"


# --- Commenting ---------------------------------------------------------------------------------


def test_comment_is_kept_with_the_revision_and_shown_as_plain_text(
    client: Client, link: DraftLink
) -> None:
    response = say(client, link, text="<b>Bold</b> claim.\nSecond line.")
    assert response.status_code == 302
    assert response["Location"] == f"{link.get_absolute_url()}#comments"
    assert not response.cookies
    kept = DraftComment.objects.get()
    assert (kept.link, kept.name, kept.at) == (link, "Pat Reader", NOW)
    shown = client.get(link.get_absolute_url()).content.decode()
    assert f"{escape('<b>Bold</b> claim.')}<br>Second line." in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "a bell \x07"}, "text"),
        ({"text": "turned \u202e round"}, "text"),
    ],
)
def test_comment_that_breaks_a_rule_comes_back_as_typed(
    client: Client, link: DraftLink, typed: dict[str, str], field: str
) -> None:
    response = say(client, link, **typed)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    other = "text" if field == "name" else "name"
    assert escape(SAID[other]) in response.content.decode()
    assert not DraftComment.objects.exists()


def test_comment_from_another_site_is_not_kept_and_comes_back(
    client: Client, link: DraftLink
) -> None:
    response = client.post(link.get_absolute_url(), SAID, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "Name the comparison." in response.content.decode()
    assert not DraftComment.objects.exists()


def test_link_holds_so_many_comments_and_no_more(client: Client, link: DraftLink) -> None:
    for _more in range(MOST_COMMENTS - 1):
        link.comment("Pat", "One more.")
    assert say(client, link).status_code == 302
    assert say(client, link).status_code == 422
    assert link.comments.count() == MOST_COMMENTS
    assert "Send the comment" not in client.get(link.get_absolute_url()).content.decode()
    assert say(client, articles.link(link.revision)).status_code == 302


def test_reader_sees_the_comments_of_this_link_alone(client: Client, link: DraftLink) -> None:
    articles.link(link.revision).comment("Sam", "Said elsewhere.")
    assert "Said elsewhere." not in client.get(link.get_absolute_url()).content.decode()


def test_draft_takes_as_many_queries_for_3_comments_as_for_1(
    client: Client, link: DraftLink
) -> None:
    link.comment("Pat", "One.")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(link.get_absolute_url()).status_code == 200
        return len(captured)

    few = queries()
    link.comment("Pat", "Two.")
    link.comment("Pat", "Three.")
    assert queries() == few


# --- In the staff site --------------------------------------------------------------------------


def test_editor_makes_sees_and_ends_a_link_in_one_step_each(revision: Revision) -> None:
    editor = build.user("Editor")
    client, review = signed_in(editor), url("review", revision.article_id, revision.number)
    made = client.post(url("make_link", revision.article_id, revision.number))
    assert made["Location"] == f"{review}#links"
    link = DraftLink.objects.get()
    assert (link.revision, link.created_by, link.created_at) == (revision, editor, NOW)
    assert link.expires_at == NOW + dt.timedelta(days=14)
    assert link.address in client.get(review).content.decode()
    assert client.post(url("revoke_link", link.pk))["Location"] == f"{review}#links"
    link.refresh_from_db()
    assert (link.revoked_by, link.revoked_at) == (editor, NOW)
    assert link.address not in client.get(review).content.decode()


def test_who_ended_a_link_first_stays_on_record(link: DraftLink, clock: Any) -> None:
    first = build.user("Editor")
    link.revoke(first)
    clock.shift(60)
    link.revoke(build.user("Editor"))
    link.refresh_from_db()
    assert (link.revoked_by, link.revoked_at) == (first, NOW)


@pytest.mark.parametrize(
    "group", ["Medical reviewer", "Intake staff", "Intake lead", "Site administrator"]
)
def test_nobody_but_editors_makes_or_ends_a_link(link: DraftLink, group: str) -> None:
    client, revision = signed_in(build.user(group)), link.revision
    made = client.post(url("make_link", revision.article_id, revision.number))
    assert (made.status_code, DraftLink.objects.count()) == (403, 1)
    assert client.post(url("revoke_link", link.pk)).status_code == 403
    link.refresh_from_db()
    assert link.is_open


def test_reviewer_reads_the_comments_and_no_link(link: DraftLink) -> None:
    link.comment("Pat Reader", "<i>First</i>")
    link.comment("Pat Reader", "Second")
    client = signed_in(build.user("Medical reviewer"))
    shown = client.get(url("review", link.revision.article_id, 1)).content.decode()
    assert shown.index("Second") < shown.index(escape("<i>First</i>"))
    assert link.address not in shown


def test_editor_finds_on_the_article_how_many_comments_there_are(link: DraftLink) -> None:
    client, path = signed_in(build.user("Editor")), url("change", link.revision.article_id)
    assert "From draft links" not in client.get(path).content.decode()
    link.comment("Pat Reader", "First.")
    link.comment("Pat Reader", "Second.")
    assert "2 comments" in client.get(path).content.decode()


def test_comments_stay_with_their_revision(link: DraftLink) -> None:
    link.comment("Pat Reader", "Said to the first.")
    article = link.revision.article
    article.save_revision(None, **articles.text(title="Second"))
    client = signed_in(build.user("Editor"))
    assert "Said to the first." in client.get(url("review", article.pk, 1)).content.decode()
    assert "Said to the first." not in client.get(url("review", article.pk, 2)).content.decode()


def test_looking_at_a_link_changes_nothing(link: DraftLink) -> None:
    client = signed_in(build.user("Editor"))
    assert client.get(url("make_link", link.revision.article_id, 1)).status_code == 405
    assert client.get(url("revoke_link", link.pk)).status_code == 405
    assert DraftLink.objects.count() == 1


def test_staff_read_the_whole_page_without_a_link(revision: Revision) -> None:
    path = url("read", revision.article_id, revision.number)
    for group, status in (("Editor", 200), ("Medical reviewer", 200), ("Intake staff", 403)):
        response = signed_in(build.user(group)).get(path)
        assert response.status_code == status
        assert ("Still a draft" in response.content.decode()) is (status == 200)
    assert not DraftLink.objects.exists()


def test_review_takes_as_many_queries_for_3_links_and_comments_as_for_1(link: DraftLink) -> None:
    client = signed_in(build.user("Editor", "Medical reviewer"))
    path = url("review", link.revision.article_id, link.revision.number)
    link.comment("Pat", "One.")
    link.revision.submit(build.user("Editor"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _more in range(2):
        articles.link(link.revision).comment("Sam", "More.")
        link.revision.submit(build.user("Editor"))
    assert queries() == few


def test_first_revision_is_shown_plain(revision: Revision) -> None:
    client = signed_in(build.user("Medical reviewer"))
    shown = client.get(url("review", revision.article_id, 1)).content.decode()
    assert "All of it: nothing was approved before" in shown
    assert "Still a draft" in shown
    assert "<ins>" not in shown
