"""What the search index holds of an article: each text that readers see, or will, and when.

Called by the verbs that move what is live. A scheduled text goes in at once with its moment, and
the index shows it from then on.
"""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from articles.markdown import parse
from articles.tokens import plain_text
from clinic.index import Question, SearchEntry

if TYPE_CHECKING:
    from articles.models import Article
    from articles.revisions import Revision

KIND = SearchEntry.Kind.ARTICLE


def put(article: "Article") -> None:
    """Makes the index say of this article what its pointers say now."""
    SearchEntry.objects.put(KIND, entries(article), article.slug)


def move(article: "Article", old_slug: str) -> None:
    """Takes out what the index holds under an earlier address, and puts in the present one."""
    SearchEntry.objects.put(KIND, [], old_slug)
    put(article)


def entries(article: "Article") -> Iterator[SearchEntry]:
    """One entry for each revision that is live or scheduled; none for a draft."""
    if article.live_revision is None or article.live_from is None:
        return
    yield entry(article, article.live_revision, article.live_from, article.next_from)
    if article.next_revision is not None and article.next_from is not None:
        yield entry(article, article.next_revision, article.next_from, None)


def entry(
    article: "Article", revision: "Revision", since: dt.datetime, until: dt.datetime | None
) -> SearchEntry:
    printed = revision.rendered
    return SearchEntry.of_page(
        kind=KIND,
        key=article.slug,
        path=article.get_absolute_url(),
        title=revision.title,
        opening=revision.description,
        text=printed.get("text") or plain_text(parse(revision.body)),
        summary=printed.get("summary_text", ""),
        headings=[heading["title"] for heading in printed.get("toc", [])],
        questions=questions(printed.get("questions", [])),
        live_from=since,
        live_until=until,
        dated=article.published_at,
    )


def questions(printed: list[dict[str, str]]) -> list[Question]:
    """Each question with its answer and the anchor that templates/articles/detail.html gives it."""
    return [
        {
            "question": item["question"],
            "answer": item.get("answer_text", ""),
            "anchor": f"question-{number}",
        }
        for number, item in enumerate(printed, 1)
    ]
