"""Who reaches what: every address of the admin, for everybody, with rows of another clinic there.

Generated from the URLconf and the admin's registry: a new page, filter or verb is in it at once.
Nothing of another clinic's requests may appear anywhere, and their own addresses answer 404.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from clinic.models import User
from consults import triage
from consults.admin.queue import VIEWS
from consults.admin.verbs import FORMS
from consults.models import ConsultRequest, Event, SearchKey, State
from locations.models import Location, Membership
from tests import build
from tests.addresses import patterns
from tests.articles import build as articles
from tests.consults.build import consult_in

LIST = "admin:consults_consultrequest_changelist"
PERSON = "admin:consults_consultrequest_person"
REQUEST_PAGES = "admin:consults_consultrequest_"
PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>")
CANARY = {"name": "Canary Person", "email": "canary@example.com", "phone": "+12055550177"}

ACTORS = (
    "staff", "lead", "staff of another clinic", "editor", "medical reviewer", "site administrator",
    "superuser without a clinic",
)  # fmt: skip
AT_OURS = {"staff", "lead"}


def addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name of each view of the admin, and the parts of its address to fill in."""
    for route, name in patterns():
        if route.startswith("admin/") and not name.endswith(":None"):
            yield name, tuple(first or second for first, second in PART.findall(route))


ADDRESSES = sorted(set(addresses()))


class Site:
    """Two clinics; the foreign one has a request in each state, each with every kind of mark."""

    def __init__(self) -> None:
        self.ours = build.location(name="Ours")
        self.theirs = build.location(name="Theirs")
        self.third = build.location(name="Third")
        source = articles.published(slug="source", title="A story")
        their_lead = build.member(self.theirs, Membership.Role.LEAD)
        self.own = [consult_in(state, self.ours) for state in State]
        self.foreign = [
            consult_in(
                state, self.theirs, is_flagged=True, held_at=timezone.now(), source=source, **CANARY
            )
            for state in State
        ]
        for row in self.foreign:
            triage.add_note(row, their_lead, "Canary note.")
        row = self.foreign[0]
        row.refresh_from_db()
        triage.correct(row, their_lead, "email", "canary2@example.com")
        self.versions = self.state_of_foreign()

    def state_of_foreign(self) -> list[tuple[Any, ...]]:
        rows = ConsultRequest.objects.filter(location=self.theirs).order_by("pk")
        return list(rows.values_list("pk", "version", "assignee", "state", "erased_at"))

    def actor(self, name: str) -> User:
        made: dict[str, Any] = {
            "staff": lambda: build.member(self.ours),
            "lead": lambda: build.member(self.ours, Membership.Role.LEAD),
            "staff of another clinic": lambda: build.member(self.third),
            "editor": lambda: build.user("Editor"),
            "medical reviewer": lambda: build.user("Medical reviewer"),
            "site administrator": lambda: build.user("Site administrator"),
            "superuser without a clinic": lambda: build.user("Intake lead", is_superuser=True),
        }
        person: User = made[name]()
        return person

    def arguments(self, name: str, parts: tuple[str, ...]) -> list[list[str]]:
        """What the parts of an address are filled with: of requests, each foreign row."""
        if name.startswith(REQUEST_PAGES) and parts:
            return [[str(row.pk)] for row in self.foreign]
        return [[self.part(name, part) for part in parts]] if parts else [[]]

    def part(self, name: str, part: str) -> str:
        if part == "app_label":
            return "consults"
        if part in {"content_type_id", "number"}:
            return str(ContentType.objects.get_for_model(ConsultRequest).pk)
        if name == "admin:view_on_site":
            return str(self.foreign[0].pk)
        model = name.removeprefix("admin:").split("_")
        if model[0] == "auth":  # how Django's own UserAdmin names its page
            model[0] = "clinic"
        if len(model) > 2 and part in {"object_id", "pk", "key", "id"}:
            first = apps.get_model(model[0], model[1])._default_manager.first()
            return str(first.pk) if first else "1"
        return "1"

    def leaks(self, text: str, *, without_references: bool = False) -> list[str]:
        marks = ["Canary", "canary@", "canary2@", *(str(row.pk) for row in self.foreign)]
        if not without_references:
            marks += [row.reference for row in self.foreign]
        return [mark for mark in marks if mark in text]


