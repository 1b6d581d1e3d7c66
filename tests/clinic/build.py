"""Rows of the search index for tests, as an app would hand them over."""

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from clinic.models import SearchEntry

_numbers = itertools.count(1)


def page(kind: str = "article", **values: Any) -> SearchEntry:
    """A page that is live, unless told otherwise; a later one is dated earlier."""
    number = next(_numbers)
    now = timezone.now()
    defaults: dict[str, Any] = {
        "key": f"page-{number}",
        "path": f"/pages/{number}/",
        "title": f"Page {number}",
        "opening": "",
        "text": "",
        "live_from": now - dt.timedelta(minutes=1),
        "dated": now - dt.timedelta(days=number),
    }
    entry = SearchEntry.of_page(kind=kind, **(defaults | values))
    SearchEntry.objects.put(kind, [entry], entry.key)
    return entry
