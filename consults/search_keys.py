"""What a request is found by: keyed hashes, so that no name, number or address stands in clear."""

import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

from clinic.crypto import lookup_hash

if TYPE_CHECKING:
    from consults.models import ConsultRequest


class SearchKeyQuerySet(models.QuerySet["SearchKey"]):
    def having_all(self, digests: list[str]) -> "SearchKeyQuerySet":
        """One key of each request that has every one of these hashes."""
        rows = self.filter(digest=digests[0]) if digests else self.none()
        for digest in digests[1:]:
            rows = rows.filter(request__search_keys__digest=digest)
        return rows


class SearchKey(models.Model):
    """A keyed hash of one word of a name, a phone number or an address: exact match only."""

    class Kind(models.TextChoices):
        NAME = "name"
        PHONE = "phone"
        EMAIL = "email"

    request = models.ForeignKey(
        "consults.ConsultRequest", on_delete=models.CASCADE, related_name="search_keys"
    )
    kind = models.CharField(max_length=5, choices=Kind.choices)
    digest = models.CharField(max_length=40)

    objects = SearchKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "kind", "digest"], name="search_key_once")
        ]
        indexes = [models.Index(fields=["digest", "request"], name="search_key_lookup")]

    def __str__(self) -> str:
        return self.kind

    @staticmethod
    def digests(kind: str, value: str) -> list[str]:
        """The hashes under which `value` is filed: one a word for a name, else one.

        Case, accents and punctuation inside a word do not count: O'Brien is found as obrien.
        """
        folded = unicodedata.normalize("NFKD", value.casefold())
        plain = "".join(char for char in folded if not unicodedata.combining(char))
        if kind == SearchKey.Kind.NAME:
            words = {"".join(filter(str.isalnum, word)) for word in plain.split()}
            return [lookup_hash(kind, word) for word in sorted(words) if word]
        return [lookup_hash(kind, plain.strip())] if plain.strip() else []

    @classmethod
    def with_other_name(
        cls, row: "ConsultRequest", others: Iterable["ConsultRequest"]
    ) -> set[uuid.UUID]:
        """Which of `others` share no word of the name with `row`, where both gave one."""
        keys = cls.objects.filter(kind=cls.Kind.NAME, request__in=[row, *others])
        words: dict[uuid.UUID, set[str]] = defaultdict(set)
        for key, digest in keys.values_list("request_id", "digest"):
            words[key].add(digest)
        own = words.pop(row.pk, set())
        return {key for key, theirs in words.items() if own and not own & theirs}
