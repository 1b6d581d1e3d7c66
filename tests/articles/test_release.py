"""The staff pages that bring a revision to readers: findings, publishing, correcting at once."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from articles.models import Article, Judgement
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
WHY = "a larger study did not find the same."
BODY = "## What is known\n\nIt helps many people [@fda2023].\n\nBring a blanket."
REASON = "It quotes the label of 1970."


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    build.site_text()
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(*groups: str) -> Client:
    client = Client()
    client.force_login(build.user(*groups))
    return client


def url(name: str, article: Article, number: int = 1) -> str:
    return reverse(f"admin:articles_article_{name}", args=[article.pk, number])


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def live_with_edit(body: str) -> Article:
    article = articles.published(slug="one", body=BODY, main_treatment=articles.treatment())
    newest = article.revisions.latest()
    article.save_revision(build.user("Editor"), **newest.fields() | {"body": body})
    return article


# --- Publishing ---------------------------------------------------------------------------------


def test_what_is_missing_is_one_summary_that_leads_to_each_field() -> None:
    article = articles.draft(author=None, body="## A\n\nIt is a cure [@fda2023].")
    change = reverse("admin:articles_article_change", args=[article.pk])
    shown = page(signed_in("Editor"), url("publish", article))
    assert shown.count("errornote") == 1
    assert f'<a href="{change}#id_author">Name the author.</a>' in shown
    assert f'<a href="{change}#id_body">“It is a cure.”' in shown
    assert f'<a href="{url("review", article)}">A medical reviewer must approve' in shown
    assert 'type="submit">Publish' not in shown


def test_article_form_shows_the_same_summary() -> None:
    article = articles.draft(author=None)
    change = reverse("admin:articles_article_change", args=[article.pk])
    shown = page(signed_in("Editor"), change)
    assert f'<a href="{change}#id_author">Name the author.</a>' in shown
    assert "Publish or schedule…" not in shown


def test_publish_asks_for_the_reason_only_where_readers_must_be_told() -> None:
    article = live_with_edit(BODY.replace("many people", "most people"))
    articles.approve(article.revisions.latest())
    editor = signed_in("Editor")
    shown = page(editor, url("publish", article, 2))
    assert 'name="because"' in shown
    assert "It helps most people" in shown
    refused = editor.post(url("publish", article, 2), {"at": "", "because": ""})
    assert "why the text has changed" in refused.content.decode()
    assert editor.post(url("publish", article, 2), {"because": WHY}).status_code == 302
    assert f"because {WHY}" in page(Client(), "/articles/one/")
    first = articles.approved()
    assert 'name="because"' not in page(editor, url("publish", first))


def test_warnings_are_ticked_and_kept_with_the_name_and_never_block() -> None:
    article = articles.approved(body="## A\n\nWe ask $400. We ask $500 for two [@fda2023].")
    editor = signed_in("Editor")
    shown = page(editor, url("publish", article))
    prints = [row.split('"')[0] for row in shown.split('name="read" value="')[1:]]
    assert len(prints) == 2
    editor.post(url("publish", article), {"read": prints[:1]})
    article.refresh_from_db()
    assert article.visible_id is not None
    assert [row.fingerprint for row in Judgement.objects.all()] == prints[:1]
    assert str(Judgement.objects.get().by_id) == editor.session["_auth_user_id"]


# --- Correcting at once -------------------------------------------------------------------------


def test_edit_that_softens_is_offered_as_a_correction_and_published() -> None:
    article = live_with_edit(BODY.replace("many people", "some people"))
    editor = signed_in("Editor")
    assert url("correct", article, 2) in page(editor, url("publish", article, 2))
    assert "no medical review until" in page(editor, url("correct", article, 2))
    assert editor.post(url("correct", article, 2), {"because": ""}).status_code == 200
    assert "many people" in page(Client(), "/articles/one/")
    assert editor.post(url("correct", article, 2), {"because": WHY}).status_code == 302
    assert "some people" in page(Client(), "/articles/one/")


def test_edit_that_claims_more_is_not_offered_as_a_correction() -> None:
    article = live_with_edit(BODY.replace("many people", "most people"))
    editor = signed_in("Editor")
    assert url("correct", article, 2) not in page(editor, url("publish", article, 2))
    assert "Ask for approval instead" in page(editor, url("correct", article, 2))
    response = editor.post(url("correct", article, 2), {"because": WHY})
    assert "Ask for approval instead" in response.content.decode()
    assert "many people" in page(Client(), "/articles/one/")


def test_reviewer_cannot_correct_at_once() -> None:
    article = live_with_edit(BODY.replace("many people", "some people"))
    reviewer = signed_in("Medical reviewer")
    assert reviewer.post(url("correct", article, 2), {"because": WHY}).status_code == 403


# --- Findings -----------------------------------------------------------------------------------


def article_with_findings() -> Article:
    return articles.draft(slug="two", body="## A\n\nIt is a cure. We ask $400 [@fda2023].")


def prints_of(shown: str) -> list[str]:
    return [row.split('"')[0] for row in shown.split('id="finding-')[1:]]


def test_reviewer_lets_a_sentence_stand_and_the_report_lists_it() -> None:
    article, reviewer = article_with_findings(), signed_in("Medical reviewer")
    path = url("findings", article)
    cure, _price = prints_of(page(reviewer, path))
    short = reviewer.post(path, {"fingerprint": cure, "reason": "Because."})
    assert "at least 20 characters" in short.content.decode()
    assert reviewer.post(path, {"fingerprint": cure, "reason": REASON}).status_code == 302
    assert REASON in page(reviewer, path)
    report = page(signed_in("Editor"), "/admin/articles/judgement/")
    assert REASON in report
    assert "It is a cure." in report


def test_editor_reads_a_warning_and_cannot_override() -> None:
    article, editor = article_with_findings(), signed_in("Editor")
    path = url("findings", article)
    cure, price = prints_of(page(editor, path))
    assert "Let it stand" not in page(editor, path)
    assert editor.post(path, {"fingerprint": cure, "reason": REASON}).status_code == 403
    assert editor.post(path, {"read": [price]}).status_code == 302
    assert [(row.rule, row.kind) for row in Judgement.objects.all()] == [("price", "read")]
    assert 'form="read"' not in page(editor, path)


def test_reviewer_without_the_right_to_write_reads_no_warning() -> None:
    article, reviewer = article_with_findings(), signed_in("Medical reviewer")
    _cure, price = prints_of(page(reviewer, url("findings", article)))
    assert reviewer.post(url("findings", article), {"read": [price]}).status_code == 403


def test_fingerprint_of_no_finding_settles_nothing() -> None:
    article, reviewer = article_with_findings(), signed_in("Medical reviewer")
    response = reviewer.post(url("findings", article), {"fingerprint": "x", "reason": REASON})
    assert response.status_code == 200
    assert not Judgement.objects.exists()


def test_report_can_be_neither_added_to_nor_changed() -> None:
    client = Client()
    client.force_login(build.user(is_superuser=True))
    assert client.get("/admin/articles/judgement/add/").status_code == 403


@pytest.mark.parametrize("name", ["findings", "publish", "correct"])
def test_intake_staff_open_none_of_these(name: str) -> None:
    article = article_with_findings()
    assert signed_in("Intake staff").get(url(name, article)).status_code == 403
