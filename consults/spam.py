"""Is this a person? Signals from the request itself: no third party, no puzzle.

One signal never holds a request, because each has an innocent reason; two do. Two hold alone: the
trap, for no person can see that field, and a surge, while nobody could read what arrives, for what
lacks the signs of a person (docs/decisions/0012). What is held is kept, and a person looks at it.
"""

import datetime as dt
import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from clinic.http import client_address
from clinic.models import User
from consults.models import ConsultRequest, ConsultRequestQuerySet, Event, EventKind, Tally
from consults.tokens import FORM_MAX_AGE, FormToken

TRAP_FIELD = "lantern_colour"  # no password manager or browser fills this
TRAP, FAST, MANY, NO_HEADERS, LINK_IN_NAME = "trap", "fast", "many", "no_headers", "link_in_name"
SURGE = "surge"
# What a post lacks while a surge lasts: a form and an address of its own, the time people need.
USED_FORM, HASTY, SEEN_BEFORE = "used_form", "hasty", "seen_before"
HOLD_ALONE = {TRAP, SURGE}
ORIGIN_HEADERS = ("Sec-Fetch-Site", "Origin")  # every current browser sends one with a form
FASTEST_SECONDS = 3
# Nobody answers nine questions sooner. In a surge only; else it would hold who is quick.
UNHURRIED_SECONDS = 8
POSTS_OF_A_PERSON = 2  # an hour, in a surge: one, and one more to put something right
LINK_MARKS = ("://", "www.", ".com/", "[url", "<a ")
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def signals(request: HttpRequest, token: FormToken, name: str) -> list[str]:
    """The codes of what speaks against a person having sent this."""
    posts = posts_this_hour(request)
    found = {
        TRAP: bool(request.POST.get(TRAP_FIELD)),
        FAST: not token.was_shown_again and token.age < FASTEST_SECONDS,
        MANY: posts > settings.CONSULT_POSTS_PER_HOUR,
        NO_HEADERS: not any(header in request.headers for header in ORIGIN_HEADERS),
        LINK_IN_NAME: any(mark in name.casefold() for mark in LINK_MARKS),
    }
    codes = [code for code, is_so in found.items() if is_so]
    return surge_signals(token, posts, codes) + codes


def holds(codes: list[str]) -> bool:
    return bool(HOLD_ALONE.intersection(codes)) or len(codes) >= 2


# --- A surge ------------------------------------------------------------------------------------


def surge_signals(token: FormToken, posts: int, others: list[str]) -> list[str]:
    """What a surge holds this for: nothing while none lasts, or where it looks like a person's.

    `others` are its other signals. Those let through are counted too: at most as many a minute as
    make a surge, so that the queue stays readable whatever is sent.
    """
    if not is_surging():
        return []
    found = {
        USED_FORM: Tally.objects.of(USED_FORM, token.nonce) > 0,
        HASTY: token.age < UNHURRIED_SECONDS,
        SEEN_BEFORE: posts > POSTS_OF_A_PERSON,
    }
    lacking = [code for code, is_so in found.items() if is_so]
    if lacking or others or _through_this_minute() > settings.SURGE_PER_MINUTE:
        return [SURGE, *lacking]  # first: held_by_surge() asks for it there
    return []


def is_surging() -> bool:
    """Whether the last minute brought as many requests as staff could ever read, from anywhere."""
    latest = ConsultRequest.objects.filter(received_at__gt=timezone.now() - MINUTE)
    return latest[: settings.SURGE_PER_MINUTE].count() >= settings.SURGE_PER_MINUTE


def _through_this_minute() -> int:
    """Counts one more that is let through in this minute of the clock."""
    return Tally.objects.add("surge", f"{timezone.now():%Y-%m-%d %H:%M}", HOUR)


def note_use(token: FormToken) -> None:
    """Remembers that a request came of this form; the next one with other content did not wait."""
    Tally.objects.add(USED_FORM, token.nonce, dt.timedelta(seconds=FORM_MAX_AGE))


def held_by_surge(user: User) -> int:
    """How many of the last day were held only because so many came, at the user's clinics."""
    return held_by_surge_among(ConsultRequest.objects.visible_to(user)).count()


def held_by_surge_among(rows: ConsultRequestQuerySet) -> ConsultRequestQuerySet:
    """Those of `rows` that a surge of the last day held, and that are held still."""
    day_ago = timezone.now() - dt.timedelta(days=1)
    held = Event.objects.filter(
        kind=EventKind.QUARANTINED, at__gt=day_ago, detail__reasons__0=SURGE
    )
    return rows.quarantined().filter(pk__in=held.values("request_id"))


# --- Posts by address ---------------------------------------------------------------------------


def posts_this_hour(request: HttpRequest) -> int:
    """Counts this post among those from its address in this clock hour, over all processes.

    The address is kept as a keyed hash that changes every day, and for an hour at most.
    """
    now = dt.datetime.now(dt.UTC)
    sender = sender_of(client_address(request))
    return Tally.objects.add(f"address {now:%Y-%m-%d}", f"{now:%H} {sender}", HOUR)


def sender_of(address: str) -> str:
    """What one household or machine sends from: an IPv4 address, or the 64 bits of its IPv6 net."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4 or found.ipv4_mapped:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))