@pytest.fixture
def site(db: None) -> Site:
    return Site()


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode() + response.headers.get("Location", ""))


def payloads(site: Site) -> list[dict[str, Any]]:
    """What is posted: every verb, every search by the foreign person, every bulk action."""
    today = timezone.localdate().isoformat()
    period = {"first_day": today, "last_day": today, "reason": "Curious.", "names": "on"}
    words = [{"words": text} for text in ("Person", CANARY["phone"])]
    erase = [{**each, "typed": f"erase {count}"} for each in words for count in (0, 6)]
    foreign = {"clinic": str(site.theirs.pk), "person": str(site.theirs.memberships.get().user_id)}
    verbs = [
        {
            "verb": verb, "seen": "", "take_over": "1", "result": "no_answer", "next_step": "try",
            "reason": "cost", "reference": site.foreign[1].reference, "body": "Mine now.",
            "to": str(site.ours.pk), "mail": "tried", "phone": "2055550188",
        }
        for verb in FORMS
    ]  # fmt: skip
    keys = [str(row.pk) for row in site.foreign]
    ticked = {"rows": [f"{row.pk}.{row.version}" for row in site.foreign]}
    actions: list[dict[str, Any]] = [
        {"action": "delete_selected", "_selected_action": keys, "post": "yes"},
        *({**ticked, "to": str(person)} for person in User.objects.values_list("pk", flat=True)),
    ]
    return [*words, *erase, period, period | foreign, *verbs, *actions]


# --- Every address ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("who", ACTORS)
def test_no_address_shows_or_changes_another_clinics_requests(who: str, site: Site) -> None:
    user = site.actor(who)
    client = signed_in(user)
    client.get(reverse("admin:index"))
    wrong: list[object] = []
    for name, parts in ADDRESSES:
        for place, arguments in enumerate(site.arguments(name, parts)):
            # What one address does must not decide what the next one can show.
            with transaction.atomic():
                wrong += cell(site, client, user, name, arguments, with_posts=place == 0)
                transaction.set_rollback(True)
    assert wrong == []


def cell(
    site: Site, client: Client, user: User, name: str, arguments: list[str], *, with_posts: bool
) -> list[object]:
    """What is wrong with what one person is answered at one address."""
    finds_everywhere = name == PERSON and user.has_perm("consults.erase_person")
    is_foreign = name.startswith(REQUEST_PAGES) and bool(arguments)
    address = reverse(name, args=arguments)
    responses = [client.get(address)]
    if name.startswith(REQUEST_PAGES):
        responses.append(client.get(address, {"question": "1", "_facets": "1"}))
    allowed = {404} if user.memberships.exists() else {403, 404}
    posts = posts_to(site, name, finds_everywhere=finds_everywhere) if with_posts else []
    responses += [client.post(address, data) for data in posts]
    wrong: list[object] = []
    for response in responses:
        wrong += site.leaks(text_of(response), without_references=finds_everywhere)
        # A page that takes no post says so before it looks at anything.
        if is_foreign and response.status_code not in allowed | {405}:
            wrong.append(response.status_code)
    if site.state_of_foreign() != site.versions:
        wrong.append("changed")
    return [(name, each) for each in wrong]


def posts_to(site: Site, name: str, *, finds_everywhere: bool) -> list[dict[str, Any]]:
    if finds_everywhere:
        return [{"words": CANARY["phone"]}]
    if not name.startswith(REQUEST_PAGES):
        return [{"post": "yes"}]
    return payloads(site)


