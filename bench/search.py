"""Times the search at 20,000 generated articles: p50 and p95 of a whole page, in milliseconds.

    python -m bench.search                                          (SQLite)
    DATABASE_URL=postgres://… python -m bench.search                (PostgreSQL)

Works in a test database of its own, which is made before and dropped after. The articles are
sentences of the starter articles in new order, among words that were made up so that the vocabulary
is as long as a large site's. Everything is drawn with the same seed each time.
"""

import argparse
import csv
import datetime as dt
import logging
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
TABLES = sorted((ROOT / "tests/clinic").glob("search_*.csv"))
HEADER = re.compile(r"^---\n.*?^---\n", re.S | re.M)
SENTENCES_OF_ONE = 35
INVENTED_WORDS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0)
    try:
        fill(options.articles)
        report(connection.vendor, options.articles, options.rounds)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


# --- Articles -----------------------------------------------------------------------------------


def fill(count: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from articles.models import Article, Revision, Topic

    call_command("load_starter_content", verbosity=0)
    call_command("load_demo_data", verbosity=0)
    topic = Topic.objects.all()[0]
    drawn = Drawn(random.Random(988))  # noqa: S311 -- the same articles each time
    for start in range(0, count, 500):
        numbers = range(start, min(start + 500, count))
        made = Article.objects.bulk_create(
            Article(slug=f"generated-{number}", topic=topic) for number in numbers
        )
        revisions = Revision.objects.bulk_create(drawn.revision(article) for article in made)
        for article, revision in zip(made, revisions, strict=True):
            article.live_revision = revision
            article.live_from = article.published_at = drawn.moment()
        Article.objects.bulk_update(made, ["live_revision", "live_from", "published_at"])
    began = time.perf_counter()
    call_command("rebuild_search")
    print(f"rebuild_search: {time.perf_counter() - began:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Drawn:
    """Articles drawn at random from what the starter articles say."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        text = " ".join(
            HEADER.sub("", path.read_text("utf-8"))
            for path in sorted((ROOT / "articles/starter").glob("*.md"))
        )
        plain = re.sub(r"\s*\[@[^]]*\]|[#*|]|\]\([^)]*\)|\[", " ", text)
        self.sentences = [" ".join(part.split()) for part in re.split(r"(?<=[.?!])\s", plain)]
        self.words = [self._word() for _n in range(INVENTED_WORDS)]

    def _word(self) -> str:
        parts = self.chance.choices(["ba", "ren", "tol", "mi", "ca", "dor", "xe", "lin"], k=4)
        return "".join(parts) + self.chance.choice("abcdefghijklmnopqrstuvwxyz")

    def _sentence(self) -> str:
        # The hundredth word is a hundred times rarer than the first, as in any language.
        rank = int(len(self.words) ** self.chance.random())
        return f"{self.chance.choice(self.sentences)} The {self.words[rank - 1]} is one."

    def _title(self) -> str:
        return " ".join(self._sentence().split()[:9])[:140]

    def moment(self) -> Any:
        from django.utils import timezone

        return timezone.now() - dt.timedelta(minutes=self.chance.randrange(1, 10**6))

    def revision(self, article: Any) -> Any:
        from articles.models import Revision

        body = " ".join(self._sentence() for _n in range(SENTENCES_OF_ONE))
        questions = [
            {"question": self._title(), "answer": "", "answer_text": self._sentence()}
            for _n in range(3)
        ]
        printed = {
            "text": body,
            "summary_text": self._sentence(),
            "questions": questions,
            "toc": [{"title": self._title()} for _n in range(4)],
        }
        return Revision(
            article=article, number=1, title=self._title(), short_title="Generated",
            description=self._sentence()[:160], summary="", body="", rendered=printed,
        )  # fmt: skip


# --- Searches -----------------------------------------------------------------------------------


def queries() -> Iterator[str]:
    """What people type: the tables of the tests; with a letter missing; and in quotes."""
    chance = random.Random(911)  # noqa: S311
    for table in TABLES:
        with table.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                query = row["query"]
                yield query
                yield misspelled(query, chance)
                yield f'"{" ".join(query.split()[:2])}"'
    yield from ("ketamine", "depression", "ketamine depression", "ketamine infusion for depression")


def misspelled(query: str, chance: random.Random) -> str:
    place = chance.randrange(len(query))
    return query[:place] + query[place + 1 :]


def report(vendor: str, articles: int, rounds: int) -> None:
    from django.test import Client

    client, asked = Client(headers={"Host": "127.0.0.1"}), list(queries())
    for path in ("/search/", "/search/suggest/"):
        for query in asked[:20]:
            client.get(path, {"q": query})
        took = {query: [measure(client, path, query) for _n in range(rounds)] for query in asked}
        print(f"{vendor} {path} {articles} articles, {len(asked)} queries, {rounds} times each:")
        for number, name in enumerate(("by the clock", "on the processor")):
            best = {query: min(each[number] for each in times) for query, times in took.items()}
            every = [each[number] for times in took.values() for each in times]
            slowest = max(best, key=best.__getitem__)
            print(f"  {name}: all {shares(every)}; best of each {shares(list(best.values()))}")
            print(f"    slowest of these {best[slowest]:.0f} ms: {slowest}")


def shares(times: list[float]) -> str:
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[18]
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms"


def measure(client: Any, path: str, query: str) -> tuple[float, float]:
    """Milliseconds by the clock, and those that this process and its database worked.

    The first holds whatever else the machine did at that moment; the second does not.
    """
    began, worked = time.perf_counter(), processor_seconds()
    response = client.get(path, {"q": query})
    took = (time.perf_counter() - began) * 1000, (processor_seconds() - worked) * 1000
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code} to {query!r}")
    return took


def processor_seconds() -> float:
    """Of this process and, where it runs on this machine, of PostgreSQL's for our connection."""
    from django.db import connection

    seconds = time.process_time()
    if connection.vendor == "postgresql" and connection.connection is not None:
        schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        if schedule.exists():
            seconds += int(schedule.read_text().split()[0]) / 1e9
    return seconds


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAR_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
        django.setup()
        logging.disable(logging.CRITICAL)
        main()
