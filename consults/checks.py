"""A system check on the database role that serves the site."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection

MAY_CHANGE = "SELECT has_table_privilege('consults_event', 'UPDATE, DELETE, TRUNCATE')"


@register(Tags.database)
def history_is_out_of_reach(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Who looked at what must not be in the hands of whoever takes over the site."""
    if not (settings.PRODUCTION and databases and connection.vendor == "postgresql"):
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(MAY_CHANGE)
            is_out_of_reach = cursor.fetchone() == (False,)
    except DatabaseError:  # before the first migration there is nothing to check
        return []
    if is_out_of_reach:
        return []
    return [
        Warning(
            "This database role may change and delete the record of who looked at what.",
            hint="That is right for migrating. The site and the worker run as the second role "
            "of deploy/postgres/roles.sql.",
            id="consults.W001",
        )
    ]
