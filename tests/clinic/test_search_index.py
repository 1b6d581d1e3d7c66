"""The index says what readers see, as soon as it is live, withdrawn, rolled back or changed."""

import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Revision
from clinic.index import without_waiting_for_the_disk
from clinic.models import SearchEntry, SearchMiss, SearchWord
from clinic.search.find import find
from clinic.search.suggestions import suggest
from locations.models import Location
from tests import build
from tests.articles import build as articles
from tests.clinic.build import page
from tests.locations.build import service

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
WHY = "a study was added."


def slugs(query: str) -> list[str]:
    return [hit.key for hit in find(query, exact=True).ranked]


def next_revision(article: Article, **values: object) -> Revision:
    """Another approved revision of the same text, but for the values given."""
    newest = article.revisions.latest()
    revision = article.save_revision(build.user("Editor"), **newest.fields() | values)
    articles.approve(revision)
    return revision


def test_draft_is_not_found_until_it_is_published() -> None:
    article = articles.approved(title="About herons")
    assert slugs("herons") == []
    article.publish(article.revisions.latest(), build.user("Editor"))
    assert slugs("herons") == [article.slug]


def test_withdrawn_article_is_not_found() -> None:
    article = articles.published(title="About herons")
    article.withdraw(build.user("Editor"))
    assert slugs("herons") == []
    assert not SearchWord.objects.filter(word="herons").exists()


def test_new_revision_replaces_the_old_text_at_once_and_rolling_back_brings_it_back() -> None:
    article = articles.published(title="About herons")
    first = article.revisions.latest()
    second = next_revision(article, title="About egrets")
    assert (slugs("herons"), slugs("egrets")) == ([article.slug], [])
    article.publish(second, build.user("Editor"), because=WHY)
    assert (slugs("herons"), slugs("egrets")) == ([], [article.slug])
    article.roll_back(first, build.user("Editor"))
    assert (slugs("herons"), slugs("egrets")) == ([article.slug], [])


def test_scheduled_revision_is_found_by_the_clock_alone_and_the_old_text_no_longer() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        article = articles.published(title="About herons")
        second = next_revision(article, title="About egrets")
        article.publish(second, build.user("Editor"), at=timezone.now() + HOUR, because=WHY)
        for query in ("herons", "about herons"):
            assert slugs(query) == [article.slug]
        assert slugs("egrets") == []
        assert (find("egretts").corrected, suggest("egret")) == ("", [])
        clock.shift(HOUR - dt.timedelta(seconds=1))
        assert (slugs("herons"), slugs("egrets")) == ([article.slug], [])
        clock.shift(dt.timedelta(seconds=1))
        assert (slugs("herons"), slugs("egrets")) == ([], [article.slug])
        assert find("egretts").corrected == "egrets"
        assert suggest("heron") == []


def test_article_scheduled_for_the_first_time_is_found_by_the_clock_alone() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        article = articles.approved(title="About herons")
        article.publish(article.revisions.latest(), build.user("Editor"), at=timezone.now() + HOUR)
        assert slugs("herons") == []
        clock.shift(HOUR)
        assert slugs("herons") == [article.slug]


def test_questions_are_found_with_the_anchor_that_the_page_has(client: Client) -> None:
    article = articles.published(
        questions=[
            {"question": "Is it safe?", "answer": "Mostly."},
            {"question": "May herons fly?", "answer": "They may."},
        ]
    )
    (hit,) = find("may herons fly").hits()
    assert (hit.kind, hit.title) == ("Question", "May herons fly?")
    assert hit.url == f"/articles/{article.slug}/#question-2"
    assert 'id="question-2"><p>They may.' in client.get(hit.url).content.decode()


