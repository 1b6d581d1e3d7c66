"""Mail about reviews: who is told what, when, once, and in words that say little."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail

from articles.models import Article, Revision
from clinic.models import User
from consults import notifications, rounds
from consults.models import Outbox
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC)  # noon in Chicago
TITLE = "Ketamine and sleep"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def editor() -> User:
    return build.user("Editor", email="ed@example.com")


@pytest.fixture
def reviewer() -> User:
    return build.user("Medical reviewer", email="rae@example.com")


@pytest.fixture
def revision(editor: User) -> Revision:
    return articles.draft(editor, title=TITLE).revisions.latest()


def told() -> list[tuple[str, list[str]]]:
    """Subject and recipients of what one round of the worker sends about texts."""
    rounds.owe_review_mail()
    before = len(mail.outbox)
    notifications.send_due()
    return [(str(message.subject), message.to) for message in mail.outbox[before:]]


# --- A word on a text ---------------------------------------------------------------------------


def test_question_goes_to_the_reviewers_once(
    revision: Revision, editor: User, reviewer: User
) -> None:
    other = build.user("Medical reviewer", email="ash@example.com")
    revision.submit(editor)
    assert told() == [("A text waits for your review", [other.email, reviewer.email])]
    assert told() == []


def test_question_goes_to_the_reviewer_whom_the_text_names(editor: User, reviewer: User) -> None:
    build.user("Medical reviewer", email="ash@example.com")
    named = articles.person(user=reviewer)
    articles.draft(editor, reviewer=named).revisions.latest().submit(editor)
    assert told() == [("A text waits for your review", [reviewer.email])]


def test_question_goes_to_nobody_who_may_not_answer_it(reviewer: User) -> None:
    both = build.user("Editor", "Medical reviewer", email="both@example.com")
    author = build.user("Medical reviewer", email="author@example.com")
    build.user("Medical reviewer", email="left@example.com", is_active=False)
    build.user("Intake lead", email="lead@example.com")
    written = articles.draft(both, author=articles.person(user=author))
    written.revisions.latest().submit(both)
    assert told() == [("A text waits for your review", [reviewer.email])]


@pytest.mark.parametrize(
    ("answer", "subject"),
    [("approve", "A text is approved"), ("ask_for_changes", "Changes to a text are asked for")],
)
def test_answer_goes_to_who_saved_and_who_asked(
    revision: Revision, editor: User, reviewer: User, answer: str, subject: str
) -> None:
    asks = build.user("Editor", email="asks@example.com")
    build.user("Editor", email="other@example.com")
    revision.submit(asks)
    told()
    getattr(revision, answer)(reviewer, "A secret comment.")
    assert told() == [(subject, [asks.email, editor.email])]
    assert told() == []


def test_mail_holds_the_title_the_link_and_no_comment(
    revision: Revision, reviewer: User, settings: Any
) -> None:
    revision.ask_for_changes(reviewer, "A secret comment.")
    told()
    message = mail.outbox[-1]
    path = f"/admin/articles/article/{revision.article_id}/revisions/1/"
    lines = str(message.body).splitlines()
    assert TITLE in lines
    assert f"{settings.SITE_URL}{path}" in lines
    assert "secret" not in message.message().as_string()
    assert TITLE not in message.subject


def test_word_that_another_overtook_is_not_mailed(
    revision: Revision, editor: User, reviewer: User
) -> None:
    revision.submit(editor)
    rounds.owe_review_mail()
    revision.approve(reviewer)
    assert told() == [("A text is approved", [editor.email])]


def test_yes_to_what_is_published_already_is_not_mailed(
    revision: Revision, editor: User, reviewer: User
) -> None:
    revision.approve(reviewer)
    revision.article.publish(revision, editor)
    assert told() == []


def test_correction_at_once_tells_the_reviewer_that_it_is_live(reviewer: User) -> None:
    editor = build.user("Editor", email="ed@example.com")
    article = articles.published(
        body="## A\n\nIt helps most people [@fda2023]. Side effects are common."
    )
    told()
    softer = article.save_revision(
        editor,
        **articles.text(body="## A\n\nIt helps some people [@fda2023]. Side effects are common."),
    )
    article.correct(softer, editor, "a larger study found less.")
    assert told() == [("A correction is live and needs your review", ["rae@example.com"])]


def test_word_is_mailed_with_one_message_id_whenever_it_goes(
    revision: Revision, editor: User, reviewer: User
) -> None:
    revision.submit(editor)
    rounds.owe_review_mail()
    row = Outbox.objects.get()
    first, second = (notifications.render(row).message()["Message-ID"] for _time in range(2))
    assert first == second == f"<{row.pk}@example.com>"


def test_worker_that_was_away_for_a_week_mails_no_old_word(
    revision: Revision, editor: User, reviewer: User, clock: Any
) -> None:
    revision.submit(editor)
    clock.shift(dt.timedelta(days=7, minutes=1))
    assert told() == []


def test_reviewed_with_no_change_is_not_mailed(reviewer: User) -> None:
    article = articles.published()
    told()
    article.revision.confirm(reviewer)
    assert told() == []


# --- The digest ---------------------------------------------------------------------------------


def due_in(days: int, **values: Any) -> Article:
    """A live text whose review runs out in so many days."""
    article = articles.published(**values)
    today = MONDAY.date()
    article.revision.set_review(today - dt.timedelta(days=300), today + dt.timedelta(days=days))
    return article


def digests() -> list[mail.EmailMessage]:
    rounds.owe_review_digest()
    before = len(mail.outbox)
    notifications.send_due()
    return mail.outbox[before:]


def test_digest_lists_titles_by_when_they_are_due(editor: User, reviewer: User) -> None:
    due_in(-1, title="Long over", reviewer=articles.person(name="Canary Name"))
    due_in(0, title="Over today")
    due_in(90, title="Still some time")
    due_in(91, title="Not yet")
    build.user("Intake lead", email="lead@example.com")
    (message,) = digests()
    assert message.subject == "Reviews that are due"
    assert message.to == [editor.email, reviewer.email]
    body = str(message.body)
    assert body.split("\n\n")[2:5] == [
        "Overdue:\n- Long over",
        "Due within 30 days:\n- Over today",
        "Due within 90 days:\n- Still some time",
    ]
    assert "Canary Name" not in body


def test_digest_goes_once_a_week(editor: User, clock: Any) -> None:
    due_in(3)
    assert len(digests()) == 1
    assert digests() == []
    clock.shift(dt.timedelta(days=1))
    assert digests() == []
    clock.shift(dt.timedelta(days=6))
    assert len(digests()) == 1


def test_digest_goes_on_mondays_from_8_on(editor: User, clock: Any) -> None:
    clock.move_to(MONDAY - dt.timedelta(days=1))
    due_in(3)
    assert digests() == []
    clock.move_to(MONDAY - dt.timedelta(hours=4, minutes=1))
    assert digests() == []
    clock.shift(dt.timedelta(minutes=1))
    assert len(digests()) == 1


def test_digest_of_nothing_is_not_sent(editor: User) -> None:
    due_in(91)
    assert digests() == []


def test_worker_keeps_up_with_reviews(revision: Revision, editor: User, reviewer: User) -> None:
    due_in(3)
    revision.submit(editor)
    rounds.keep_up()
    assert sorted(Outbox.objects.values_list("kind", flat=True)) == [
        Outbox.Kind.REVIEW_ASKED,
        Outbox.Kind.REVIEW_DIGEST,
    ]
