"""The verbs of an article: who may do what, in which order, and what readers then see."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from articles.models import Article, Publication, StaleBase
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WHY = "a name was misspelt."


def visible() -> list[str]:
    return [article.slug for article in Article.objects.published()]


def test_save_revision_numbers_and_renders() -> None:
    article = articles.draft()
    second = article.save_revision(None, base=1, **articles.text(title="Second"))

    assert second.number == 2
    assert [revision.number for revision in article.revisions.all()] == [2, 1]
    assert second.rendered["references"][0]["key"] == "fda2023"


def test_save_revision_over_a_newer_one_is_refused() -> None:
    article = articles.draft()
    article.save_revision(None, base=1, **articles.text(title="Theirs"))

    with pytest.raises(StaleBase) as caught:
        article.save_revision(None, base=1, **articles.text(title="Mine"))
    assert caught.value.newest.title == "Theirs"
    assert article.revisions.count() == 2


def test_save_revision_with_unknown_key_names_it_and_saves_nothing() -> None:
    article = articles.draft()
    with pytest.raises(ValidationError) as caught:
        article.save_revision(None, **articles.text(body="So [@nobody1999]."))
    assert "nobody1999" in caught.value.message_dict["body"][0]
    assert article.revisions.count() == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("short_title", "64 out of 100"),
        ("description", "In one study, 64 out of 100 people felt much better after one day."),
        ("description", "Too short."),
        ("title", "Two\nlines"),
    ],
)
def test_save_revision_with_a_bad_title_is_refused(field: str, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        articles.draft(None, **{field: text})
    assert list(caught.value.message_dict) == [field]


def test_revision_is_never_changed() -> None:
    revision = articles.draft().revisions.latest()
    revision.title = "Changed"
    with pytest.raises(ValueError, match="never changed"):
        revision.save()


def test_approve_by_an_editor_is_refused() -> None:
    revision = articles.draft().revisions.latest()
    with pytest.raises(PermissionDenied):
        revision.approve(build.user("Editor"))
    assert not revision.is_approved()


def test_approve_of_ones_own_revision_is_refused() -> None:
    author = build.user("Editor", "Medical reviewer")
    revision = articles.draft(author).revisions.latest()
    with pytest.raises(ValidationError, match="You saved this revision"):
        revision.approve(author)
    assert not revision.is_approved()


def test_ask_for_changes_after_approval_takes_it_back() -> None:
    revision = articles.approved().revisions.latest()
    assert revision.is_approved()
    revision.ask_for_changes(build.user("Medical reviewer"), "Name the comparison.")
    assert not revision.is_approved()


def test_ask_for_changes_without_a_comment_is_refused() -> None:
    revision = articles.draft().revisions.latest()
    with pytest.raises(ValidationError) as caught:
        revision.ask_for_changes(build.user("Medical reviewer"), " ")
    assert list(caught.value.message_dict) == ["comment"]


def test_publish_without_approval_is_refused_in_words() -> None:
    article = articles.draft()
    with pytest.raises(ValidationError) as caught:
        article.publish(article.revisions.latest(), build.user("Editor"))
    assert caught.value.messages == ["A medical reviewer must approve this revision first."]
    assert visible() == []


def test_publish_lists_everything_that_is_missing() -> None:
    author = articles.person()
    article = articles.draft(summary="Words.", body="Words.", author=author, reviewer=author)
    with pytest.raises(ValidationError) as caught:
        article.publish(article.revisions.latest(), build.user("Editor"))
    assert caught.value.messages == [
        "Cite at least one source, for example [@fda2023].",
        "Name a medical reviewer who is not the author.",
        "A medical reviewer must approve this revision first.",
    ]


def test_publish_of_another_articles_revision_is_refused() -> None:
    other = articles.approved().revisions.latest()
    with pytest.raises(ValidationError, match="another article"):
        articles.draft().publish(other, build.user("Editor"))


def test_publish_of_what_readers_see_already_is_refused() -> None:
    article = articles.published()
    with pytest.raises(ValidationError, match="already"):
        article.publish(article.revisions.latest(), build.user("Editor"))
    assert article.publications.count() == 1


def test_approval_does_not_carry_over_to_the_next_revision() -> None:
    article = articles.published(slug="one")
    article.save_revision(None, **articles.text(title="Changed"))
    with pytest.raises(ValidationError):
        article.publish(article.revisions.latest(), build.user("Editor"))
    assert Article.objects.published()[0].revision.title == "How long it lasts"


def test_scheduled_article_goes_live_by_the_clock_alone() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.approved(slug="soon")
        article.publish(article.revisions.latest(), build.user("Editor"), at=NOW + HOUR)
        assert visible() == []
        clock.move_to(NOW + HOUR)
        assert visible() == ["soon"]
        assert Article.objects.published()[0].published_at == NOW + HOUR


def test_scheduled_revision_replaces_the_live_one_by_the_clock_alone() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.published(slug="one")
        second = article.save_revision(None, **articles.text(title="Second"))
        articles.approve(second)
        article.publish(second, build.user("Editor"), at=NOW + HOUR, because=WHY)

        assert Article.objects.published()[0].revision.title == "How long it lasts"
        clock.move_to(NOW + HOUR)
        current = Article.objects.published().with_revisions()[0]
        assert current.revision.title == "Second"
        assert (current.published_at, current.updated_at) == (NOW, NOW + HOUR)


def test_publish_settles_a_scheduled_revision_that_is_due() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.published()
        second = article.save_revision(None, **articles.text(title="Second"))
        articles.approve(second)
        article.publish(second, build.user("Editor"), at=NOW + HOUR, because=WHY)
        clock.move_to(NOW + 2 * HOUR)
        third = article.save_revision(None, **articles.text(title="Third"))
        articles.approve(third)
        article.publish(third, build.user("Editor"), at=NOW + 3 * HOUR, because=WHY)

        assert Article.objects.published()[0].revision.title == "Second"
        clock.move_to(NOW + 3 * HOUR)
        assert Article.objects.published()[0].revision.title == "Third"


def test_publish_now_drops_what_was_scheduled() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.published()
        second = article.save_revision(None, **articles.text(title="Second"))
        articles.approve(second)
        article.publish(second, build.user("Editor"), at=NOW + HOUR, because=WHY)
        article.publish(article.revisions.get(number=1), build.user("Editor"), because=WHY)
        clock.move_to(NOW + 2 * HOUR)
        assert Article.objects.published()[0].revision.title == "How long it lasts"


def test_reschedule_before_the_first_publication_moves_the_date() -> None:
    with time_machine.travel(NOW, tick=False):
        article = articles.approved()
        revision = article.revisions.latest()
        article.publish(revision, build.user("Editor"), at=NOW + HOUR)
        article.publish(revision, build.user("Editor"), at=NOW + 2 * HOUR)
        assert (article.live_from, article.published_at) == (NOW + 2 * HOUR, NOW + 2 * HOUR)


def test_withdraw_takes_it_down_and_keeps_the_first_date() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.published(slug="one")
        clock.move_to(NOW + HOUR)
        article.withdraw(build.user("Editor"))
        assert visible() == []
        article.publish(article.revisions.latest(), build.user("Editor"))
        assert visible() == ["one"]
        assert article.published_at == NOW


def test_withdraw_of_something_scheduled_forgets_its_date() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.approved()
        article.publish(article.revisions.latest(), build.user("Editor"), at=NOW + HOUR)
        article.withdraw(build.user("Editor"))
        clock.move_to(NOW + 2 * HOUR)
        assert visible() == []
        assert article.published_at is None


def test_withdraw_of_a_draft_is_refused() -> None:
    with pytest.raises(ValidationError, match="neither live nor scheduled"):
        articles.draft().withdraw(build.user("Editor"))


def test_roll_back_shows_an_earlier_revision_again() -> None:
    article = articles.published()
    second = article.save_revision(None, **articles.text(title="Second"))
    articles.approve(second)
    article.publish(second, build.user("Editor"), because=WHY)
    article.roll_back(article.revisions.get(number=1), build.user("Editor"))
    assert Article.objects.published()[0].revision.title == "How long it lasts"


def test_roll_back_to_something_never_approved_is_refused() -> None:
    article = articles.published()
    second = article.save_revision(None, **articles.text(title="Second"))
    with pytest.raises(ValidationError):
        article.roll_back(second, build.user("Editor"))


def test_roll_back_to_what_readers_never_saw_is_refused() -> None:
    """Otherwise going back would be a way around the gate."""
    article = articles.published()
    second = article.save_revision(None, **articles.text(title="Second"))
    articles.approve(second)
    with pytest.raises(ValidationError, match="never seen"):
        article.roll_back(second, build.user("Editor"))


def test_roll_back_to_a_schedule_that_was_dropped_is_refused() -> None:
    editor = build.user("Editor")
    with time_machine.travel(NOW, tick=False) as clock:
        article = articles.published()
        first = article.revisions.latest()
        second = article.save_revision(None, **articles.text(title="Second"))
        articles.approve(second)
        clock.shift(HOUR)
        article.publish(second, editor, at=NOW + 3 * HOUR, because=WHY)
        clock.shift(HOUR)
        article.roll_back(first, editor)
        clock.shift(5 * HOUR)
        with pytest.raises(ValidationError, match="never seen"):
            article.roll_back(second, editor)


def test_each_move_is_on_file_with_who_and_when() -> None:
    with time_machine.travel(NOW, tick=False):
        editor = build.user("Editor")
        article = articles.approved()
        revision = article.revisions.latest()
        article.publish(revision, editor, at=NOW + HOUR)
        article.publish(revision, editor)
        article.roll_back(revision, editor)
        article.withdraw(editor)
    kind = Publication.Kind
    assert list(article.publications.values_list("kind", "by", "takes_effect")) == [
        (kind.WITHDRAWN, editor.pk, NOW),
        (kind.ROLLED_BACK, editor.pk, NOW),
        (kind.PUBLISHED, editor.pk, NOW),
        (kind.SCHEDULED, editor.pk, NOW + HOUR),
    ]


def revise(article: Article, *others: Any, **values: Any) -> None:
    """Publishes a text that names these treatments."""
    editor = build.user("Editor")
    revision = article.save_revision(editor, other_treatments=others, **articles.text(**values))
    articles.approve(revision)
    article.publish(revision, editor, because=WHY)


def test_related_articles_are_of_the_topic_then_of_a_treatment_then_newest() -> None:
    shared, drug, aside = articles.topic(), articles.treatment(), articles.treatment()
    here = articles.published(topic=shared, main_treatment=drug)
    revise(here, aside, main_treatment=drug)
    same_topic = articles.published(topic=shared, slug="same-topic")
    same_main = articles.published(main_treatment=drug)
    main_is_aside = articles.published(main_treatment=aside)
    mentions = articles.published(main_treatment=articles.treatment())
    revise(mentions, drug)
    older, newer = articles.published(), articles.published()
    articles.draft(topic=shared, main_treatment=drug, slug="a-draft")
    assert list(Article.objects.related_to(here)) == [
        same_topic, mentions, main_is_aside, same_main, newer, older,
    ]  # fmt: skip


def test_related_articles_count_as_readers_see_them() -> None:
    drug = articles.treatment()
    with time_machine.travel(NOW) as clock:
        here = articles.published(main_treatment=drug)
        was, will_be = articles.published(main_treatment=drug), articles.published()
        newest = articles.published()
        revise(was, main_treatment=articles.treatment())
        waiting = will_be.save_revision(None, **articles.text(main_treatment=drug))
        articles.approve(waiting)
        will_be.publish(waiting, build.user("Editor"), at=NOW + HOUR, because=WHY)
        assert list(Article.objects.related_to(here)) == [newest, will_be, was]
        clock.move_to(NOW + HOUR)
        assert list(Article.objects.related_to(here)) == [will_be, newest, was]


def test_related_articles_of_an_article_without_treatment_are_the_newest() -> None:
    here, other, newer = (articles.published() for _number in range(3))
    assert list(Article.objects.related_to(here)) == [newer, other]
