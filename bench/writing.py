"""Times the two answers that the writing screen asks for when typing pauses.

For the longest article of a site with starter and demo content: python -m bench.writing
"""

import logging
import os
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.core.cache import cache  # noqa: E402 -- after the settings
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from articles.findings import texts_of  # noqa: E402
from articles.models import Article, Revision  # noqa: E402
from clinic.models import User  # noqa: E402

ROUNDS = 9
ANSWERS = {
    "preview": "/admin/articles/article/preview/",
    "remarks": "/admin/articles/article/remarks/",
}


def longest() -> tuple[Article, Revision]:
    articles = Article.objects.published().with_revisions()
    article = max(articles, key=lambda one: int(one.revision.rendered["words"]))
    return article, article.revision


def main() -> None:
    setup_test_environment()
    logging.disable(logging.INFO)
    client = Client()
    client.force_login(User.objects.get(username="editor"))
    article, revision = longest()
    typed = {
        **texts_of(revision),
        "article": article.pk,
        "slug": article.slug,
        "topic": article.topic_id,
    }
    print(f"{revision.rendered['words']} words; best and median of {ROUNDS}, in ms")
    for name, address in ANSWERS.items():
        times = []
        for _round in range(ROUNDS):
            cache.clear()  # links are looked at anew
            start = time.perf_counter()
            client.post(address, typed)
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.post(address, typed)
        print(
            f"{name}: {min(times):.0f}, {statistics.median(times):.0f}; {len(queries)} queries"
            " with links remembered"
        )


if __name__ == "__main__":
    main()
