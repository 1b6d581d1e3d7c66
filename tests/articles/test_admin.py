"""The way of a text through the staff site: editor, medical reviewer, editor, readers."""

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
from django.utils.html import escape

from articles.fields import QuestionsField
from articles.models import Approval, Article, Reference
from clinic.models import User
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
ADD = "/admin/articles/article/add/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in(build.user("Editor", username="ed"))


@pytest.fixture
def reviewer() -> Client:
    return signed_in(build.user("Medical reviewer", username="rae"))


def url(name: str, article: Article, *rest: int) -> str:
    return reverse(f"admin:articles_article_{name}", args=[article.pk, *rest])


def form_of(article: Article | None = None, **values: Any) -> dict[str, Any]:
    """What the change form posts: the newest text, with `values` typed over it."""
    text = articles.text()
    data = {
        "slug": "new-one",
        "topic": article.topic.pk if article else articles.topic().pk,
        "title": text["title"],
        "short_title": text["short_title"],
        "description": text["description"],
        "summary": text["summary"],
        "body": text["body"],
        "questions": "## Will I be asleep?\n\nUsually not.",
        "author": text["author"].pk,
        "reviewer": text["reviewer"].pk,
        "base": article.revisions.latest().number if article else "",
    }
    return data | values


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def public(path: str) -> int:
    return Client().get(path).status_code


def test_text_goes_from_editor_to_reviewer_to_readers(editor: Client, reviewer: Client) -> None:
    response = editor.post(ADD, form_of(title="Written today"))
    article = Article.objects.get()
    assert response["Location"] == url("change", article)
    assert "Ask for approval…" in page(editor, url("change", article))
    assert public("/articles/new-one/") == 404

    assert editor.post(url("submit", article, 1)).status_code == 302
    assert "Approval asked for" in page(reviewer, "/admin/articles/article/")
    assert "Written today" in page(reviewer, url("review", article, 1))
    assert reviewer.post(url("review", article, 1), {"decision": "approve"}).status_code == 302
    assert public("/articles/new-one/") == 404

    assert "Publish or schedule…" in page(editor, url("change", article))
    assert "Readers will see revision 1" in page(editor, url("publish", article, 1))
    assert editor.post(url("publish", article, 1), {"at": ""}).status_code == 302
    assert "Written today" in Client().get("/articles/new-one/").content.decode()
    assert "Readers see the newest text" in page(editor, url("change", article))


def test_change_of_a_live_article_is_a_draft_that_readers_do_not_see(editor: Client) -> None:
    article = articles.published(slug="one")
    response = editor.post(url("change", article), form_of(article, body="## New\n\nUnseen."))
    assert response.status_code == 302
    assert article.revisions.latest().number == 2
    assert article.revisions.latest().saved_by == User.objects.get(username="ed")
    assert "Unseen" not in Client().get("/articles/one/").content.decode()


def test_save_without_a_change_makes_no_revision(editor: Client) -> None:
    article = articles.draft(slug="new-one")
    assert editor.post(url("change", article), form_of(article)).status_code == 302
    assert article.revisions.count() == 1


def test_unknown_citation_is_said_beside_the_field_and_the_text_is_kept(editor: Client) -> None:
    article = articles.draft()
    response = editor.post(
        url("change", article), form_of(article, body="My long work [@nobody1999].")
    )
    shown = response.content.decode()
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["body"]
    assert "nobody1999" in shown
    assert "My long work [@nobody1999]." in shown
    assert article.revisions.count() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("short_title", "64 of 100"),
        ("description", "Too short."),
        ("slug", "feed"),
        ("questions", "No question here"),
        ("questions", "## Asked, not answered"),
        ("summary", ""),
    ],
)
def test_field_that_breaks_a_rule_is_said_beside_it(editor: Client, field: str, typed: str) -> None:
    response = editor.post(ADD, form_of(None, **{field: typed}))
    assert list(response.context["adminform"].form.errors) == [field]
    assert Article.objects.count() == 0


def test_second_of_two_editors_is_shown_both_texts_and_loses_nothing(editor: Client) -> None:
    article = articles.draft(slug="new-one")
    mine = form_of(article, body="## Mine\n\nMy words.")
    theirs = signed_in(build.user("Editor"))
    theirs.post(url("change", article), form_of(article, body="## Theirs\n\nTheir words."))

    response = editor.post(url("change", article), mine)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "Somebody saved revision 2 while you were writing" in shown
    assert "My words." in shown
    assert "Their" in shown
    assert article.revisions.count() == 2

    mine["base"] = response.context["adminform"].form["base"].value()
    assert editor.post(url("change", article), mine).status_code == 302
    assert article.revisions.latest().body == "## Mine\n\nMy words."


