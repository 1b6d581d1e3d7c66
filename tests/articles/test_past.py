"""Two revisions side by side, an old one brought back, and notes on a saved one."""

import pytest
from django.test import Client

from articles.changes import changes
from articles.models import Article
from tests import build
from tests.articles import build as articles
from tests.articles.test_admin import page, signed_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site() -> None:
    build.site_text()


@pytest.fixture
def editor() -> Client:
    return signed_in(build.user("Editor"))


def thrice() -> Article:
    """An article whose second revision was approved, with a third after it."""
    article = articles.draft(slug="one", title="First title")
    articles.approve(article.save_revision(None, **articles.text(title="Second title")))
    article.save_revision(None, **articles.text(title="Third title"))
    return article


def test_compare_opens_on_what_changed_since_the_last_approval(editor: Client) -> None:
    shown = page(editor, url("compare", thrice()))
    assert "From revision 2 to revision 3" in shown
    assert "<del>Second</del><ins>Third</ins> title" in shown


@pytest.mark.parametrize("chosen", ["?old=1&new=3", "?old=3&new=1"])
def test_any_two_revisions_are_compared_the_earlier_first(editor: Client, chosen: str) -> None:
    shown = page(editor, url("compare", thrice()) + chosen)
    assert "From revision 1 to revision 3" in shown
    assert "<del>First</del><ins>Third</ins> title" in shown


@pytest.mark.parametrize("chosen", ["?old=9&new=1", "?old=x&new=", "?old=1"])
def test_revision_that_is_not_there_is_said(editor: Client, chosen: str) -> None:
    response = editor.get(url("compare", thrice()) + chosen)
    assert response.status_code == 200
    assert response.context["form"].errors


def test_first_revision_is_not_marked_as_inserted() -> None:
    [title, *_rest] = changes(None, articles.draft(title="Whole").revisions.latest())
    assert [[part.kind for part in parts] for parts in title.paragraphs] == [["same"]]


def test_change_of_the_treatments_it_names_is_a_change() -> None:
    article = articles.draft()
    named = articles.treatment(name="Zurgamot")
    article.save_revision(None, other_treatments=[named], **articles.text())
    newest, first = article.revisions.all()
    [change] = changes(first, newest)
    assert change.label == "other treatments mentioned"
    assert [part.text for part in change.paragraphs[0]] == ["Zurgamot"]


def test_restored_revision_is_a_new_draft_and_nothing_is_lost(editor: Client) -> None:
    named = articles.treatment()
    article = articles.draft(slug="one", title="First title")
    article.save_revision(None, other_treatments=[named], **articles.text(title="Second title"))
    article.save_revision(None, **articles.text(title="Third title"))
    assert "Restore revision 2 as a new draft…" in page(editor, url("history", article))
    assert "Readers see no change" in page(editor, url("restore", article, 2))
    assert article.revisions.count() == 3

    assert editor.post(url("restore", article, 2)).status_code == 302
    newest = article.revisions.latest()
    assert (newest.number, newest.title, newest.note) == (
        4,
        "Second title",
        "Restored from revision 2",
    )
    assert newest.others() == [named]
    assert not newest.approvals.exists()
    assert article.revisions.get(number=3).title == "Third title"


def test_restoring_leaves_what_readers_see(editor: Client) -> None:
    article = articles.published(slug="one", title="First title")
    article.save_revision(None, **articles.text(title="Second title"))
    editor.post(url("restore", article, 1))
    article.refresh_from_db()
    assert article.revision.number == 1


def test_only_editors_restore() -> None:
    article = thrice()
    reviewer = signed_in(build.user("Medical reviewer"))
    assert reviewer.post(url("restore", article, 1)).status_code == 403
    assert article.revisions.count() == 3
    assert "Restore revision" not in page(reviewer, url("history", article))


@pytest.mark.parametrize(("name", "rest"), [("compare", []), ("notes", [1]), ("restore", [1])])
def test_past_is_for_who_may_see_articles(name: str, rest: list[int]) -> None:
    article = thrice()
    assert signed_in(build.user("Intake lead")).get(url(name, article, *rest)).status_code == 403
    assert Client().get(url(name, article, *rest)).status_code == 302


def test_notes_on_a_saved_revision_need_no_script(editor: Client) -> None:
    article = articles.draft(body="Ketamine cures depression.\n\nSee [it](/nothing-here/).")
    shown = page(editor, url("notes", article, 1))
    assert "Must change: 1" in shown
    assert "Broken link: 1" in shown
    assert "Ketamine cures depression." in shown
    assert "Years of school" in shown
    assert "data-start" not in shown
