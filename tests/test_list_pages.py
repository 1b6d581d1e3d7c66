"""Every list page, public and admin, asks the same number of queries for 1 row as for 3."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import gate
from articles.models import Judgement, Person, Topic, Treatment
from clinic.models import SearchMiss, User
from locations.models import Location, Membership, Service, SiteNotice
from tests import build
from tests.addresses import public_names
from tests.articles import build as articles
from tests.consults import build as consults
from tests.locations import build as places

pytestmark = pytest.mark.django_db

Row = Callable[[], object]


def here() -> Location:
    """The one clinic where the person who looks is a lead."""
    return Location.objects.get(slug="here")


def service() -> Service:
    number = Service.objects.count()
    made = Service.objects.create(
        slug=f"service-{number}", name=f"Service {number}", description="What it is.", body="Text."
    )
    made.locations.add(here())
    return made


def notice() -> SiteNotice:
    tomorrow = timezone.now() + dt.timedelta(days=1)
    return SiteNotice.objects.create(text="Phones are down", location=here(), ends_at=tomorrow)


def membership() -> Membership:
    return Membership.objects.create(user=build.user(), location=here())


def missed_search() -> SearchMiss:
    words = f"words {SearchMiss.objects.count()}"
    return SearchMiss.objects.create(words=words, day=timezone.localdate(), count=1)


def article() -> object:
    """Published, by somebody with a name, so that a list has something to join."""
    return articles.published(author=articles.person())


def judgement() -> object:
    """A sentence that a reviewer lets stand, in an article of its own."""
    article = articles.draft(body="It is a cure.")
    found = gate.findings(article.revisions.latest())[0]
    reviewer = build.user("Medical reviewer")
    return Judgement.objects.override(article, found, reviewer, "It quotes the old label.")


# One more row for each model in the admin. A new ModelAdmin fails the sweep until it is here.
ROWS: dict[str, Row] = {
    "articles.Article": article,
    "articles.Judgement": judgement,
    "articles.Person": articles.person,
    "articles.Picture": articles.picture,
    "articles.Reference": lambda: articles.reference(f"key{timezone.now().timestamp()}"),
    "articles.Topic": articles.topic,
    "articles.Treatment": articles.treatment,
    "clinic.SearchMiss": missed_search,
    "clinic.SiteText": build.site_text,
    "clinic.User": lambda: build.user("Editor"),
    "consults.ConsultRequest": lambda: consults.consult(here()),
    "locations.Location": build.location,
    "locations.Membership": membership,
    "locations.Service": service,
    "locations.SiteNotice": notice,
}
PUBLIC: dict[str, Row] = {
    "home": article,
    "articles:index": article,
    "articles:topics": article,
    "articles:feed": article,
    "articles:feed_rss": article,
    "sitemap": article,
    "search": article,
    "locations:index": build.location,
    "services:index": service,
    "consults:request": build.location,
}


@pytest.fixture
def lead(client: Client) -> User:
    where = build.location(slug="here", name="Here")
    user = build.user("Editor", is_superuser=True, username="looks")
    Membership.objects.create(user=user, location=where, role=Membership.Role.LEAD)
    client.force_login(user)
    return user


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    return len(captured)


def counts(client: Client, path: str, one_more: Row) -> tuple[int, int]:
    one_more()
    queries(client, path)  # warms what is looked up once, such as content types
    few = queries(client, path)
    one_more()
    one_more()
    return few, queries(client, path)


def registered() -> list[str]:
    return sorted(model._meta.label for model in admin.site._registry)


@pytest.mark.parametrize("label", registered())
@pytest.mark.usefixtures("lead")
def test_admin_list_takes_the_same_queries_for_1_and_3_rows(client: Client, label: str) -> None:
    meta = apps.get_model(label)._meta
    path = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    few, many = counts(client, path, ROWS[label])
    assert few == many


@pytest.mark.usefixtures("lead")
def test_staff_home_takes_the_same_queries_for_1_and_3_rows(client: Client) -> None:
    few, many = counts(client, reverse("admin:index"), ROWS["consults.ConsultRequest"])
    assert few == many


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.usefixtures("lead")
def test_public_list_takes_the_same_queries_for_1_and_3_rows(client: Client, name: str) -> None:
    few, many = counts(client, reverse(name), PUBLIC[name])
    assert few == many


def offered_and_confirmed(clinic: Location) -> None:
    """At one more clinic the service that all of them offer, with a fact; and an article on it."""
    treatment = Treatment.objects.first() or articles.treatment()
    offered = Service.objects.filter(slug="it").first() or places.service(
        slug="it", treatment=treatment
    )
    offered.locations.add(clinic)
    places.fact(offered, clinic)
    articles.published(main_treatment=treatment)


def one_more_clinic() -> None:
    offered_and_confirmed(build.location())


def one_more_service_here() -> None:
    places.fact(places.service(here()), here())
    build.weekday_hours(build.location())
    places.special_day(here(), timezone.localdate() + dt.timedelta(days=Service.objects.count()))


def one_more_in_the_topic() -> None:
    topic = Topic.objects.filter(slug="it").first() or articles.topic(slug="it")
    author = Person.objects.filter(slug="it").first() or articles.person(slug="it")
    articles.published(topic=topic, author=author)


# Pages of one thing that list others. A new public address is here, above, or lists nothing.
OF_ONE_THING: dict[str, tuple[Row, str]] = {
    "services:detail": (one_more_clinic, "it"),
    "locations:detail": (one_more_service_here, "here"),
    "articles:topic": (one_more_in_the_topic, "it"),
    "articles:person": (one_more_in_the_topic, "it"),
}
LISTS_NOTHING = {
    "about", "accessibility", "articles:draft", "articles:picture", "articles:share_picture",
    "consults:again", "consults:received", "consults:withdraw", "livez", "nondiscrimination",
    "privacy", "readyz", "robots", "security_txt", "styleguide",
    "articles:detail", "suggest",  # have tests of their own: below, and in test_search_pages.py
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ONE_THING)
@pytest.mark.usefixtures("lead")
def test_page_of_one_thing_takes_the_same_queries_for_1_and_3_rows(
    client: Client, name: str
) -> None:
    one_more, slug = OF_ONE_THING[name]
    one_more()
    few, many = counts(client, reverse(name, args=[slug]), one_more)
    assert few == many


def test_every_public_address_is_counted_or_lists_nothing() -> None:
    known = [*PUBLIC, *OF_ONE_THING, *LISTS_NOTHING]
    assert sorted(known) == public_names()


@pytest.mark.usefixtures("lead")
def test_article_takes_3_queries_whatever_it_holds(client: Client) -> None:
    signed = {"author": articles.person(), "reviewer": articles.person()}
    shown = articles.published(**signed, reviewed_on=dt.date(2026, 1, 5))
    for _more in range(4):
        article()
    assert queries(client, shown.get_absolute_url()) == 3