def test_reviewer_asks_for_changes_and_the_editor_reads_why(
    editor: Client, reviewer: Client
) -> None:
    article = articles.draft()
    empty = reviewer.post(url("review", article, 1), {"decision": "changes", "comment": ""})
    assert list(empty.context["form"].errors) == ["comment"]
    reviewer.post(url("review", article, 1), {"decision": "changes", "comment": "Name the trial."})
    assert "Name the trial." in page(editor, url("change", article))


def test_review_shows_what_changed_since_the_last_approval(reviewer: Client) -> None:
    article = articles.live(body="## A\n\nIt helps some people.\n\nThe rest stays.")
    articles.approve(article.revisions.latest())
    article.save_revision(
        None, **articles.text(body="## A\n\nIt helps few people.\n\nThe rest stays.")
    )
    shown = page(reviewer, url("review", article, 2))
    assert "What changed since revision 1" in shown
    assert "<del>some</del><ins>few</ins>" in shown
    assert "The rest stays" not in shown


def test_reviewer_without_the_right_to_write_is_sent_to_the_review(reviewer: Client) -> None:
    article = articles.draft()
    assert reviewer.get(url("change", article))["Location"] == url("review", article, 1)
    assert reviewer.post(url("change", article), form_of(article)).status_code == 302
    assert article.revisions.count() == 1


def test_editor_cannot_approve(editor: Client) -> None:
    article = articles.draft()
    response = editor.post(url("review", article, 1), {"decision": "approve"})
    assert response.status_code == 403
    assert not Approval.objects.exists()


def test_writer_of_a_revision_cannot_approve_it() -> None:
    both = build.user("Editor", "Medical reviewer")
    article = articles.draft(both)
    response = signed_in(both).post(url("review", article, 1), {"decision": "approve"})
    assert "another medical reviewer" in response.content.decode()
    assert not Approval.objects.exists()


def test_publish_without_approval_says_what_is_missing(editor: Client) -> None:
    article = articles.draft()
    response = editor.post(url("publish", article, 1), {"at": ""})
    assert "A medical reviewer must approve this revision first." in response.content.decode()
    assert public(article.get_absolute_url()) == 404


@pytest.mark.parametrize("name", ["publish", "roll_back"])
def test_reviewer_cannot_publish_or_roll_back(reviewer: Client, name: str) -> None:
    article = articles.approved()
    assert reviewer.post(url(name, article, 1)).status_code == 403
    assert public(article.get_absolute_url()) == 404


def test_reviewer_cannot_withdraw_or_submit(reviewer: Client) -> None:
    article = articles.published()
    assert reviewer.post(url("withdraw", article)).status_code == 403
    assert reviewer.post(url("submit", article, 1)).status_code == 403
    assert public(article.get_absolute_url()) == 200


def test_schedule_is_in_the_editors_zone_and_goes_live_on_time(editor: Client, clock: Any) -> None:
    article = articles.approved()
    editor.post(url("publish", article, 1), {"at": "2026-03-05T09:00"})
    article.refresh_from_db()
    nine_in_chicago = dt.datetime(2026, 3, 5, 15, 0, tzinfo=dt.UTC)
    assert article.live_from == nine_in_chicago
    assert "Goes live March 5, 2026, 9 a.m." in page(editor, "/admin/articles/article/")
    assert public(article.get_absolute_url()) == 404
    clock.move_to(nine_in_chicago)
    assert public(article.get_absolute_url()) == 200


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-03-04T11:59", "That moment has passed"),
        ("2026-03-08T02:30", "There is no 2:30 a.m. on March 8, 2026"),
        ("2026-11-01T01:30", "1:30 a.m. comes twice on Nov. 1, 2026"),
        ("yesterday", "Enter a valid date/time"),
    ],
)
def test_schedule_at_no_real_future_moment_is_refused_in_words(
    editor: Client, at: str, words: str
) -> None:
    article = articles.approved()
    response = editor.post(url("publish", article, 1), {"at": at})
    (error,) = response.context["form"].errors["at"]
    assert words in error
    article.refresh_from_db()
    assert article.live_revision is None


