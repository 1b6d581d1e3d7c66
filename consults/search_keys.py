"""What a request is found by: keyed hashes, so that no name, number or address stands in clear."""

import unicodedata

from django.db import models

from clinic.crypto import lookup_hash


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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "kind", "digest"], name="search_key_once")
        ]
        indexes = [models.Index(fields=["digest"], name="search_key_digest")]

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
