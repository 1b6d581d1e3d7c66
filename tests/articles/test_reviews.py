"""The queue of reviews that are due, “reviewed, no change”, and whose yes counts."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import reviews
from articles.models import Approval, Article, Revision
from clinic.models import User
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 4)
QUEUE = "/admin/articles/article/reviews/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def reviewer() -> User:
    return build.user("Medical reviewer")


def due_in(days: int, **values: Any) -> Article:
    """A live text whose review runs out in so many days."""
    article = articles.published(**values)
    article.revision.set_review(TODAY - dt.timedelta(days=300), TODAY + dt.timedelta(days=days))
    return article


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def confirm(client: Client, revision: Revision) -> Any:
    parts = [revision.article_id, revision.number]
    return client.post(reverse("admin:articles_article_confirm", args=parts))


def listed() -> dict[str, list[str]]:
    return {
        str(part.name): [revision.title for revision in part.revisions] for part in reviews.queue()
    }


# --- What is in it ------------------------------------------------------------------------------


def test_queue_has_what_is_overdue_and_due_in_30_60_and_90_days() -> None:
    for letter, days in zip("IHGFEDCBA", (91, 90, 61, 60, 31, 30, 0, -1, -400), strict=True):
        due_in(days, title=f"Text {letter}")
    assert listed() == {
        "Overdue": ["Text A", "Text B"],
        "Due within 30 days": ["Text C", "Text D"],
        "Due within 60 days": ["Text E", "Text F"],
        "Due within 90 days": ["Text G", "Text H"],
    }
    assert reviews.counts() == {"overdue": 2, "soon": 2}


def test_live_text_that_was_never_reviewed_is_overdue() -> None:
    articles.live(title="Never reviewed")
    assert listed() == {"Overdue": ["Never reviewed"]}


def test_queue_has_what_readers_see_and_no_draft_withdrawn_or_coming_text(clock: Any) -> None:
    editor = build.user("Editor")
    articles.draft(title="A draft")
    due_in(-1, title="Taken down").withdraw(editor)
    article = due_in(-1, title="Seen now")
    coming = article.save_revision(None, **articles.text(title="Seen tomorrow"))
    articles.approve(coming, reviewed_on=TODAY, review_due=TODAY + dt.timedelta(days=40))
    article.publish(coming, editor, NOW + dt.timedelta(days=1), because="it was too long.")
    assert listed() == {"Overdue": ["Seen now"]}
    clock.shift(dt.timedelta(days=1))
    assert listed() == {"Due within 60 days": ["Seen tomorrow"]}


def test_overdue_article_stays_on_the_site(clock: Any) -> None:
    article = due_in(1)
    clock.shift(dt.timedelta(days=3000))
    assert Client().get(article.get_absolute_url()).status_code == 200


def test_queue_is_narrowed_to_one_owner(reviewer: User) -> None:
    due_in(-1, title="By Ash", reviewer=articles.person(slug="ash", name="Ash Example"))
    due_in(-1, title="By Rae", reviewer=articles.person(slug="rae", name="Rae Example"))
    articles.live(title="By nobody", reviewer=None)
    client = signed_in(reviewer)

    def titles(query: str) -> list[str]:
        parts = client.get(QUEUE + query).context["parts"]
        return sorted(row.title for part in parts for row in part.revisions)

    assert titles("") == ["By Ash", "By Rae", "By nobody"]
    assert titles("?owner=ash") == ["By Ash"]
    assert titles("?owner=-") == ["By nobody"]
    assert titles("?owner=somebody") == ["By Ash", "By Rae", "By nobody"]


# --- Reviewed, no change ------------------------------------------------------------------------


def test_reviewed_no_change_sets_both_dates_and_is_on_record(reviewer: User) -> None:
    article = due_in(-1)
    before = article.revisions.count()
    assert confirm(signed_in(reviewer), article.revision)["Location"] == QUEUE
    revision = Article.objects.get(pk=article.pk).revision
    assert (revision.reviewed_on, revision.review_due) == (TODAY, dt.date(2027, 3, 4))
    assert article.revisions.count() == before
    word = revision.approvals.first()
    assert word is not None
    assert (word.decision, word.by, word.at) == (Approval.Decision.CONFIRMED, reviewer, NOW)
    assert revision.is_approved()
    assert listed() == {}


def test_next_edit_is_compared_with_what_was_reviewed_again(reviewer: User) -> None:
    article = due_in(-1)
    article.revision.confirm(reviewer)
    later = article.save_revision(None, **articles.text(title="Another title"))
    assert Revision.objects.approved_before(later) == article.revision


@pytest.mark.parametrize("step", ["submit", "ask_for_changes"])
def test_text_that_waits_for_a_word_is_not_confirmed(reviewer: User, step: str) -> None:
    article = due_in(-1)
    word = Approval.Decision.ASKED if step == "submit" else Approval.Decision.CHANGES
    article.revision.approvals.create(by=reviewer, decision=word, comment="Hm.")
    client = signed_in(reviewer)
    assert "Waits for approval" in client.get(QUEUE).content.decode()
    confirm(client, article.revision)
    assert not Approval.objects.filter(decision=Approval.Decision.CONFIRMED).exists()
    assert list(listed()) == ["Overdue"]


def test_text_that_readers_do_not_see_is_not_confirmed(reviewer: User) -> None:
    with pytest.raises(ValidationError, match="Readers do not see"):
        articles.approved().revisions.latest().confirm(reviewer)


def test_correction_that_nobody_reviewed_is_not_confirmed(reviewer: User) -> None:
    with pytest.raises(ValidationError, match="waits for approval"):
        articles.live().revision.confirm(reviewer)


@pytest.mark.parametrize("group", ["Editor", "Intake staff", "Intake lead", "Site administrator"])
def test_nobody_but_a_medical_reviewer_confirms(group: str) -> None:
    article, person = due_in(-1), build.user(group)
    assert confirm(signed_in(person), article.revision).status_code == 403
    with pytest.raises(PermissionDenied):
        article.revision.confirm(person)
    assert list(listed()) == ["Overdue"]


def test_looking_confirms_nothing(reviewer: User) -> None:
    article = due_in(-1)
    path = reverse("admin:articles_article_confirm", args=[article.pk, 1])
    assert signed_in(reviewer).get(path).status_code == 405
    assert list(listed()) == ["Overdue"]


# --- Whose yes counts ---------------------------------------------------------------------------


def test_named_reviewer_with_an_account_is_the_only_one_to_say_yes(reviewer: User) -> None:
    named = build.user("Medical reviewer")
    person = articles.person(name="Rae Example", user=named)
    revision = articles.draft(reviewer=person).revisions.latest()
    with pytest.raises(ValidationError, match="Rae Example reviewed this"):
        revision.approve(reviewer)
    revision.ask_for_changes(reviewer, "Name the trial.")
    assert revision.approve(named).by == named


# --- Who sees it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "status"),
    [
        ("Editor", 200),
        ("Medical reviewer", 200),
        ("Intake staff", 403),
        ("Intake lead", 403),
        ("Site administrator", 403),
    ],
)
def test_queue_is_for_editors_and_reviewers(group: str, status: int) -> None:
    due_in(-1, title="Long over")
    client = signed_in(build.user(group))
    assert client.get(QUEUE).status_code == status
    home = client.get("/admin/").content.decode()
    assert (QUEUE in home) is (status == 200)


def test_editor_sees_no_button_that_confirms() -> None:
    due_in(-1)
    assert "Reviewed, no change" not in signed_in(build.user("Editor")).get(QUEUE).content.decode()


@pytest.mark.parametrize("path", [QUEUE, "/admin/"])
def test_page_takes_as_many_queries_for_3_texts_as_for_1(reviewer: User, path: str) -> None:
    client = signed_in(reviewer)
    due_in(-1, reviewer=articles.person())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    queries()
    few = queries()
    due_in(-1, reviewer=articles.person())
    due_in(40, reviewer=articles.person())
    assert queries() == few