def test_withdraw_asks_first_and_then_takes_it_down(editor: Client) -> None:
    article = articles.published()
    assert "gone at once" in page(editor, url("withdraw", article))
    assert public(article.get_absolute_url()) == 200
    editor.post(url("withdraw", article))
    assert public(article.get_absolute_url()) == 404


def test_roll_back_from_the_history(editor: Client) -> None:
    article = articles.published(slug="one", title="First title")
    second = article.save_revision(None, **articles.text(title="Second title"))
    articles.approve(second)
    article.publish(second, build.user("Editor"), because="a name was misspelt.")
    assert url("roll_back", article, 1) in page(editor, url("history", article))
    editor.post(url("roll_back", article, 1))
    assert "First title" in Client().get("/articles/one/").content.decode()
    assert "Rolled back" in page(editor, url("history", article))


def test_article_is_never_deleted(editor: Client) -> None:
    article = articles.draft()
    assert editor.post(url("delete", article), {"post": "yes"}).status_code == 403
    assert Article.objects.count() == 1


def test_completed_reference_is_printed_on_the_pages_that_cite_it(editor: Client) -> None:
    articles.published(slug="one")
    fda = Reference.objects.get(key="fda2023")
    data = {"authors": "FDA", "title": "A warning", "year": 2023, "volume": "7", "key": "other"}
    assert "2023;7" not in Client().get("/articles/one/").content.decode()
    editor.post(reverse("admin:articles_reference_change", args=[fda.pk]), data)
    assert "2023;7" in Client().get("/articles/one/").content.decode()
    fda.refresh_from_db()
    assert fda.key == "fda2023"


def test_treatment_lists_the_articles_that_name_it() -> None:
    main, other = articles.treatment(), articles.treatment()
    articles.published(slug="names-it", main_treatment=main)
    articles.draft(slug="a-draft", main_treatment=main)
    client = signed_in(build.user("Medical reviewer"))
    shown = page(client, reverse("admin:articles_treatment_change", args=[main.pk]))
    assert "names-it" in shown
    assert "a-draft" not in shown
    assert "names-it" not in page(
        client, reverse("admin:articles_treatment_change", args=[other.pk])
    )


def test_editor_reaches_no_consult_request(editor: Client) -> None:
    """Counts of requests by article are all that the staff home leads them to."""
    addresses = set(re.findall(r'href="(/admin/consults[^"]*)"', page(editor, "/admin/")))
    assert addresses == {"/admin/consults/consultrequest/sources/"}
    assert editor.get("/admin/consults/consultrequest/").status_code in {403, 404}


@pytest.mark.parametrize("group", ["Intake staff", "Intake lead", "Site administrator"])
def test_other_staff_open_no_article(group: str) -> None:
    article = articles.draft()
    client = signed_in(build.user(group))
    for path in ("/admin/articles/article/", url("change", article), url("review", article, 1)):
        assert client.get(path).status_code == 403, path


def test_public_is_sent_to_sign_in() -> None:
    article = articles.draft()
    for path in (url("review", article, 1), url("publish", article, 1), url("history", article)):
        assert Client().get(path)["Location"].startswith("/admin/login/"), path


@pytest.mark.parametrize("name", ["article", "topic", "person", "reference", "treatment"])
def test_admin_list_takes_as_many_queries_for_three_as_for_one(name: str) -> None:
    client = signed_in(build.user(username="boss", is_superuser=True))
    path = reverse(f"admin:articles_{name}_changelist")
    shared, people = articles.topic(), [articles.person(), articles.person()]

    def add(number: int) -> None:
        articles.published(topic=shared, author=people[0])
        articles.reference(key=f"key{number}")
        articles.treatment()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, path)
        return len(captured)

    add(1)
    queries()
    one = queries()
    add(2)
    add(3)
    articles.topic()
    articles.person()
    assert queries() == one


def test_questions_read_back_as_they_were_written() -> None:
    field = QuestionsField(required=False)
    pairs = [
        {"question": "Is it <safe>?", "answer": "Ask first.\n\n* One\n* Two"},
        {"question": "Why?", "answer": "### is no question"},
    ]
    assert field.clean(field.prepare_value(pairs)) == pairs
    assert field.clean("") == []


def test_words_of_strangers_are_escaped_in_the_panel(editor: Client, reviewer: Client) -> None:
    article = articles.draft()
    comment = "<script>alert(1)</script>"
    reviewer.post(url("review", article, 1), {"decision": "changes", "comment": comment})
    shown = page(editor, url("change", article))
    assert comment not in shown
    assert escape(comment) in shown
