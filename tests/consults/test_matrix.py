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
from django.contrib.auth.models import Permission
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
    "staff", "lead", "editor here", "viewer here", "staff of another clinic", "editor",
    "medical reviewer", "site administrator", "superuser without a clinic",
    "lead without the group",
)  # fmt: skip
AT_OURS = {"staff", "lead", "viewer here"}
ANY_DESK = {"staff", "lead", "viewer here", "staff of another clinic", "superuser without a clinic"}
# Who may open what, where it is about no single request, and with which of their own requests.
MAY_OPEN: dict[str, set[str]] = {
    "changelist": ANY_DESK,
    "find": ANY_DESK,
    "assign": ANY_DESK - {"viewer here"},
    "call": {"staff", "lead", "staff of another clinic"},
    "export": {"lead"},
    "looks": {"lead"},
    "reports": {"lead"},
    "person": {"lead", "site administrator", "superuser without a clinic"},
    "sources": {"editor", "editor here", "superuser without a clinic"},
    "add": set(),
    "change": AT_OURS,
    "history": AT_OURS,
    "print": AT_OURS,
    "delete": set(),
}
ONLY_PRESSED = {"find", "assign"}
# Whose work it is to change every clinic; a lead changes their own.
CLINICS = "admin:locations_location_"
CHANGES_EVERY_CLINIC = {"site administrator", "superuser without a clinic"}


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
        for row in self.foreign:
            row.refresh_from_db()
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
            "editor here": lambda: with_membership(build.user("Editor"), self.ours),
            "lead without the group": lambda: with_membership(
                build.user(), self.ours, Membership.Role.LEAD
            ),
            "viewer here": lambda: with_membership(viewer(), self.ours),
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
        if name.startswith(CLINICS) and part in {"object_id", "pk"}:
            return str(self.theirs.pk)
        if name == "admin:view_on_site":
            return str(self.foreign[0].pk)
        if name == "admin:articles_article_revoke_link":
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


def with_membership(user: User, where: Location, role: str = Membership.Role.STAFF) -> User:
    Membership.objects.create(user=user, location=where, role=role)
    return user


def viewer() -> User:
    """Someone who may look at requests and change none: no group of ours is like that."""
    person = build.user()
    person.user_permissions.add(Permission.objects.get(codename="view_consultrequest"))
    return person


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
    seen = str(site.foreign[0].version)
    verbs = [
        {
            "verb": verb, "seen": seen, "take_over": "1", "result": "no_answer",
            "next_step": "try", "reason": "cost", "reference": site.foreign[1].reference,
            "body": "Mine now.",
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
    assert list(leaking_cells(site, who)) == []


def leaking_cells(site: Site, who: str) -> Iterator[object]:
    user = site.actor(who)
    client = signed_in(user)
    client.get(reverse("admin:index"))
    for name, parts in ADDRESSES:
        for place, arguments in enumerate(site.arguments(name, parts)):
            # What one address does must not decide what the next one can show.
            with transaction.atomic():
                yield from cell(site, client, user, name, arguments, with_posts=place == 0)
                transaction.set_rollback(True)


def cell(
    site: Site, client: Client, user: User, name: str, arguments: list[str], *, with_posts: bool
) -> list[object]:
    """What is wrong with what one person is answered at one address."""
    finds_everywhere = name == PERSON and user.has_perm("consults.erase_person")
    is_foreign = name.startswith(REQUEST_PAGES) and bool(arguments)
    is_foreign_clinic = name.startswith(CLINICS) and bool(arguments)
    is_foreign_clinic &= not user.has_perm("locations.add_location")
    address = reverse(name, args=arguments)
    responses = [client.get(address)]
    if name.startswith(REQUEST_PAGES):
        responses.append(client.get(address, {"question": "1", "_facets": "1"}))
    may_look = user.has_perm("consults.view_consultrequest") and user.memberships.exists()
    allowed = {404} if may_look else {403, 404}
    posts = posts_to(site, name, finds_everywhere=finds_everywhere) if with_posts else []
    responses += [client.post(address, data) for data in posts]
    wrong: list[object] = []
    for response in responses:
        wrong += site.leaks(text_of(response), without_references=finds_everywhere)
        # A page that takes no post says so before it looks at anything.
        if is_foreign and response.status_code not in allowed | {405}:
            wrong.append(response.status_code)
        if is_foreign_clinic and response.status_code not in {302, 403, 404, 405}:
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


@pytest.mark.parametrize("who", sorted({"staff", "lead"}))
def test_a_look_at_another_clinics_request_is_on_file(who: str, site: Site) -> None:
    user = site.actor(who)
    pages = [name for name, parts in ADDRESSES if name.startswith(REQUEST_PAGES) and parts]
    for name in pages:
        signed_in(user).get(reverse(name, args=[site.foreign[0].pk]))

    refused = Event.objects.filter(actor=user, kind="refused", request=site.foreign[0])
    # The admin's catch-all is an old address of the page, and leads nowhere.
    assert refused.count() == len(pages)


# --- Who may open what at their own clinic -------------------------------------------------------


@pytest.mark.parametrize("who", ACTORS)
def test_each_page_opens_for_exactly_whom_it_should(who: str, site: Site) -> None:
    assert list(wrong_doors(site, who)) == []


def wrong_doors(site: Site, who: str) -> Iterator[object]:
    """Pages that open for somebody they should not, or stay shut for somebody they should not."""
    client = signed_in(site.actor(who))
    pages = {name.removeprefix(REQUEST_PAGES): parts for name, parts in ADDRESSES
             if name.startswith(REQUEST_PAGES)}  # fmt: skip
    assert set(pages) == set(MAY_OPEN)
    for page, parts in pages.items():
        address = reverse(f"{REQUEST_PAGES}{page}", args=[str(site.own[0].pk)] if parts else [])
        with transaction.atomic():
            ask = client.post if page in ONLY_PRESSED else client.get
            is_open = ask(address).status_code in {200, 302}
            if is_open != (who in MAY_OPEN[page]):
                yield page, is_open
            yield from changes_by_those_who_may_not(site, client, who, page, address)
            transaction.set_rollback(True)


def changes_by_those_who_may_not(
    site: Site, client: Client, who: str, page: str, address: str
) -> Iterator[object]:
    """What a press changes of one's own clinic's requests for someone who may change none."""
    if who in {"staff", "lead"}:
        return
    rows = ConsultRequest.objects.order_by("pk")
    before = list(rows.values_list("pk", "version", "erased_at"))
    for data in ({"verb": "claim", "seen": "1"}, {"post": "yes"}):
        client.post(address, data)
    if list(rows.values_list("pk", "version", "erased_at")) != before:
        yield page, "changed"


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
    assert list(leaking_filters(site, who)) == []


def leaking_filters(site: Site, who: str) -> Iterator[object]:
    client = signed_in(site.actor(who))
    own = set(site.own) if who in AT_OURS else set()
    for query in queries(site):
        response = client.get(reverse(LIST), query)
        yield from ((query, mark) for mark in site.leaks(text_of(response)))
        if response.status_code != (200 if who in ANY_DESK else 403):
            yield query, response.status_code
        elif response.status_code == 200:
            changes = response.context["cl"]
            if not set(changes.result_list) <= own or changes.result_count > len(own):
                yield query, "counted"


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
