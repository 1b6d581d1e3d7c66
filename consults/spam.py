"""Is this a person? Signals from the request itself: no third party, no puzzle, nothing stored.

One signal never holds a request, because each has an innocent reason; two do. Two hold alone: the
trap, for no person can see that field, and a surge, for nobody could read what arrives. What is
held is kept, and a person looks at it.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from clinic.crypto import lookup_hash
from clinic.http import client_address
from clinic.models import User
from consults.models import ConsultRequest, Event, EventKind
from consults.tokens import FormToken

TRAP_FIELD = "lantern_colour"  # no password manager or browser fills this
TRAP, FAST, MANY, NO_HEADERS, LINK_IN_NAME = "trap", "fast", "many", "no_headers", "link_in_name"
SURGE = "surge"
HOLD_ALONE = {TRAP, SURGE}
ORIGIN_HEADERS = ("Sec-Fetch-Site", "Origin")  # every current browser sends one with a form
FASTEST_SECONDS = 3
LINK_MARKS = ("://", "www.", ".com/", "[url", "<a ")
HOUR = 60 * 60


def signals(request: HttpRequest, token: FormToken, name: str) -> list[str]:
    """The codes of what speaks against a person having sent this."""
    found = {
        SURGE: is_surging(),  # first: held_by_surge() asks for it there
        TRAP: bool(request.POST.get(TRAP_FIELD)),
        FAST: not token.was_shown_again and token.age < FASTEST_SECONDS,
        MANY: posts_this_hour(request) > settings.CONSULT_POSTS_PER_HOUR,
        NO_HEADERS: not any(header in request.headers for header in ORIGIN_HEADERS),
        LINK_IN_NAME: any(mark in name.casefold() for mark in LINK_MARKS),
    }
    return [code for code, is_so in found.items() if is_so]


def holds(codes: list[str]) -> bool:
    return bool(HOLD_ALONE.intersection(codes)) or len(codes) >= 2


def is_surging() -> bool:
    """Whether the last minute brought as many requests as staff could ever read, from anywhere.

    Held ones count too: while it lasts everything is held, not everything but so many a minute.
    """
    minute_ago = timezone.now() - timedelta(minutes=1)
    latest = ConsultRequest.objects.filter(received_at__gt=minute_ago)
    return latest[: settings.SURGE_PER_MINUTE].count() >= settings.SURGE_PER_MINUTE


def held_by_surge(user: User) -> int:
    """How many of the last day were held only because so many came, at the user's clinics."""
    day_ago = timezone.now() - timedelta(days=1)
    held = Event.objects.filter(
        kind=EventKind.QUARANTINED, at__gt=day_ago, detail__reasons__0=SURGE
    )
    rows = ConsultRequest.objects.visible_to(user).quarantined()
    return rows.filter(pk__in=held.values("request_id")).count()


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
