"""Two people at once: one of them wins, the other is told, nothing is lost."""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from articles.models import Article, StaleBase
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Runs each in its own thread, together, and says how each ended, sorted."""
    ends: list[str] = []
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> None:
        start.wait()
        try:
            action()
            ends.append("done")
        except (StaleBase, ValidationError) as error:
            ends.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(ends)


def test_two_editors_saving_at_once_make_one_revision() -> None:
    article = articles.draft()

    def save(title: str) -> Callable[[], object]:
        mine = Article.objects.get(pk=article.pk)
        text = articles.text(title=title)
        return lambda: mine.save_revision(None, base=1, **text)

    assert at_once(save("Mine"), save("Yours")) == ["StaleBase", "done"]
    assert [revision.number for revision in article.revisions.all()] == [2, 1]


def test_two_editors_publishing_at_once_publish_once() -> None:
    editors = [build.user("Editor"), build.user("Editor")]
    article = articles.approved()

    def publish(number: int) -> Callable[[], object]:
        mine = Article.objects.get(pk=article.pk)
        revision = mine.revisions.latest()
        return lambda: mine.publish(revision, editors[number])

    assert at_once(publish(0), publish(1)) == ["ValidationError", "done"]
    assert article.publications.count() == 1
