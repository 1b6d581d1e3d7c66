"""The index that the search reads: a row for every page that can be found, and the words they use.

This is ground: it knows no app. An app hands over the entries of its pages whenever one changes,
and the database keeps its own full text in step with the rows (migration `full_text`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, ClassVar, TypedDict

from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.words import LONGEST_WORD, folded, stem, stems

KEEP_MISSES_DAYS = 90
MISSES_A_DAY = 500
# In kilobytes: how much may wait in the pending lists of PostgreSQL's full text, which every search
# reads through. The first is the least that PostgreSQL takes.
FEW_WAIT, MANY_WAIT = 64, 64 * 1024


class Question(TypedDict):
    question: str
    answer: str
    anchor: str


class SearchEntryQuerySet(models.QuerySet["SearchEntry"]):
    def live(self, now: dt.datetime | None = None) -> "SearchEntryQuerySet":
        """What the public may find at `now`. The clock alone brings a scheduled text in."""
        now = now or timezone.now()
        return self.filter(Q(live_until__isnull=True) | Q(live_until__gt=now), live_from__lte=now)

    def of(self, kind: str, key: str = "") -> "SearchEntryQuerySet":
        """The entries of one page, or of all pages of a kind."""
        return self.filter(kind=kind, key=key) if key else self.filter(kind=kind)

    def put(self, kind: str, entries: Iterable["SearchEntry"], key: str = "") -> None:
        """Replaces the entries of one page, or of a whole kind, and counts their words anew."""
        with transaction.atomic():
            let_wait(FEW_WAIT)
            before = self.of(kind, key)
            words = Counter[str]()
            for entry in before:
                words.subtract(entry.vocabulary())
            before.delete()
            fresh = SearchEntry.objects.bulk_create(entries, batch_size=200)
            for entry in fresh:
                words.update(entry.vocabulary())
            SearchWord.objects.count_in(words)


class SearchEntry(models.Model):
    """One page while one text of it is live: what it says, and its words as stems, field by field.

    Stems stand between single spaces, with one before the first and after the last, so that a word
    or a phrase is found by looking for " word ". Each question has its own line.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article", _("Article")
        SERVICE = "service", _("Service")
        CLINIC = "clinic", _("Clinic")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=120)
    path = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    opening = models.TextField(blank=True)
    text = models.TextField(blank=True)
    questions = models.JSONField(default=list, blank=True)
    title_words = models.TextField()
    question_words = models.TextField(blank=True)
    summary_words = models.TextField(blank=True)
    heading_words = models.TextField(blank=True)
    body_words = models.TextField(blank=True)
    # Each two stems that stand side by side, as one word: what a phrase is found by.
    pair_words = models.TextField(blank=True, db_default="", default="")
    live_from = models.DateTimeField()
    live_until = models.DateTimeField(null=True)
    dated = models.DateTimeField()

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "key"], name="search_entry_page")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=["article", "service", "clinic"]),
                name="search_entry_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(live_until__isnull=True) | Q(live_until__gt=F("live_from")),
                name="search_entry_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.path

    @classmethod
    def of_page(
        cls,
        *,
        title: str,
        opening: str,
        text: str,
        summary: str = "",
        headings: Sequence[str] = (),
        questions: Sequence[Question] = (),
        live_from: dt.datetime | None = None,
        dated: dt.datetime | None = None,
        **values: Any,
    ) -> "SearchEntry":
        """An entry, not saved, with its words. `opening` is the description that lists print."""
        now = timezone.now()
        asked = [stems(entry["question"]) for entry in questions]
        named, opened, written = stems(title), stems(opening), stems(text)
        summed, headed = stems(summary), list(map(stems, headings))
        parts = [named, *asked, opened, summed, *headed, written]
        # In the order of the text: a rebuilt index is then the same, and nothing need be sorted.
        pairs = dict.fromkeys(two for part in parts for two in pairs_of(part))
        return cls(
            title=title,
            opening=opening,
            text=text,
            questions=list(questions),
            title_words=line(named),
            question_words="\n".join(map(line, asked)),
            summary_words=line(opened + summed),
            heading_words="\n".join(map(line, headed)),
            body_words=line(opened + written),
            pair_words=" ".join(pairs),
            live_from=live_from or now,
            dated=dated or now,
            **values,
        )

    def vocabulary(self) -> set[str]:
        """The words it uses, folded, as they are counted in SearchWord."""
        asked = [part for item in self.questions for part in (item["question"], item["answer"])]
        return {
            word for part in (self.title, self.opening, self.text, *asked) for word in folded(part)
        }


