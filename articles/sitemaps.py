"""The public pages of articles, for the site map."""

import datetime as dt
from collections.abc import Iterator

from articles.models import Article, Person, Topic


def entries() -> Iterator[tuple[str, dt.datetime | None]]:
    """The path of each page there is something on, and when that last changed."""
    for article in Article.objects.published():
        yield article.get_absolute_url(), article.updated_at
    for topic in Topic.objects.with_published():
        yield topic.get_absolute_url(), topic.newest_at  # type: ignore[attr-defined]
    for person in Person.objects.with_published():
        yield person.get_absolute_url(), person.newest_at  # type: ignore[attr-defined]
