"""Is this a person? Signals from the request itself: no third party, no puzzle, nothing stored.

One signal never holds a request, because each has an innocent reason; two do. The trap alone
does: no person can see that field. What is held is kept, and a person looks at it.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from clinic.crypto import lookup_hash
from clinic.http import client_address
from consults.tokens import FormToken

TRAP_FIELD = "lantern_colour"  # no password manager or browser fills this
TRAP, FAST, MANY, NO_HEADERS, LINK_IN_NAME = "trap", "fast", "many", "no_headers", "link_in_name"
ORIGIN_HEADERS = ("Sec-Fetch-Site", "Origin")  # every current browser sends one with a form
FASTEST_SECONDS = 3
LINK_MARKS = ("://", "www.", ".com/", "[url", "<a ")
HOUR = 60 * 60


def signals(request: HttpRequest, token: FormToken, name: str) -> list[str]:
    """The codes of what speaks against a person having sent this."""
    found = {
        TRAP: bool(request.POST.get(TRAP_FIELD)),
        FAST: not token.was_shown_again and token.age < FASTEST_SECONDS,
        MANY: posts_this_hour(request) > settings.CONSULT_POSTS_PER_HOUR,
        NO_HEADERS: not any(header in request.headers for header in ORIGIN_HEADERS),
        LINK_IN_NAME: any(mark in name.casefold() for mark in LINK_MARKS),
    }
    return [code for code, is_so in found.items() if is_so]


def holds(codes: list[str]) -> bool:
    return TRAP in codes or len(codes) >= 2


def posts_this_hour(request: HttpRequest) -> int:
    """Counts this post among those from its address in this clock hour.

    The address is kept as a keyed hash that changes every day, in the cache, for an hour at most.
    """
    now = datetime.now(UTC)
    address = lookup_hash(f"address {now:%Y-%m-%d}", client_address(request))
    key = f"consult-posts:{now:%H}:{address}"
    cache.add(key, 0, timeout=HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out, or the cache was emptied, between the two lines
        return 1
