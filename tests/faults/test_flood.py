"""A thousand posts a minute from five hundred addresses, beside one person."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.site import Site
from tests.faults.visitor import Ask, Visitor

# Half a minute of it tells as much; FLOOD_SECONDS=60 sends each address's second post as well.
SECONDS = int(os.environ.get("FLOOD_SECONDS", "30"))
POSTS, ADDRESSES = 1000 * SECONDS // 60, 500
SURGE_PER_MINUTE = 30  # the setting's default
RELEASE = """
from consults import triage
from consults.models import ConsultRequest, Outbox
from clinic.models import User
from locations.models import Location, Membership
staff, made = User.objects.get_or_create(username="flood-staff", is_staff=True)
if made:
    for location in Location.objects.all():
        Membership.objects.create(user=staff, location=location, role="staff")
from consults import spam
print("home", spam.held_by_surge(staff), ConsultRequest.objects.visible_to(staff).open().count())
row = ConsultRequest.objects.get(pk="%s")
due = row.next_action_at
triage.release_from_quarantine(row, staff)
try:
    triage.release_from_quarantine(row, staff)
except triage.NotAllowed:
    after = ConsultRequest.objects.get(pk=row.pk)
    print("once", Outbox.objects.filter(request=row).count(), due == after.next_action_at)
"""


@pytest.fixture
def site(new_site: MakeSite) -> Iterator[Site]:
    with new_site("flood", 18315, SURGE_PER_MINUTE=str(SURGE_PER_MINUTE)) as site:
        yield site


def sender(number: int) -> str:
    """One of the loopback addresses, which are sixteen million."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def flood(site: Site) -> list[int]:
    """The statuses of a steady stream of believable requests, each address twice."""
    pattern = Visitor(site).open_form().fields
    started = time.monotonic()

    def post(number: int) -> int:
        time.sleep(max(0, started + number * SECONDS / POSTS - time.monotonic()))
        fields = pattern | {
            "name": f"Flood{number}",
            "email": f"flood{number}@example.com",
            "question": f"Please call me back, number {number}.",
        }
        return Visitor(site, sender(number % ADDRESSES)).post(fields).status

    with ThreadPoolExecutor(12) as senders:
        return list(senders.map(post, range(POSTS)))


def person(site: Site, number: int, **changes: str) -> tuple[Ask, float]:
    """Opens the form, takes a moment, sends it; the seconds of the slower of the two answers."""
    visitor = Visitor(site, f"127.9.0.{number}")
    started = time.monotonic()
    ask = visitor.open_form(**changes)
    opened = time.monotonic() - started
    time.sleep(0.5)
    return ask, max(opened, visitor.send(ask).seconds)


def test_flood_leaves_the_person_and_the_queue_alone(
    site: Site, measured: Callable[[str, object], None]
) -> None:
    statuses: list[int] = []
    flooding = threading.Thread(target=lambda: statuses.extend(flood(site)))
    flooding.start()
    time.sleep(5)
    in_crisis = person(site, 250, question="I want to kill myself")
    people: list[tuple[Ask, float]] = []
    while flooding.is_alive():
        people.append(person(site, len(people) + 1))
        time.sleep(2)
    flooding.join()
    assert set(statuses) == {302}
    states = dict(site.sql("SELECT state, count(*) FROM consults_consultrequest GROUP BY state"))
    seconds = sorted(slower for _ask, slower in people)
    held = [ask for ask, _seconds in people if state_of(site, ask) == "quarantined"]
    measured(
        f"{POSTS} posts in {SECONDS} s from {ADDRESSES} addresses",
        f"stored {sum(states.values())} of {POSTS + len(people) + 1}, "
        f"held {states['quarantined']}, in the queue {states['new']}; "
        f"people {len(people)}, their slowest answer {seconds[-1]:.2f} s, "
        f"middle {seconds[len(seconds) // 2]:.2f} s, people held for a look {len(held)}, "
        f"person in crisis held {int(state_of(site, in_crisis[0]) == 'quarantined')}",
    )
    assert sum(states.values()) == POSTS + len(people) + 1
    assert states["new"] <= SURGE_PER_MINUTE + 1 + 8  # threads that looked at the same moment
    assert all(ask.answers[0].is_success for ask, _seconds in people)
    assert seconds[-1] < 1
    assert state_of(site, in_crisis[0]) == "new"
    assert_released_once(site, held[0], states)


def state_of(site: Site, ask: Ask) -> str:
    (key,) = site.rows_of(ask.marker)
    return str(site.sql("SELECT state FROM consults_consultrequest WHERE id = %s", key)[0][0])


def assert_released_once(site: Site, ask: Ask, states: dict[str, int]) -> None:
    """The staff home counts what a surge held; releasing owes both mails, once."""
    (key,) = site.rows_of(ask.marker)
    told = site.manage("shell", "--no-imports", "-c", RELEASE % key).stdout.split()
    assert told == [
        "home", str(states["quarantined"]), str(states["new"]), "once", "2", "True",
    ]  # fmt: skip
