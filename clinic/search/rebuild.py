"""Makes the whole index anew, after the texts were loaded past the verbs that keep it right."""

from collections import Counter
from itertools import islice

from django.db import transaction

import articles.index
import locations.index
from articles.models import Article
from clinic.models import SearchEntry, SearchWord

AT_ONCE = 200


@transaction.atomic
def rebuild() -> int:
    """Says how many pages the index holds. The oldest article goes in first."""
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
    words = Counter[str]()
    pages = (
        entry
        for article in Article.objects.indexed().iterator(chunk_size=AT_ONCE)
        for entry in articles.index.entries(article)
    )
    while batch := list(islice(pages, AT_ONCE)):
        for entry in SearchEntry.objects.bulk_create(batch):
            words.update(entry.vocabulary())
    SearchWord.objects.bulk_create(
        (SearchWord.of(word, uses) for word, uses in sorted(words.items())), batch_size=500
    )
    locations.index.put()
    return SearchEntry.objects.count()
