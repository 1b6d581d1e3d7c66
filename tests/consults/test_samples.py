"""Invented requests in bulk."""

import io

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from consults import chain
from consults.models import ConsultRequest, Event, EventKind, SearchKey, State
from tests import build

pytestmark = pytest.mark.django_db


def make(count: int, **options: object) -> None:
    call_command("make_requests", count, stdout=io.StringIO(), **options)


def test_made_requests_are_samples_with_events_and_can_be_found() -> None:
    where = build.location()
    build.member(where)
    make(60)

    rows = ConsultRequest.objects.all()
    assert rows.filter(is_sample=True).count() == 60
    received = Event.objects.filter(kind=EventKind.RECEIVED)
    assert received.values("request").distinct().count() == 60
    row = rows.filter(state=State.CLOSED)[0]
    assert row.events.count() >= 4
    assert row in ConsultRequest.objects.filed_under(SearchKey.digests("email", row.email))
    assert chain.seal_batch() == Event.objects.count()
    assert chain.verify().problems == []


def test_made_again_there_are_more_and_one_clinic_may_be_asked_for() -> None:
    build.location(slug="here")
    build.location(slug="there")

    for _run in range(2):
        make(5, seed=3, clinic="here")

    assert ConsultRequest.objects.filter(location__slug="here").count() == 10


def test_making_requests_is_refused_in_production_and_for_unknown_clinics(
    settings: Settings,
) -> None:
    with pytest.raises(CommandError, match="no such clinic"):
        make(1, clinic="nowhere")
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="not for production"):
        make(1)
