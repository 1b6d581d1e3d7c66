"""Storing many rows at once: by COPY on PostgreSQL, several times as fast as inserts."""

import datetime as dt
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from clinic import patience

SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def store(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Adds new rows as they are: nothing is checked but by the database. Wants a transaction."""
    if connection.vendor == "postgresql":
        _copy(model, rows)
    else:
        model._default_manager.bulk_create(rows)


def _copy(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    fields = [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)  # BigAutoField is one too: the database counts
    ]
    names = [field.attname for field in fields]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    lines = ("\t".join([_text(row.__dict__[name]) for name in names]) + "\n" for row in rows)
    text = io.StringIO("".join(lines))
    with connection.cursor() as cursor, patience.left_to_psycopg2():
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)


def _text(value: Any) -> str:
    """One value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(SPECIAL)
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    if isinstance(value, dict | list):
        return json.dumps(value).translate(SPECIAL)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value)
