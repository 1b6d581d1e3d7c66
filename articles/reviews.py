"""Which live texts a medical reviewer should read again, and when. Overdue never unpublishes."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.library import Person
from articles.revisions import Revision

# The days ahead that each part of the queue reaches, and what it is called.
PARTS: list[tuple[int, str | Promise]] = [
    (-1, _("Overdue")),
    (30, _("Due within 30 days")),
    (60, _("Due within 60 days")),
    (90, _("Due within 90 days")),
]


@dataclass
class Part:
    """One part of the queue: what is due by `until` and in no part before."""

    name: str | Promise
    until: dt.date
    revisions: list[Revision] = field(default_factory=list)


def due() -> list[Revision]:
    """What readers see whose review is over or runs out soon, the longest overdue first."""
    last = timezone.localdate() + dt.timedelta(days=PARTS[-1][0])
    rows = Revision.objects.shown().review_due_by(last)
    return list(rows.select_related("article", "reviewer").prefetch_related("approvals"))


def parts(revisions: list[Revision]) -> list[Part]:
    """The parts of the queue that hold anything."""
    today = timezone.localdate()
    found = [Part(name, today + dt.timedelta(days=days)) for days, name in PARTS]
    for revision in revisions:
        when = revision.review_due or dt.date.min
        next(part for part in found if when <= part.until).revisions.append(revision)
    return [part for part in found if part.revisions]


def queue() -> list[Part]:
    return parts(due())


@dataclass(frozen=True)
class Owner:
    """Who is named as the reviewer of texts that are due, and of how many."""

    key: str
    name: str
    count: int


NOBODY = "-"


def owner_of(revision: Revision) -> str:
    """The key under which the queue shows what this person reviews."""
    return revision.reviewer.slug if revision.reviewer else NOBODY


def owners(revisions: list[Revision]) -> list[Owner]:
    """By name; what names nobody comes last."""
    people = {row.reviewer for row in revisions if row.reviewer}
    keys = [owner_of(revision) for revision in revisions]
    named = [
        Owner(person.slug, person.name, keys.count(person.slug))
        for person in sorted(people, key=_by_name)
    ]
    nobody = [Owner(NOBODY, str(_("Nobody named")), keys.count(NOBODY))] if NOBODY in keys else []
    return named + nobody


def _by_name(person: Person) -> str:
    return person.name.casefold()


def counts() -> dict[str, int]:
    """How many are overdue and how many are due within 30 days, in one query."""
    return Revision.objects.shown().review_counts()
