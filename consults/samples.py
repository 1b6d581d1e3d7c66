"""Believable requests in bulk, for measuring and for trying the desk out. All of them are samples.

Written in batches past the verbs, which would take a day for a million; what the verbs keep true
(an event for each step, an outcome for what is closed) is kept here too. People are invented:
555-01xx phones and example.com mail only.
"""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.models import Article
from clinic.models import User
from consults import consent
from consults.bulk import store
from consults.models import (
    REFERENCE_ALPHABET,
    ConsultRequest,
    Event,
    EventKind,
    Outcome,
    SearchKey,
    State,
)
from locations.models import Location

BATCH = 2000
Texts = dict[str, str]
YEARS = 2
FIRST = (
    "Ana", "Ben", "Cora", "Dana", "Eli", "Fay", "Gus", "Hana", "Ira", "Joan", "Kai", "Lena", "Milo",
    "Noor", "Omar", "Priya", "Quinn", "Rosa", "Sam", "Tess", "Uma", "Vera", "Will", "Yara", "Zoe",
)  # fmt: skip
LAST = (
    "Abbott", "Brooks", "Carter", "Diaz", "Ellis", "Flores", "Grant", "Hughes", "Ibarra", "Jensen",
    "Kim", "Lopez", "Moore", "Nguyen", "Ortiz", "Price", "Reyes", "Shah", "Turner", "Underwood",
    "Vance", "Walker", "Young", "Zimmer",
)  # fmt: skip
AREA_CODES = (205, 251, 256, 334, 571, 659, 703, 757, 804, 938)
QUESTIONS = (
    "", "", "", "Do I need a referral?", "Is there parking?", "May my sister sit in?",
    "I would rather write than talk at first.", "How long does a visit take?",
)  # fmt: skip
# How most of what is older than two weeks ended.
ENDS = (
    (Outcome.ATTENDED, 40), (Outcome.NO_SHOW, 8), (Outcome.NOT_A_FIT, 22),
    (Outcome.COULD_NOT_REACH, 20), (Outcome.WITHDRAWN, 8), (Outcome.DUPLICATE, 2),
)  # fmt: skip
END_EVENTS = {
    Outcome.ATTENDED: EventKind.ATTENDED,
    Outcome.NO_SHOW: EventKind.NO_SHOW,
    Outcome.NOT_A_FIT: EventKind.DECLINED,
    Outcome.COULD_NOT_REACH: EventKind.GIVEN_UP,
    Outcome.WITHDRAWN: EventKind.WITHDRAWN,
    Outcome.DUPLICATE: EventKind.DUPLICATE,
}
# How many come from an article, and how many of the last month are held as possible spam.
FROM_ARTICLES, HELD = 0.4, 0.05
QUARANTINE_DAYS = dt.timedelta(days=30)
VISITED = {Outcome.ATTENDED, Outcome.NO_SHOW}


