"""Invented requests for the demo, taken in and moved by the same code as real ones.

People are invented: 555-01xx phones and example.com mail only.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from clinic.models import User
from consults import triage
from consults.intake import receive
from consults.models import ConsultRequest, Event
from locations.models import Location

Channel, Voicemail, Time = ConsultRequest.Channel, ConsultRequest.Voicemail, ConsultRequest.Time
STAFF_OF = {
    "vestavia-hills": "staff-vestavia",
    "opelika": "staff-opelika",
    "alexandria": "staff-alexandria",
}
Step = Callable[[ConsultRequest, User], object]


def take(row: ConsultRequest, by: User) -> None:
    triage.claim(row, by)


def no_answer(row: ConsultRequest, by: User) -> None:
    # Whoever loads the demo does it at any hour.
    triage.log_contact(row, by, triage.ContactResult.NO_ANSWER, note="Called a little early.")


def wait_for_reply(row: ConsultRequest, by: User) -> None:
    no_answer(row, by)
    triage.wait(row, by, note="Sent a message, will write back after the weekend.")


def book(row: ConsultRequest, by: User) -> None:
    triage.log_contact(row, by, triage.ContactResult.REACHED)
    day = timezone.localdate(timezone=row.location.zone) + dt.timedelta(days=3)
    triage.book(row, by, day=day, time=dt.time(10))


@dataclass(frozen=True)
class Sample:
    clinic: str
    name: str
    days_ago: float
    phone: str = ""
    email: str = ""
    channel: str = Channel.PHONE
    voicemail: str = Voicemail.UNNAMED
    good_times: list[str] = field(default_factory=list)
    question: str = ""
    step: Step | None = None


SAMPLES = [
    Sample("vestavia-hills", "Ana", 3, "+12055550101", question="Do I need a referral?", step=book),
    Sample("vestavia-hills", "Jordan Reyes", 1.2, "+12055550102", voicemail=Voicemail.NO,
           good_times=[Time.MORNING], step=no_answer),
    Sample("vestavia-hills", "Priya", 0.9, email="priya@example.com", channel=Channel.EMAIL,
           question="I would rather write than talk at first.", step=wait_for_reply),
    Sample("vestavia-hills", "Sam O'Brien", 0.3, "+12055550103", good_times=[Time.MIDDAY]),
    Sample("vestavia-hills", "Lee", 0.1, "+12055550104", "lee@example.com",
           voicemail=Voicemail.NAMED, question="My sister will drive me. May she sit in?"),
    Sample("vestavia-hills", "Marcus", 0.05, "+12055550105",
           question="Some nights I do not want to be here anymore. Please call."),
    Sample("opelika", "Dana", 2, "+13345550106", step=book),
    Sample("opelika", "Ruth Abernathy", 0.8, "+13345550107", good_times=[Time.AFTERNOON],
           step=take),
    Sample("opelika", "Chris", 0.2, email="chris@example.com", channel=Channel.EMAIL,
           question="Is there a ramp at the door?"),
    Sample("alexandria", "Thảo", 1.5, "+17035550108", step=no_answer),
    Sample("alexandria", "Noor", 0.4, "+17035550109", voicemail=Voicemail.NO,
           question="I can only talk in my lunch break.", good_times=[Time.MIDDAY]),
    Sample("alexandria", "Eli", 0.1, email="eli@example.com", channel=Channel.EMAIL),
]  # fmt: skip


def make_requests(accounts: dict[str, User]) -> int:
    """Takes in the samples and moves each as far as it says; returns how many.

    Nobody is waiting for a reply, so their mails are dropped instead of sent.
    """
    for number, sample in enumerate(SAMPLES):
        row = receive(_answers(sample), nonce=f"demo-{number}", signals=[])
        row.outbox.all().delete()
        _age(row, dt.timedelta(days=sample.days_ago))
        if sample.step is not None:
            sample.step(row, accounts[STAFF_OF[sample.clinic]])
    return len(SAMPLES)


def _answers(sample: Sample) -> dict[str, Any]:
    """What ConsultForm.cleaned_data would hold."""
    return {
        "for_whom": ConsultRequest.ForWhom.SELF,
        "name": sample.name,
        "clinic": sample.clinic,
        "location": Location.objects.get(slug=sample.clinic),
        "location_was_chosen": True,
        "source": None,
        "channel": sample.channel,
        "phone": sample.phone,
        "email": sample.email,
        "may_text": False,
        "voicemail": sample.voicemail if sample.channel == Channel.PHONE else Voicemail.NO,
        "good_times": sample.good_times,
        "question": sample.question,
    }


def _age(row: ConsultRequest, age: dt.timedelta) -> None:
    """Makes a sample look as if it had come in earlier, its first event included."""
    row.received_at -= age
    row.promised_by = triage.promise(row.location, row.received_at, row.good_times)
    row.next_action_at = triage.first_action_due(row.location, row.received_at, row.good_times)
    row.is_sample = True
    row.save()
    # The manager refuses to change events; these were never real.
    models.QuerySet(Event).filter(request=row).update(at=row.received_at)