@pytest.mark.parametrize("who", sorted(AT_OURS))
def test_a_look_at_another_clinics_request_is_on_file(who: str, site: Site) -> None:
    user = site.actor(who)
    pages = [name for name, parts in ADDRESSES if name.startswith(REQUEST_PAGES) and parts]
    for name in pages:
        signed_in(user).get(reverse(name, args=[site.foreign[0].pk]))

    refused = Event.objects.filter(actor=user, kind="refused", request=site.foreign[0])
    # The admin's catch-all is an old address of the page, and leads nowhere.
    assert refused.count() == len(pages)


# --- Every filter, alone and in pairs -----------------------------------------------------------


def filter_values(site: Site) -> dict[str, list[str]]:
    """For each filter of the registered admin, every value that it offers or that exists."""
    offered = {
        "view": [*VIEWS, "no-such-view"],
        "clinic": list(Location.objects.values_list("slug", flat=True)),
        "key": list(
            SearchKey.objects.filter(request=site.foreign[0]).values_list("digest", flat=True)
        ),
        "state": [*State.values, "no-such-state"],
        "assignee": ["me", "nobody", "x", *map(str, User.objects.values_list("pk", flat=True))],
        "source": [*Article.objects.values_list("slug", flat=True), "no-such-article"],
    }
    names = {
        getattr(each, "parameter_name", "")
        for each in admin.site._registry[ConsultRequest].list_filter
    }
    assert names == set(offered)
    return offered


def queries(site: Site) -> list[dict[str, str]]:
    values = filter_values(site)
    alone = [{name: value} for name, each in values.items() for value in each]
    pairs = [
        {one: first, two: second}
        for one, two in itertools.combinations(values, 2)
        for first, second in itertools.product(values[one], values[two])
    ]
    return [{}, *alone, *pairs]


@pytest.mark.slow
@pytest.mark.parametrize("who", ACTORS)
def test_no_filter_lists_or_counts_another_clinics_requests(who: str, site: Site) -> None:
    client = signed_in(site.actor(who))
    own = set(site.own) if who in AT_OURS else set()
    for query in queries(site):
        response = client.get(reverse(LIST), query)
        assert site.leaks(text_of(response)) == [], query
        if response.status_code == 200:
            changes = response.context["cl"]
            assert set(changes.result_list) <= own
            assert changes.result_count <= len(own)
        else:
            assert response.status_code == 403
            assert not own


def test_every_saved_view_shows_ones_own_rows(site: Site) -> None:
    """The matrix is no proof if nothing is ever listed."""
    client = signed_in(site.actor("lead"))
    seen: set[ConsultRequest] = set()
    for view in VIEWS:
        seen |= set(client.get(reverse(LIST), {"view": view}).context["cl"].result_list)
    assert seen == set(site.own)


def test_every_filter_of_the_queue_is_one_of_ours() -> None:
    for each in admin.site._registry[ConsultRequest].list_filter:
        assert isinstance(each, type)
        assert issubclass(each, SimpleListFilter) or each.__name__ == "KeyFilter"


# --- Models that no page may be made of ---------------------------------------------------------


def test_only_requests_of_this_app_are_registered_and_none_inline() -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert {each for each in registered if each.startswith("consults.")} == {
        "consults.ConsultRequest"
    }
    for model_admin in admin.site._registry.values():
        for inline in model_admin.inlines:
            assert inline.model._meta.app_label != "consults"


@pytest.mark.parametrize("who", ACTORS)
def test_autocomplete_offers_nothing_of_requests(who: str, site: Site) -> None:
    client = signed_in(site.actor(who))
    for model in apps.get_app_config("consults").get_models():
        for field in model._meta.get_fields():
            query = {
                "app_label": "consults",
                "model_name": str(model._meta.model_name),
                "field_name": field.name,
                "term": "",
            }
            response = client.get(reverse("admin:autocomplete"), query)
            assert site.leaks(text_of(response)) == []