def pairs_of(words: Sequence[str]) -> list[str]:
    """Each two neighbours as one word. Not every such word is unique: what it finds is checked."""
    return [f"{one}0{other}" for one, other in pairwise(words)]


def line(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def let_wait(kilobytes: int) -> None:
    """How much of what this transaction writes PostgreSQL may leave for later in its full text."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL gin_pending_list_limit = {kilobytes:d}")


class SearchWordQuerySet(models.QuerySet["SearchWord"]):
    def count_in(self, change: Counter[str]) -> None:
        """Adds to the uses of each word, and forgets those that no page uses any more."""
        changed = sorted(word for word, uses in change.items() if uses)
        if not changed:
            return
        new = (SearchWord.of(word) for word in changed if change[word] > 0)
        SearchWord.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        # Locked in one order, or two editors who publish together could wait for each other.
        list(self.filter(word__in=changed).order_by("word").select_for_update().values("pk"))
        for uses in set(change.values()) - {0}:
            alike = [word for word in changed if change[word] == uses]
            self.filter(word__in=alike).update(uses=F("uses") + uses)
        self.filter(word__in=changed, uses__lte=0).delete()

    def like(self, words: Iterable[str]) -> Q:
        """Rows that one of these words may be a misspelling or the beginning of.

        Whoever mistypes a word seldom gets both its first two and its last three letters wrong.
        """
        alike = Q()
        for word in words:
            near = Q(length__range=(len(word) - 2, len(word) + 2))
            alike |= Q(head=word[:2]) & (near | Q(word__startswith=word))
            alike |= Q(tail=word[-3:]) & near
        return alike


class SearchWord(models.Model):
    """A word that the pages use, folded, with its stem and the number of entries that use it."""

    word = models.CharField(max_length=LONGEST_WORD, unique=True)
    stem = models.CharField(max_length=LONGEST_WORD, db_index=True)
    head = models.CharField(max_length=2, db_index=True)
    tail = models.CharField(max_length=3, db_index=True)
    length = models.PositiveSmallIntegerField()
    uses = models.IntegerField(default=0, db_index=True)

    objects = SearchWordQuerySet.as_manager()

    class Meta:
        verbose_name = _("search word")
        verbose_name_plural = _("search words")

    def __str__(self) -> str:
        return self.word

    @classmethod
    def of(cls, word: str, uses: int = 0) -> "SearchWord":
        head, tail = word[:2], word[-3:]
        return cls(word=word, stem=stem(word), head=head, tail=tail, length=len(word), uses=uses)


@contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """A transaction that is whole or not there, but that a power cut right after it may undo."""
    is_sqlite = connection.vendor == "sqlite"
    # SQLite takes the setting outside of transactions only, and keeps it for those that follow.
    may_set = is_sqlite and not connection.in_atomic_block
    with connection.cursor() as cursor:
        kept = cursor.execute("PRAGMA synchronous").fetchone()[0] if may_set else None
        try:
            if may_set:
                cursor.execute("PRAGMA synchronous = NORMAL")
            with transaction.atomic():
                if not is_sqlite:
                    cursor.execute("SET LOCAL synchronous_commit = off")
                yield
        finally:
            if may_set:
                cursor.execute(f"PRAGMA synchronous = {kept:d}")


class SearchMissQuerySet(models.QuerySet["SearchMiss"]):
    def count_in(self, words: str, today: dt.date | None = None) -> None:
        """Counts one search, unless the day is full. Forgets what is past its time."""
        today = today or timezone.localdate()
        counted = self.filter(day=today).aggregate(n=models.Sum("count"))["n"] or 0
        if counted >= MISSES_A_DAY:
            return
        if not self.filter(day=today, words=words).update(count=F("count") + 1):
            self.forget_old(today)
            self.create(day=today, words=words, count=1)

    def forget_old(self, today: dt.date | None = None) -> int:
        """Deletes what is past its time, and says how many rows that were."""
        last = (today or timezone.localdate()) - dt.timedelta(days=KEEP_MISSES_DAYS)
        return self.filter(day__lte=last).delete()[0]


class SearchMiss(models.Model):
    """How often a search found nothing on a day, in words that the site itself uses.

    Other words could be anything, a name among them, and are never kept.
    """

    day = models.DateField(_("day"))
    words = models.CharField(_("words"), max_length=200)
    count = models.PositiveIntegerField(_("searches"), default=0)

    objects = SearchMissQuerySet.as_manager()

    class Meta:
        verbose_name = _("search that found nothing")
        verbose_name_plural = _("searches that found nothing")
        ordering = ["-day", "-count", "words"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "words"], name="search_miss_once_a_day")
        ]

    def __str__(self) -> str:
        return self.words
