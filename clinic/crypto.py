"""Sealing patient text, and the keyed hashes that find it again.

AES-256-GCM. A sealed value is bound to its table, row and column, so that a value moved elsewhere
does not open. Layout: version (1 byte), length of the key id (1), key id, nonce (12), ciphertext
with tag. Keys come from settings.SEALING_KEYS: the first seals, any opens.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

VERSION = 1
NONCE_BYTES = 12
LOOKUP_HEX_LENGTH = 40


class CannotOpen(Exception):
    """A sealed value that no key here opens. Carries no content."""


def seal(text: str, context: str) -> bytes:
    """Seals `text` for the place named by `context`."""
    key_id, key = next(iter(settings.SEALING_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    head = key_mark(key_id)
    return head + nonce + AESGCM(key).encrypt(nonce, text.encode(), head + context.encode())


def open_sealed(blob: bytes, context: str) -> str:
    """The text behind `blob`. Raises CannotOpen when it was altered, moved, or its key is gone."""
    try:
        head_end = 2 + blob[1]
        head = blob[:head_end]
        key = settings.SEALING_KEYS[head[2:].decode("ascii")]
        nonce, sealed = blob[head_end : head_end + NONCE_BYTES], blob[head_end + NONCE_BYTES :]
        if blob[0] != VERSION:
            raise CannotOpen
        return AESGCM(key).decrypt(nonce, sealed, head + context.encode()).decode()
    except (InvalidTag, KeyError, IndexError, ValueError) as error:
        raise CannotOpen from error


def key_mark(key_id: str) -> bytes:
    """How every value begins that this key sealed."""
    return bytes([VERSION, len(key_id)]) + key_id.encode("ascii")


class sealed(property):
    """Reads and writes text through the sealed bytes in `column`.

    The row's primary key must be set before the first write (ours are UUIDs made in Python).
    Reading raises CannotOpen for a value that does not open.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(self.read, self.write)

    def read(self, row: models.Model) -> str:
        blob = getattr(row, self.column)
        return "" if blob is None else open_sealed(bytes(blob), self.place(row))

    def write(self, row: models.Model, text: str) -> None:
        setattr(row, self.column, seal(text, self.place(row)) if text else None)

    def place(self, row: models.Model) -> str:
        return f"{row._meta.db_table}:{row.pk}:{self.column}"

    @staticmethod
    def of(model: type[models.Model]) -> "list[sealed]":
        """Every sealed text of a model."""
        return [value for value in vars(model).values() if isinstance(value, sealed)]


def lookup_hash(kind: str, value: str) -> str:
    """A keyed hash by which an exact value of one kind is found without being stored.

    The caller normalises `value` first (consults.models.SearchKey).
    """
    message = f"{kind}:{value}".encode()
    return hmac.new(settings.LOOKUP_KEY, message, hashlib.sha256).hexdigest()[:LOOKUP_HEX_LENGTH]
