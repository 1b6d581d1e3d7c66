import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import models

from consults import retention, triage
from consults.intake import receive
from consults.models import (
    ConsultRequest,
    Correction,
    EventKind,
    Note,
    Outbox,
    SearchKey,
    State,
)
from locations.models import Location
from tests import build

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def where() -> Location:
    return build.location()


def stored(where: Location, **answers: object) -> ConsultRequest:
    defaults: dict[str, object] = {
        "for_whom": "self", "name": "Ana Sample", "location": where, "location_was_chosen": True,
        "source": None, "channel": "phone", "phone": "+12055550134", "email": "ana@example.com",
        "may_text": False, "voicemail": "no", "good_times": ["morning"], "question": "May I?",
    }  # fmt: skip
    return receive(defaults | answers, nonce=str(ConsultRequest.objects.count()), signals=[])


def is_erased(row: ConsultRequest) -> bool:
    retention.purge()
    row.refresh_from_db()
    return row.erased_at is not None


def test_closed_request_is_erased_90_days_later_and_not_before(
    where: Location, clock: time_machine.Traveller
) -> None:
    row = stored(where)
    triage.decline(row, build.member(where), "cost")
    clock.move_to(START + 90 * DAY)
    assert not is_erased(row)
    clock.move_to(START + 90 * DAY + dt.timedelta(seconds=1))
    assert is_erased(row)


def test_visit_is_erased_30_days_after_its_date(
    where: Location, clock: time_machine.Traveller
) -> None:
    row, staff = stored(where), build.member(where)
    triage.book(row, staff, day=dt.date(2026, 3, 12), time=dt.time(10))
    clock.move_to(START + 20 * DAY)
    triage.attended(row, staff)
    clock.move_to(START + 39 * DAY)
    assert not is_erased(row)
    clock.move_to(START + 41 * DAY)
    assert is_erased(row)


def test_held_request_waits_until_somebody_has_looked(
    where: Location, clock: time_machine.Traveller
) -> None:
    row = stored(where)
    ConsultRequest.objects.filter(pk=row.pk).update(state=State.QUARANTINED)
    clock.move_to(START + 31 * DAY)
    assert not is_erased(row)
    triage.record(EventKind.VIEWED, row, build.member(where))
    assert is_erased(row)


def test_open_request_is_erased_after_a_year_and_closed(
    where: Location, clock: time_machine.Traveller
) -> None:
    row = stored(where)
    clock.move_to(START + 364 * DAY)
    assert not is_erased(row)
    clock.move_to(START + 366 * DAY)
    assert is_erased(row)
    assert row.state == State.CLOSED


def test_erase_leaves_no_word_of_the_person_and_keeps_the_record(
    where: Location, clock: time_machine.Traveller
) -> None:
    row, staff = stored(where), build.member(where)
    other = stored(where, name="Somebody Else", phone="+12055550199")
    triage.add_note(row, staff, "Called back.")
    triage.decline(row, staff, "cost")
    clock.move_to(START + 91 * DAY)
    assert is_erased(row)
    assert [row.name, row.phone, row.email, row.question, row.good_times] == ["", "", "", "", []]
    assert not Note.objects.exists()
    assert not SearchKey.objects.filter(request=row).exists()
    assert not Outbox.objects.filter(request=row).exists()
    assert (row.location, row.outcome, row.received_at) == (where, "not_a_fit", START)
    assert [event.kind for event in row.events.all()][-2:] == ["declined", "erased"]
    other.refresh_from_db()
    assert other.name == "Somebody Else"


def test_same_form_sent_again_after_erasing_is_a_new_request(where: Location) -> None:
    answers: dict[str, object] = {
        "for_whom": "self", "name": "Ana", "location": where, "location_was_chosen": True,
        "source": None, "channel": "phone", "phone": "+12055550134", "email": "",
        "may_text": False, "voicemail": "no", "good_times": [], "question": "",
    }  # fmt: skip
    first = receive(dict(answers), nonce="same", signals=[])
    assert receive(dict(answers), nonce="same", signals=[]) == first
    retention.erase(first)
    assert receive(dict(answers), nonce="same", signals=[]).name == "Ana"


def test_purge_counts_and_happens_once(
    where: Location, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        stored(where, phone=f"+1205555010{number}")
    clock.move_to(START + 400 * DAY)
    call_command("purge", "--dry-run")
    call_command("purge")
    call_command("purge")
    assert capsys.readouterr().out.splitlines() == ["3 are due.", "3 erased.", "0 erased."]


def test_request_opened_again_meanwhile_is_not_erased(
    where: Location, clock: time_machine.Traveller
) -> None:
    """The list of what is due was read before; each row is looked at again under its lock."""
    row, staff = stored(where), build.member(where)
    triage.decline(row, staff, "cost")
    clock.move_to(START + 91 * DAY)
    assert ConsultRequest.objects.due_for_erasure().get() == row
    triage.reopen(row, staff)

    assert retention._erase_if_still_due(row.pk) is False

    row.refresh_from_db()
    assert (row.erased_at, row.name) == (None, "Ana Sample")


def everything() -> Iterator[object]:
    """Every value of every column of every table."""
    for model in apps.get_models():
        for values in models.QuerySet(model).values_list():
            yield from (bytes(each) if isinstance(each, memoryview) else each for each in values)


def test_after_a_purge_nothing_of_the_person_is_in_any_table(
    where: Location, clock: time_machine.Traveller
) -> None:
    row, staff = stored(where), build.member(where)
    triage.add_note(row, staff, "Called back.")
    triage.correct(row, staff, "phone", "+12055550188")
    triage.decline(row, staff, "cost")
    row.refresh_from_db()
    traces: set[str | bytes] = {bytes(getattr(row, column)) for column in retention.SEALED}
    traces |= {bytes(note.body_sealed or b"") for note in Note.objects.all()}
    traces |= set(SearchKey.objects.values_list("digest", flat=True))
    traces |= {bytes(each.value_sealed or b"") for each in Correction.objects.all()}
    assert traces <= {each for each in everything() if isinstance(each, str | bytes)}

    clock.move_to(START + 91 * DAY)
    assert is_erased(row)

    assert traces & {each for each in everything() if isinstance(each, str | bytes)} == set()
