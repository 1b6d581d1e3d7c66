"""What is confirmed about a service is printed, and nothing else is."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from articles.models import Article
from locations.models import Location, Service, ServiceFact
from tests import build
from tests.articles import build as articles
from tests.locations.build import fact, service, treatment

pytestmark = pytest.mark.django_db

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


@pytest.fixture
def read(offered: Service) -> Article:
    """An article about the treatment that the service gives, old enough for every test here."""
    with travel("2026-01-01T18:00Z", tick=False):
        return articles.published(slug="about-it", main_treatment=offered.treatment)


PLACES = ("/locations/here/", "/services/it/", "/articles/about-it/")


def texts_everywhere(client: Client) -> list[str]:
    """What each place prints: the clinic's page, the service's, and an article on it."""
    return [text_of(client, place) for place in PLACES]


# --- What is printed ------------------------------------------------------------------------


@pytest.mark.usefixtures("read")
def test_confirmed_fact_is_printed_with_who_and_when(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here, text="Plan for two hours.", confirmed_on=dt.date(2026, 3, 2))
    with travel("2026-03-03T18:00Z", tick=False):
        for page in texts_everywhere(client):
            assert "Length of a visit Plan for two hours." in page
            assert "Confirmed by the clinic manager, March 2, 2026" in page


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


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize("values", HIDDEN.values(), ids=HIDDEN.keys())
def test_fact_that_nobody_stands_behind_today_is_hidden(
    client: Client, here: Location, offered: Service, values: dict[str, Any]
) -> None:
    with travel("2026-03-03T18:00Z", tick=False):
        fact(offered, here, kind=Kind.PRICE, text="An old price", **values)
        fact(offered, here, text="Two hours")
        for printed in texts_everywhere(client):
            assert "Two hours" in printed
            assert "An old price" not in printed


@pytest.mark.usefixtures("read")
@pytest.mark.usefixtures("read")
def test_fact_hides_by_itself_after_its_last_day(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here, confirmed_on=dt.date(2026, 3, 1), expires_on=dt.date(2026, 3, 3))
    with travel("2026-03-04T05:59Z", tick=False):  # a minute to midnight in the site's zone
        assert all("two hours" in printed for printed in texts_everywhere(client))
    with travel("2026-03-04T06:00Z", tick=False):
        assert not any("two hours" in printed for printed in texts_everywhere(client))


def test_fact_of_a_clinic_that_no_longer_offers_the_service_is_hidden(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here)
    offered.locations.clear()
    assert not any("two hours" in printed for printed in texts_everywhere(client))


@pytest.mark.usefixtures("read")
@pytest.mark.usefixtures("read")
def test_fact_of_a_clinic_closed_for_good_is_hidden(client: Client, offered: Service) -> None:
    gone = build.location(name="Gone", state="closed")
    offered.locations.add(gone)
    fact(offered, gone)
    assert "two hours" not in text_of(client, "/services/it/")
    assert "two hours" not in text_of(client, "/articles/about-it/")


def test_fact_of_a_service_that_is_not_listed_is_hidden(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here)
    Service.objects.update(is_listed=False)
    assert "two hours" not in text_of(client, "/locations/here/")
    assert "two hours" not in text_of(client, "/articles/about-it/")


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


# --- In articles ----------------------------------------------------------------------------


def test_article_names_each_clinic_and_service_in_the_order_of_lists(
    client: Client, here: Location, offered: Service, read: Article
) -> None:
    first = build.location(name="First town", slug="first", position=0)
    second = service(here, name="Second service", slug="second", treatment=offered.treatment)
    offered.locations.add(first)
    fact(second, here, text="Three hours")
    fact(offered, here, text="Two hours")
    fact(offered, first, text="One hour")
    page = text_of(client, read.get_absolute_url())
    lines = [
        "First town : Sample service Length of a visit One hour",
        "Here : Sample service Length of a visit Two hours",
        "Here : Second service Length of a visit Three hours",
    ]
    places = [page.index(line) for line in ["At our clinics", *lines]]
    assert places == sorted(places)
    html_of = client.get(read.get_absolute_url()).content.decode()
    assert '<h3><a href="/locations/first/">First town</a>: Sample service</h3>' in html_of


def test_article_leaves_out_what_is_about_another_treatment_or_none(
    client: Client, here: Location, offered: Service, read: Article
) -> None:
    fact(service(here, treatment=treatment()), here, text="About something else")
    fact(service(here), here, text="About nothing")
    page = text_of(client, read.get_absolute_url())
    assert "About something else" not in page
    assert "About nothing" not in page
    assert "At our clinics" not in page


def test_article_about_no_treatment_prints_no_facts(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here)
    fact(service(here), here, text="About nothing")
    page = text_of(client, articles.published().get_absolute_url())
    assert "At our clinics" not in page
    assert "About nothing" not in page


def test_draft_shows_the_facts_that_readers_will_see(
    client: Client, here: Location, offered: Service
) -> None:
    fact(offered, here)
    revision = articles.draft(main_treatment=offered.treatment).revisions.latest()
    assert "Plan for two hours." in text_of(client, articles.link(revision).get_absolute_url())


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_facts_cost_an_article_no_query(client: Client, offered: Service, read: Article) -> None:
    counts = [queries(client, read.get_absolute_url())]
    for _number in range(3):
        clinic = build.location()
        offered.locations.add(clinic)
        fact(offered, clinic, kind=Kind.PRICE)
        fact(offered, clinic)
        counts.append(queries(client, read.get_absolute_url()))
    assert text_of(client, read.get_absolute_url()).count("Plan for two hours.") == 6
    assert counts == counts[:1] * 4


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
