"""What is confirmed about a service is printed, and nothing else is."""

import datetime as dt
import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from time_machine import travel

from locations.facts import facts_for
from locations.models import Location, Service, ServiceFact
from tests import build
from tests.locations.build import fact, service, treatment

pytestmark = pytest.mark.django_db

CountQueries = Callable[[int], AbstractContextManager[object]]
A_DAY = dt.timedelta(days=1)
Kind = ServiceFact.Kind


def text_of(client: Client, path: str) -> str:
    page = re.search(r"<main.*</main>", client.get(path).content.decode(), re.S)
    assert page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page[0])).split())


@pytest.fixture
def here() -> Location:
    return build.location(slug="here", name="Here")


@pytest.fixture
def offered(here: Location) -> Service:
    return service(here, slug="it", name="Sample service", treatment=treatment())


def texts_everywhere(client: Client, of: Service) -> list[str]:
    """What each place prints: the clinic's page, the service's, and an article's section."""
    article = [f.text for o in facts_for(of.treatment) for c in o.confirmed for f in c.facts]
    return [text_of(client, "/locations/here/"), text_of(client, "/services/it/"), str(article)]


# --- What is printed ------------------------------------------------------------------------


def test_confirmed_fact_is_printed_with_who_and_when(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here, text="Plan for two hours.", confirmed_on=dt.date(2026, 3, 2))
    with travel("2026-03-03T18:00Z", tick=False):
        for page in texts_everywhere(client, offered)[:2]:
            assert "Length of a visit Plan for two hours." in page
            assert "Confirmed by the clinic manager, March 2, 2026" in page
        (offer,) = facts_for(offered.treatment)
    assert (offer.clinic, offer.service) == (here, offered)
    assert offer.confirmed[0].on == dt.date(2026, 3, 2)


def test_facts_are_in_the_order_of_a_visit_the_newest_word_first(
    client: Client, here: Location, offered: Service
) -> None:
    today = timezone.localdate()
    fact(offered, here, kind=Kind.PRICE, text="Third")
    fact(offered, here, kind=Kind.COVERAGE, text="Fourth", confirmed_on=today - A_DAY)
    fact(offered, here, kind=Kind.ESCORT, text="Second")
    fact(offered, here, kind=Kind.LENGTH, text="First")
    page = text_of(client, "/locations/here/")
    assert re.findall("First|Second|Third|Fourth", page) == ["First", "Second", "Third", "Fourth"]
    assert page.count("Confirmed by") == 2


HIDDEN: dict[str, dict[str, Any]] = {
    "unconfirmed": {"confirmed_by": "", "confirmed_on": None, "expires_on": None},
    "expired": {
        "confirmed_on": dt.date(2026, 1, 5), "expires_on": dt.date(2026, 3, 2),
    },
    "confirmed later": {
        "confirmed_on": dt.date(2026, 3, 4), "expires_on": dt.date(2026, 4, 4),
    },
}  # fmt: skip


@pytest.mark.parametrize("values", HIDDEN.values(), ids=HIDDEN.keys())
def test_fact_that_nobody_stands_behind_today_is_hidden(
    client: Client, here: Location, offered: Service, values: dict[str, Any]
) -> None:
    with travel("2026-03-03T18:00Z", tick=False):
        fact(offered, here, kind=Kind.PRICE, text="An old price", **values)
        fact(offered, here, text="Two hours")
        for printed in texts_everywhere(client, offered):
            assert "Two hours" in printed
            assert "An old price" not in printed


def test_fact_hides_by_itself_after_its_last_day(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here, confirmed_on=dt.date(2026, 3, 1), expires_on=dt.date(2026, 3, 3))
    with travel("2026-03-04T05:59Z", tick=False):  # a minute to midnight in the site's zone
        assert all("two hours" in printed for printed in texts_everywhere(client, offered))
    with travel("2026-03-04T06:00Z", tick=False):
        assert not any("two hours" in printed for printed in texts_everywhere(client, offered))


def test_fact_of_a_clinic_that_no_longer_offers_the_service_is_hidden(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here)
    offered.locations.clear()
    assert not any("two hours" in printed for printed in texts_everywhere(client, offered))


def test_fact_of_a_clinic_closed_for_good_is_hidden(client: Client, offered: Service) -> None:
    gone = build.location(name="Gone", state="closed")
    offered.locations.add(gone)
    fact(offered, gone)
    assert "two hours" not in text_of(client, "/services/it/")
    assert facts_for(offered.treatment) == []


def test_fact_of_a_service_that_is_not_listed_is_hidden(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here)
    Service.objects.update(is_listed=False)
    assert "two hours" not in text_of(client, "/locations/here/")
    assert facts_for(offered.treatment) == []


def test_clinic_prints_its_own_facts_and_no_other_clinics(
    client: Client, here: Location, offered: Service
) -> None:
    other = build.location(name="Other")
    offered.locations.add(other)
    fact(offered, here, text="Two hours here")
    fact(offered, other, text="Three hours there")
    assert "Three hours there" not in text_of(client, "/locations/here/")
    both = text_of(client, "/services/it/")
    assert both.index("Here") < both.index("Two hours here") < both.index("Other")
    assert both.index("Other") < both.index("Three hours there")


def test_service_without_facts_prints_no_empty_list(client: Client, offered: Service) -> None:
    for path in ("/locations/here/", "/services/it/"):
        page = client.get(path).content.decode()
        assert "Confirmed by" not in page
        assert '<dl class="summary-list">' not in page


# --- For articles ---------------------------------------------------------------------------


def test_facts_for_a_treatment_leave_out_those_of_another(here: Location, offered: Service) -> None:
    fact(service(here, treatment=treatment()), here, text="About something else")
    fact(service(here), here, text="About nothing")
    assert facts_for(offered.treatment) == []
    assert facts_for(None) == []


@pytest.mark.parametrize("count", [1, 3])
def test_facts_for_a_treatment_take_one_query(
    count: int, offered: Service, django_assert_num_queries: CountQueries
) -> None:
    for _number in range(count):
        clinic = build.location()
        offered.locations.add(clinic)
        fact(offered, clinic, kind=Kind.PRICE)
        fact(offered, clinic)
    with django_assert_num_queries(1):
        offers = facts_for(offered.treatment)
        assert [len(offer.confirmed[0].facts) for offer in offers] == [2] * count
        assert [str(offer.clinic) for offer in offers]


# --- What the database refuses --------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"confirmed_by": ""},
        {"confirmed_on": None},
        {"expires_on": None},
        {"expires_on": dt.date(2000, 1, 1)},
        {"text": ""},
        {"kind": "mood"},
    ],
)
def test_fact_that_is_half_confirmed_or_blank_is_refused(
    here: Location, offered: Service, values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        fact(offered, here, **values)


def test_fact_is_given_once(here: Location, offered: Service) -> None:
    fact(offered, here)
    with pytest.raises(IntegrityError), transaction.atomic():
        fact(offered, here, text="Three hours")
