"""The chain over events: each is linked to the one before it of the same request, and signed.

The worker links in batches, so that no request waits for another. Links and seals are added, never
changed; what is not linked yet is the unsealed tail, which verification reports.
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto import lookup_hash

if TYPE_CHECKING:
    from consults.events import Event

Ends = dict[uuid.UUID | None, str]  # the last digest of each chain
BATCH = 1000
# A number is given when an event is written and seen when it is committed: later ones may come
# first. Nobody holds a transaction open while so many others are written.
LATE_BY = 10_000
LOCK = 7_325_001  # a number of our own for pg_advisory_xact_lock


class AppendOnly(models.QuerySet[Any]):
    """Rows that are added and read. PostgreSQL refuses the rest too (deploy/postgres)."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("These rows are append-only.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("These rows are append-only.")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Adds rows. What would replace one that is there is refused."""
        if options.get("update_conflicts"):
            raise TypeError("These rows are append-only.")
        return super().bulk_create(objs, *args, **options)


class AppendOnlyModel(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError on an attempt to change a row."""
        if not self._state.adding:
            raise TypeError("These rows are append-only.")
        super().save(*args, **(kwargs | {"force_insert": True}))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("These rows are append-only.")


class Seal(AppendOnlyModel):
    """The signature over one batch of links, and over the seal before it."""

    at = models.DateTimeField(default=timezone.now)
    links_count = models.PositiveIntegerField()
    signature = models.CharField(max_length=40)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Link(AppendOnlyModel):
    """One event in the chain of its request; what concerns no single request has a chain too."""

    event = models.OneToOneField("consults.Event", on_delete=models.PROTECT, related_name="link")
    # The same as the event's, to find the end of a chain.
    request = models.ForeignKey(
        "consults.ConsultRequest", on_delete=models.PROTECT, null=True, related_name="+"
    )
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="links")
    digest = models.CharField(max_length=40)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.digest


def content(event: "Event") -> str:
    """The event as one text, the same on every database."""
    moment = event.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    parts = [event.pk, str(event.request_id), event.kind, moment, event.actor_id, event.detail]
    return json.dumps(parts, sort_keys=True)


def digest_of(event: "Event", before: str) -> str:
    return lookup_hash("event", f"{before}:{content(event)}")


def signature_of(links: Iterable[Link], before: str) -> str:
    digests = ",".join(f"{link.event_id}:{link.digest}" for link in links)
    return lookup_hash("seal", f"{before}:{digests}")


# --- Linking ------------------------------------------------------------------------------------


@transaction.atomic
def seal_batch() -> int:
    """Links and signs what is not linked yet, up to BATCH events; returns how many."""
    from consults.models import Event

    _one_worker_at_a_time()
    last = Seal.objects.order_by("-pk").first()
    links = list(_linked(list(Event.objects.unsealed()[:BATCH])))
    if not links:
        return 0
    signature = signature_of(links, last.signature if last else "")
    seal = Seal.objects.create(links_count=len(links), signature=signature)
    for link in links:
        link.seal = seal
    Link.objects.bulk_create(links)
    return len(links)


def _one_worker_at_a_time() -> None:
    """Until the transaction ends. SQLite has one writer anyway; a row cannot be locked by a role
    that may not change it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _linked(events: list["Event"]) -> Iterator[Link]:
    ends = _ends({event.request_id for event in events})
    for event in events:
        digest = digest_of(event, ends.get(event.request_id, ""))
        ends[event.request_id] = digest
        yield Link(event=event, request_id=event.request_id, digest=digest)


def _ends(requests: Iterable[uuid.UUID | None]) -> Ends:
    """The last digest of each of these chains."""
    keys = {key for key in requests if key is not None}
    last = Link.objects.filter(request__in=keys).order_by().values("request")
    newest = last.annotate(newest=models.Max("pk")).values("newest")
    ends: Ends = dict(
        Link.objects.filter(pk__in=newest).order_by().values_list("request_id", "digest")
    )
    loose = Link.objects.filter(request=None).order_by("-pk").first()
    return ends | ({None: loose.digest} if loose else {})


# --- Verifying ----------------------------------------------------------------------------------


@dataclass
class Verdict:
    """What verification found. Codes and numbers only."""

    sealed: int = 0
    unsealed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.problems


def verify() -> Verdict:
    """Goes over every link, seal and event once, in memory for one seal at a time."""
    from consults.models import Event

    verdict, before = Verdict(), ""
    ends: Ends = {}
    links = Link.objects.select_related("event").order_by("seal_id", "pk")
    seals = {seal.pk: seal for seal in Seal.objects.all()}
    for key, group in groupby(links.iterator(chunk_size=BATCH), key=lambda link: link.seal_id):
        batch, seal = list(group), seals.pop(key)
        for link in batch:
            _check(link, ends, verdict)
        if seal.links_count != len(batch) or seal.signature != signature_of(batch, before):
            verdict.problems.append(f"seal {key}: its signature does not fit its links")
        before = seal.signature
        verdict.sealed += len(batch)
    verdict.problems += [f"seal {key}: its links are gone" for key in seals]
    verdict.unsealed = Event.objects.count() - verdict.sealed
    return verdict


def _check(link: Link, ends: Ends, verdict: Verdict) -> None:
    """An event whose request or content is not what was linked."""
    expected = digest_of(link.event, ends.get(link.request_id, ""))
    if link.request_id != link.event.request_id or link.digest != expected:
        verdict.problems.append(f"event {link.event_id}: not what was sealed")
    ends[link.request_id] = link.digest