def test_saving_a_clinic_in_the_admin_updates_what_is_found(client: Client) -> None:
    client.force_login(build.user("Site administrator"))
    values = {
        "name": "Heronsville", "practice_name": "Sample", "slug": "heronsville",
        "area": "Egret Valley", "position": 1, "city": "Heronsville", "region": "AL",
        "time_zone": "America/Chicago", "state": "open",
    }  # fmt: skip
    address = reverse("admin:locations_location_add")
    formsets = {
        f"{item.formset.prefix}-{name}": 0
        for item in client.get(address).context["inline_admin_formsets"]
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    assert client.post(address, values | formsets).status_code == 302
    for query in ("heronsville", "egret valley", "alabama"):
        assert slugs(query) == ["heronsville"]
    clinic = Location.objects.get()
    change = reverse("admin:locations_location_change", args=[clinic.pk])
    assert client.post(change, values | formsets | {"state": "closed"}).status_code == 302
    assert slugs("heronsville") == []


def test_saving_and_deleting_a_service_in_the_admin_updates_what_is_found(client: Client) -> None:
    client.force_login(build.user("Site administrator"))
    made = service(build.location(name="Opelika"), name="Heron care")
    assert slugs("heron") == []
    change = reverse("admin:locations_service_change", args=[made.pk])
    formsets = {
        f"{item.formset.prefix}-{name}": 0
        for item in client.get(change).context["inline_admin_formsets"]
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    values = {
        "name": "Heron care", "slug": made.slug, "description": made.description,
        "body": "## Before a visit\n\nWade.", "position": 1, "is_listed": "on",
        "locations": [made.locations.get().pk],
    }  # fmt: skip
    assert client.post(change, values | formsets).status_code == 302
    assert slugs("heron") == slugs("wading") == [made.slug]
    assert sorted(slugs("opelika")) == sorted([made.slug, made.locations.get().slug])
    del values["is_listed"]
    assert client.post(change, values | formsets).status_code == 302
    assert slugs("heron") == []


# --- Vocabulary ---------------------------------------------------------------------------------


def uses() -> dict[str, int]:
    return dict(SearchWord.objects.values_list("word", "uses"))


def test_words_are_counted_by_the_pages_that_use_them() -> None:
    page(key="one", title="Heron heron", text="Egret.")
    page(key="two", title="Heron")
    assert uses() == {"heron": 2, "egret": 1}
    SearchEntry.objects.put("article", [], "one")
    assert uses() == {"heron": 1}


def test_putting_the_same_page_again_changes_no_count() -> None:
    entry = page(key="one", title="Heron")
    entry.pk = None
    SearchEntry.objects.put("article", [entry], "one")
    assert (uses(), SearchEntry.objects.count()) == ({"heron": 1}, 1)


def test_putting_one_page_leaves_the_others() -> None:
    page("clinic", key="same", title="Heron")
    page("article", key="same", title="Egret")
    SearchEntry.objects.put("clinic", [])
    assert slugs("egret heron") == ["same"]
    assert uses() == {"egret": 1}


def test_little_waits_in_the_full_text_of_postgresql_once_a_page_is_put_or_all_are() -> None:
    """Every search reads through what waits."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps nothing waiting")
    for write in (page, lambda: call_command("rebuild_search")):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL gin_pending_list_limit = '4MB'")
            write()
            cursor.execute("SHOW gin_pending_list_limit")
            assert cursor.fetchone() == ("64kB",)


# --- Rebuilding ---------------------------------------------------------------------------------


def snapshot() -> list[tuple[object, ...]]:
    columns = [field.name for field in SearchEntry._meta.fields if field.name not in {"id"}]
    kept = [name for name in columns if name not in {"live_from", "dated"}]
    return sorted(SearchEntry.objects.values_list(*kept), key=str)


@pytest.mark.usefixtures("whole_site")
def test_rebuild_search_makes_the_same_index_as_the_verbs() -> None:
    article = articles.published(title="About herons")
    second = next_revision(article, title="About egrets")
    article.publish(second, build.user("Editor"), at=timezone.now() + HOUR, because=WHY)
    before, words = snapshot(), uses()
    call_command("rebuild_search")
    assert (snapshot(), uses()) == (before, words)


def test_rebuild_search_mends_an_index_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    article = articles.published(title="About herons")
    page(title="Egret, of no article")
    SearchEntry.objects.filter(key=article.slug).delete()
    call_command("rebuild_search")
    assert capsys.readouterr().out == "Indexed 1 pages.\n"
    assert (slugs("herons"), slugs("egret")) == ([article.slug], [])


@pytest.mark.usefixtures("whole_site")
def test_starter_and_demo_content_is_indexed() -> None:
    assert slugs("spravato")[0] == "ketamine-vs-spravato-antidepressants-tms-and-ect"
    assert slugs("vestavia") == ["vestavia-hills"]


# --- Searches that found nothing ----------------------------------------------------------------


def test_misses_are_counted_by_day() -> None:
    today = timezone.localdate()
    for _search in range(2):
        SearchMiss.objects.count_in("heron", today)
    SearchMiss.objects.count_in("heron", today - dt.timedelta(days=1))
    assert list(SearchMiss.objects.values_list("day", "count")) == [
        (today, 2),
        (today - dt.timedelta(days=1), 1),
    ]


def test_misses_are_no_longer_counted_when_the_day_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.index.MISSES_A_DAY", 2)
    for words in ("heron", "heron", "heron", "egret"):
        SearchMiss.objects.count_in(words)
    assert list(SearchMiss.objects.values_list("words", "count")) == [("heron", 2)]


def test_misses_are_forgotten_after_ninety_days() -> None:
    today = timezone.localdate()
    for days in (89, 90):
        SearchMiss.objects.create(day=today - dt.timedelta(days=days), words="heron", count=1)
    SearchMiss.objects.count_in("egret", today)
    assert list(SearchMiss.objects.values_list("day", flat=True)) == [
        today,
        today - dt.timedelta(days=89),
    ]
    assert SearchMiss.objects.forget_old(today + dt.timedelta(days=90)) == 2


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_disk_to_count_a_miss_and_everything_else_is_as_before() -> None:
    def setting() -> object:
        is_sqlite = connection.vendor == "sqlite"
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous" if is_sqlite else "SHOW synchronous_commit")
            return cursor.fetchone()[0]

    before = setting()

    def fail() -> None:
        with without_waiting_for_the_disk():
            assert setting() in {1, "off"}
            SearchMiss.objects.count_in("heron")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (setting(), SearchMiss.objects.count()) == (before, 0)
    assert before in {2, "on"}
    with without_waiting_for_the_disk():
        SearchMiss.objects.count_in("heron")
    assert (setting(), SearchMiss.objects.count()) == (before, 1)
