"""The chain over events: what is altered, moved or taken away is found."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction

from consults import chain, rounds, triage
from consults.models import Event, EventKind, Link, Seal
from tests import build
from tests.consults.build import consult

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "events.json"
    monkeypatch.setattr(rounds, "verdict_file", lambda: path)
    return path


def sealed_events() -> list[Event]:
    """Events of two requests and of none, sealed in two batches."""
    where = build.location()
    staff = build.member(where)
    for _batch in range(2):
        row = consult(where)
        triage.claim(row, staff)
        triage.add_note(row, staff, "Prefers mornings.")
        triage.record(EventKind.LISTED, actor=staff, count=2)
        chain.seal_batch()
    return list(Event.objects.order_by("pk"))


def raw(model: type[models.Model]) -> Any:
    """Past the guard, as somebody with the database in hand would."""
    return models.QuerySet(model)


def test_untouched_events_verify_and_the_unsealed_tail_is_told() -> None:
    events = sealed_events()
    triage.record(EventKind.SEARCHED)

    verdict = chain.verify()

    assert (verdict.sealed, verdict.unsealed, verdict.problems) == (len(events), 1, [])
    assert chain.seal_batch() == 1
    assert chain.seal_batch() == 0


@pytest.mark.parametrize("change", ["kind", "detail", "actor", "request", "at"])
def test_altered_event_is_found(change: str) -> None:
    event = sealed_events()[1]
    changes: dict[str, dict[str, Any]] = {
        "kind": {"kind": "viewed"},
        "detail": {"detail": {}},
        "actor": {"actor": None},
        "request": {"request": Event.objects.filter(request__isnull=False).last().request},  # type: ignore[union-attr]
        "at": {"at": event.at.replace(year=2020)},
    }
    raw(Event).filter(pk=event.pk).update(**changes[change])

    assert f"event {event.pk}: not what was sealed" in chain.verify().problems


def test_event_taken_away_with_its_link_is_found() -> None:
    event = sealed_events()[0]
    raw(Link).filter(event=event).delete()
    raw(Event).filter(pk=event.pk).delete()

    assert len(chain.verify().problems) >= 1


def test_seal_taken_away_is_found() -> None:
    sealed_events()
    first = Seal.objects.order_by("pk")[0]
    raw(Link).filter(seal=first).delete()
    assert f"seal {first.pk}: its links are gone" in chain.verify().problems

    raw(Seal).filter(pk=first.pk).delete()
    assert chain.verify().problems != []


def test_event_that_was_committed_late_is_sealed_all_the_same() -> None:
    events = sealed_events()
    raw(Link).filter(event=events[0]).delete()

    assert list(Event.objects.unsealed()) == [events[0]]


def test_command_says_what_it_found_and_fails_on_a_change(word: Path) -> None:
    event = sealed_events()[0]
    out = io.StringIO()
    call_command("verify_events", stdout=out)
    assert out.getvalue() == "6 events sealed, 0 not sealed yet.\n"
    assert rounds.last_verdict() is not None
    raw(Event).filter(pk=event.pk).update(detail={"from": "x"})

    with pytest.raises(CommandError, match="not as they were sealed"):
        call_command("verify_events", stdout=io.StringIO(), stderr=io.StringIO())

    found = rounds.last_verdict()
    assert found is not None
    assert found["problems"] >= 1


# --- Nothing is changed through the ORM ---------------------------------------------------------


@pytest.mark.parametrize("model", [Event, Link, Seal])
def test_rows_are_neither_changed_nor_taken_away(model: Any) -> None:
    sealed_events()
    row = model.objects.all()[0]
    field = {Event: "kind", Link: "digest", Seal: "signature"}[model]
    copy = model(**{each.attname: getattr(row, each.attname) for each in model._meta.fields})
    setattr(row, field, "viewed")
    setattr(copy, field, "viewed")
    before = list(model.objects.values())

    for attempt in (
        row.save,
        lambda: row.save(update_fields=[field]),
        lambda: row.save(force_update=True),
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.update(**{field: "viewed"}),
        lambda: model.objects.filter(pk=row.pk).update(**{field: "viewed"}),
        lambda: model.objects.bulk_update([row], [field]),
        lambda: model.objects.bulk_create(
            [copy], update_conflicts=True, update_fields=[field], unique_fields=["id"]
        ),
        lambda: model.objects.update_or_create(pk=row.pk, defaults={field: "viewed"}),
    ):
        with pytest.raises(TypeError, match="append-only"), transaction.atomic():
            attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()  # a row made by hand with the number of one that is there

    assert list(model.objects.values()) == before


def test_events_of_a_request_are_not_changed_through_it() -> None:
    request = sealed_events()[0].request
    assert request is not None

    for attempt in (request.events.all().delete, lambda: request.events.update(kind="viewed")):
        with pytest.raises(TypeError, match="append-only"):
            attempt()
