"""A thousand posts a minute, from five hundred addresses or from one, beside people."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.site import Site
from tests.faults.visitor import Ask, Visitor

# Half a minute of it tells as much; FLOOD_SECONDS=60 sends each address's second post as well.
SECONDS = int(os.environ.get("FLOOD_SECONDS", "30"))
POSTS = 1000 * SECONDS // 60
SURGE_PER_MINUTE = 30  # the setting's default
PERSON_TAKES_SECONDS = 10
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
def make_site(new_site: MakeSite) -> Iterator[Callable[[str], Site]]:
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(
            new_site(name, 18315, SURGE_PER_MINUTE=str(SURGE_PER_MINUTE))
        )


def sender(number: int) -> str:
    """One of the loopback addresses, which are sixteen million."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def flood(site: Site, addresses: int, forms: int) -> list[int]:
    """The statuses of a steady stream of believable requests, sent with so many forms in turn."""
    patterns = [Visitor(site, sender(number % addresses)).open_form() for number in range(forms)]
    time.sleep(PERSON_TAKES_SECONDS)
    started = time.monotonic()

    def post(number: int) -> int:
        time.sleep(max(0, started + number * SECONDS / POSTS - time.monotonic()))
        fields = patterns[number % forms].fields | {
            "name": f"Flood{number}",
            "email": f"flood{number}@example.com",
            "question": f"Please call me back, number {number}.",
        }
        return Visitor(site, sender(number % addresses)).post(fields).status

    with ThreadPoolExecutor(12) as senders:
        return list(senders.map(post, range(POSTS)))


def person(site: Site, number: int, **changes: str) -> tuple[Ask, float]:
    """Opens the form, fills it in, sends it; the seconds of the slower of the two answers."""
    visitor = Visitor(site, f"127.9.0.{number}")
    started = time.monotonic()
    ask = visitor.open_form(**changes)
    opened = time.monotonic() - started
    time.sleep(PERSON_TAKES_SECONDS)
    return ask, max(opened, visitor.send(ask).seconds)


def people_beside(site: Site, flooding: threading.Thread) -> list[tuple[Ask, float]]:
    """One person every other second for as long as the flood lasts, the first one in crisis."""
    with ThreadPoolExecutor(12) as people:
        sent: list[Future[tuple[Ask, float]]] = []
        while flooding.is_alive():
            words = {"question": "I want to kill myself"} if not sent else {}
            sent.append(people.submit(person, site, len(sent) + 1, **words))
            time.sleep(2)
        return [one.result() for one in sent]


@pytest.mark.parametrize(
    ("name", "addresses", "forms"),
    [("one form", 500, 1), ("one form, one address", 1, 1), ("forms of their own", 500, POSTS)],
)
def test_flood_leaves_people_and_the_queue_alone(
    make_site: Callable[[str], Site],
    measured: Callable[[str, object], None],
    name: str,
    addresses: int,
    forms: int,
) -> None:
    site = make_site(f"flood-{addresses}-{forms}")
    statuses: list[int] = []
    flooding = threading.Thread(target=lambda: statuses.extend(flood(site, addresses, forms)))
    flooding.start()
    people = people_beside(site, flooding)
    assert set(statuses) == {302}
    states = dict(site.sql("SELECT state, count(*) FROM consults_consultrequest GROUP BY state"))
    seconds = sorted(slower for _ask, slower in people)
    held = [ask for ask, _seconds in people if state_of(site, ask) == "quarantined"]
    measured(
        f"{POSTS} posts in {SECONDS} s from {addresses} addresses, {name}",
        f"stored {sum(states.values())} of {POSTS + len(people)}, "
        f"held {states['quarantined']}, in the queue {states['new']}; "
        f"people {len(people)}, their slowest answer {seconds[-1]:.2f} s, "
        f"middle {seconds[len(seconds) // 2]:.2f} s, people held for a look {len(held)}, "
        f"person in crisis held {int(people[0][0] in held)}",
    )
    assert sum(states.values()) == POSTS + len(people)
    assert all(ask.answers[0].is_success for ask, _seconds in people)
    assert seconds[-1] < 1
    assert people[0][0] not in held
    # Threads that looked at the same moment may let through a few more.
    if forms == 1:
        assert held == []
        assert states["new"] <= SURGE_PER_MINUTE + len(people) + 8
    else:  # as many again for each minute of the clock that this touched
        assert states["new"] <= SURGE_PER_MINUTE * (3 + SECONDS // 60) + 8
    assert_released_once(site, states)


def state_of(site: Site, ask: Ask) -> str:
    (key,) = site.rows_of(ask.marker)
    return str(site.sql("SELECT state FROM consults_consultrequest WHERE id = %s", key)[0][0])


def assert_released_once(site: Site, states: dict[str, int]) -> None:
    """The staff home counts what a surge held; releasing owes both mails, once."""
    held = "SELECT id FROM consults_consultrequest WHERE state = 'quarantined' LIMIT 1"
    ((key,),) = site.sql(held)
    told = site.manage("shell", "--no-imports", "-c", RELEASE % key).stdout.split()
    assert told == [
        "home", str(states["quarantined"]), str(states["new"]), "once", "2", "True",
    ]  # fmt: skip