class Maker:
    """Makes requests from one seed: the same seed gives the same people, days and outcomes."""

    def __init__(self, clinics: list[Location], seed: int) -> None:
        # Asked again, the same seed goes on with other people.
        start = f"{seed}-{ConsultRequest.objects.count()}"
        self.random = random.Random(start)  # noqa: S311 -- nothing secret is drawn
        self.clinics = clinics
        self.now = timezone.now()
        self.taken = set(ConsultRequest.objects.values_list("reference", flat=True))
        people = User.objects.filter(memberships__location__in=clinics).order_by("pk")
        self.articles = list(Article.objects.published().order_by("pk"))
        self.staff = {
            clinic.pk: list(people.filter(memberships__location=clinic)) for clinic in clinics
        }

    def make(self, count: int) -> Iterator[int]:
        """Stores so many requests, a batch in each transaction; yields how many are there."""
        made, numbers = 0, iter(range(count))
        while batch := list(islice(numbers, BATCH)):
            self._store([self._request() for _number in batch])
            made += len(batch)
            yield made

    @transaction.atomic
    def _store(self, made: list[tuple[ConsultRequest, Texts]]) -> None:
        store(ConsultRequest, [row for row, _texts in made])
        store(SearchKey, [key for row, texts in made for key in _keys(row, texts)])
        store(Event, [event for row, _texts in made for event in self._events(row)])

    def _request(self) -> tuple[ConsultRequest, Texts]:
        """A request, and in clear what it is found by."""
        row = self._row()
        name = f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"
        mailbox = f"{name.split()[0].lower()}.{self.random.getrandbits(40):x}"
        texts = {"name": name, "email": f"{mailbox}@example.com"}
        if row.channel == ConsultRequest.Channel.PHONE:
            code, last = self.random.choice(AREA_CODES), self.random.randrange(100)
            texts["phone"] = f"+1{code}55501{last:02d}"
        for kind, text in texts.items():
            setattr(row, kind, text)
        row.question = self.random.choice(QUESTIONS)
        self._settle(row)
        return row, texts

    def _row(self) -> ConsultRequest:
        clinic = self.random.choice(self.clinics)
        received = self.now - dt.timedelta(days=YEARS * 365) * self.random.random() ** 1.3
        from_article = self.articles and self.random.random() < FROM_ARTICLES
        return ConsultRequest(
            id=uuid.UUID(int=self.random.getrandbits(128), version=4),
            reference=self._reference(),
            submission_hash=f"{self.random.getrandbits(160):040x}",
            received_at=received,
            location=clinic,
            source=self.random.choice(self.articles) if from_article else None,
            for_whom=ConsultRequest.ForWhom.SELF,
            channel=self.random.choice(ConsultRequest.Channel.values[::2]),
            voicemail=self.random.choice(ConsultRequest.Voicemail.values),
            good_times=self.random.choice([[], ["morning"], ["midday", "afternoon"]]),
            consent_version=consent.CURRENT.version,
            consent_hash=consent.CURRENT.digest,
            promised_by=received + dt.timedelta(days=1),
            is_flagged=False,
            is_sample=True,
        )

    def _reference(self) -> str:
        """Drawn until it is new: among a million a few would meet by chance."""
        while True:
            letters = "".join(self.random.choices(REFERENCE_ALPHABET, k=6))
            reference = f"{letters[:3]}-{letters[3:]}"
            if reference not in self.taken:
                self.taken.add(reference)
                return reference

    def _settle(self, row: ConsultRequest) -> None:
        """Where it stands: what is recent is open, most of the rest has ended."""
        age = self.now - row.received_at
        holder = self._holder(row)
        if age < QUARANTINE_DAYS and self.random.random() < HELD:
            row.state = State.QUARANTINED
            return
        if age < dt.timedelta(days=1) or self.random.random() < 0.002:
            row.state = State.NEW
            row.next_action_at = row.received_at + dt.timedelta(hours=20)
            row.is_flagged = self.random.random() < 0.02
            return
        minutes = int(self.random.expovariate(1 / 180)) + 2
        row.response_minutes = minutes
        row.first_response_at = row.received_at + dt.timedelta(minutes=minutes * 2)
        if age < dt.timedelta(days=10):
            self._leave_open(row, holder)
        else:
            row.assignee = holder
            self._end(row)

    def _holder(self, row: ConsultRequest) -> User | None:
        people = self.staff[row.location_id]
        return self.random.choice(people) if people else None

    def _leave_open(self, row: ConsultRequest, holder: User | None) -> None:
        row.state = self.random.choice([State.TRYING, State.WAITING, State.BOOKED])
        row.assignee = holder
        row.next_action_at = self.now + dt.timedelta(hours=self.random.randrange(-6, 120))
        if row.state == State.BOOKED:
            row.visit_at = row.next_action_at
        if row.state == State.WAITING:
            row.waiting_since = row.first_response_at

    def _end(self, row: ConsultRequest) -> None:
        outcomes, weights = zip(*ENDS, strict=True)
        row.state, row.outcome = State.CLOSED, self.random.choices(outcomes, weights)[0]
        row.closed_at = row.received_at + dt.timedelta(days=self.random.randrange(2, 10))
        if row.outcome in VISITED:
            row.visit_at = row.closed_at - dt.timedelta(hours=3)
        if row.outcome == Outcome.WITHDRAWN:
            row.withdrawn_at = row.closed_at

    def _events(self, row: ConsultRequest) -> Iterator[Event]:
        """The steps that lead to where it stands, in order."""
        actor = row.assignee or self._holder(row)
        yield _event(row, EventKind.RECEIVED, row.received_at, None, chosen=True)
        if row.state == State.QUARANTINED:
            yield _event(row, EventKind.QUARANTINED, row.received_at, None, reasons=["fast"])
        if row.first_response_at is None:
            return
        yield _event(row, EventKind.VIEWED, row.first_response_at, actor, question=False)
        result = {"result": "reached", "channel": row.channel, "from": "new", "to": "trying"}
        yield _event(row, EventKind.CONTACT, row.first_response_at, actor, **result)
        if row.visit_at:
            visit = {"from": "trying", "to": "booked", "visit_at": row.visit_at.isoformat()}
            yield _event(row, EventKind.BOOKED, row.first_response_at, actor, **visit)
        elif row.state == State.WAITING:
            waits = {"from": "trying", "to": "waiting"}
            yield _event(row, EventKind.WAITING, row.first_response_at, actor, **waits)
        if row.closed_at:
            before = "booked" if row.visit_at else "trying"
            kind = END_EVENTS[Outcome(row.outcome)]
            yield _event(row, kind, row.closed_at, actor, **{"from": before, "to": "closed"})


def _event(
    row: ConsultRequest, kind: EventKind, at: dt.datetime | None, actor: User | None, **detail: Any
) -> Event:
    return Event(request=row, kind=kind, at=at or row.received_at, actor=actor, detail=detail)


def _keys(row: ConsultRequest, texts: Texts) -> Iterator[SearchKey]:
    for kind, text in texts.items():
        for digest in SearchKey.digests(kind, text):
            yield SearchKey(request=row, kind=kind, digest=digest)
