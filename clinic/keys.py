"""Which keys the sealed values in the database need, and moving all of them to the first key."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Func, Q, Value

from clinic.crypto import CannotOpen, key_mark, sealed

UNREADABLE = "?"  # in place of a key id that is none


def sealed_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if sealed.of(model)]


def part(column: str, start: int, length: int) -> Func:
    """Some bytes of a column, counted from 1."""
    places = (Value(start), Value(length))
    return Func(F(column), *places, function="SUBSTR", output_field=models.BinaryField())


# --- What is in use -----------------------------------------------------------------------------


def keys_in_use() -> Counter[str]:
    """How many values each key has sealed, by key id. Reads the first bytes of every value."""
    found: Counter[str] = Counter()
    for model in sealed_models():
        for text in sealed.of(model):
            found.update(_keys_of(model, text.column))
    return found


def _keys_of(model: type[models.Model], column: str) -> Counter[str]:
    """By length first: where a key id ends, random bytes begin."""
    rows = model._base_manager.exclude(**{column: None}).order_by()
    found: Counter[str] = Counter()
    for (mark,) in set(rows.annotate(mark=part(column, 2, 1)).values_list("mark").distinct()):
        length = bytes(mark)[0] if mark else 0
        same = rows.annotate(mark=part(column, 2, 1)).filter(mark=bytes(mark))
        named = same.annotate(key=part(column, 3, length)).values_list("key")
        for key, count in named.annotate(count=Count("pk")):
            found[_key_id(bytes(key))] += count
    return found


def _key_id(raw: bytes) -> str:
    is_one = raw.isalnum() and raw.isascii() and len(raw) <= 8
    return raw.decode("ascii") if is_one else UNREADABLE


def missing_keys() -> Counter[str]:
    """How many values wait for a key that is not in SEALING_KEYS, by key id."""
    in_use = keys_in_use()
    return Counter(
        {key: count for key, count in in_use.items() if key not in settings.SEALING_KEYS}
    )


# --- Moving to the first key --------------------------------------------------------------------


@dataclass
class Batch:
    """What became of some rows."""

    rows: int = 0
    values: int = 0  # sealed anew
    unreadable: int = 0  # left as they were


def reseal(size: int) -> Iterator[Batch]:
    """Seals what another key sealed with the first key, `size` rows to a transaction.

    Rows that are done are not looked at again: what was broken off goes on where it stopped.
    """
    for model in sealed_models():
        last: uuid.UUID | None = None
        while rows := _reseal_batch(model, last, size):
            last = rows[-1][0]
            yield _sum([batch for _key, batch in rows])


def _reseal_batch(
    model: type[models.Model], after: uuid.UUID | None, size: int
) -> list[tuple[uuid.UUID, Batch]]:
    """Holds the rows while it works, so that an erasure meanwhile is not undone."""
    texts = sealed.of(model)
    with transaction.atomic():
        rows = _not_done(model, [text.column for text in texts])
        if after is not None:
            rows = rows.filter(pk__gt=after)
        held = list(rows.order_by("pk").select_for_update(of=("self",))[:size])
        batches = [(row.pk, _sum([_reseal_one(row, text) for text in texts])) for row in held]
        if held:
            model._base_manager.bulk_update(held, [text.column for text in texts])
    return batches


def _not_done(model: type[models.Model], columns: list[str]) -> models.QuerySet[Any]:
    """The rows with a value that does not begin with the mark of the first key."""
    mark, others = key_mark(next(iter(settings.SEALING_KEYS))), Q()
    rows = model._base_manager.only("pk", *columns)
    for column in columns:
        rows = rows.alias(**{f"{column}_mark": part(column, 1, len(mark))})
        others |= Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}_mark": mark})
    return rows.filter(others)


def _reseal_one(row: models.Model, text: sealed) -> Batch:
    mark, blob = key_mark(next(iter(settings.SEALING_KEYS))), getattr(row, text.column)
    if blob is None or bytes(blob).startswith(mark):
        return Batch()
    try:
        text.write(row, text.read(row))
    except CannotOpen:
        return Batch(unreadable=1)
    return Batch(values=1)


def _sum(batches: list[Batch]) -> Batch:
    return Batch(
        rows=len(batches),
        values=sum(batch.values for batch in batches),
        unreadable=sum(batch.unreadable for batch in batches),
    )
