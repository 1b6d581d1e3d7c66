"""An article as lists show it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from articles.covers import cover_svg
from articles.models import Article


@dataclass(frozen=True)
class Card:
    """What templates/_article_card.html prints."""

    title: str
    url: str
    summary_text: str
    topic_name: str
    published_at: dt.datetime | None
    reading_minutes: int
    cover: SafeString


def card(article: Article) -> Card:
    """The card of an article out of `published().with_revisions()`."""
    revision = article.revision
    return Card(
        title=revision.title,
        url=article.get_absolute_url(),
        summary_text=revision.description,
        topic_name=article.topic.name,
        published_at=article.published_at,
        reading_minutes=revision.rendered["minutes"],
        cover=cover(article),
    )


def cover(article: Article) -> SafeString:
    return mark_safe(cover_svg(article.slug))
