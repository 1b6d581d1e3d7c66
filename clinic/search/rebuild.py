"""Makes the whole index anew, after the texts were loaded past the verbs that keep it right."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from django.db import transaction

import articles.index
import locations.index
from articles.models import Article
from clinic.index import MANY_WAIT, let_wait
from clinic.models import SearchEntry, SearchWord

AT_ONCE = 200


@transaction.atomic
def rebuild() -> int:
    """Says how many pages the index holds. The oldest article goes in first."""
    let_wait(MANY_WAIT)
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
    words = Counter[str]()
    pages = (
        entry
        for article in Article.objects.indexed().iterator(chunk_size=AT_ONCE)
        for entry in articles.index.entries(article)
    )
    for batch in iter(lambda: counted(islice(pages, AT_ONCE), words), []):
        SearchEntry.objects.bulk_create(batch)
    SearchWord.objects.bulk_create(
        (SearchWord.of(word, uses) for word, uses in sorted(words.items())), batch_size=500
    )
    locations.index.put()
    return SearchEntry.objects.count()


def counted(pages: Iterable[SearchEntry], words: Counter[str]) -> list[SearchEntry]:
    """The pages, each with its words counted while they are at hand."""
    taken = []
    for page in pages:
        words.update(page.vocabulary())
        taken.append(page)
    return taken
