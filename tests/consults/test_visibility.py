"""Nobody sees another clinic's requests, by any door."""

import uuid

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from clinic.models import User
from consults.models import ConsultRequest, Event, EventKind, SearchKey, State
from locations.models import Location, Membership
from tests import build
from tests.consults.build import consult, consult_in

LIST = reverse("admin:consults_consultrequest_changelist")
FIND = reverse("admin:consults_consultrequest_find")
VIEWS = ["", "open", "mine", "unclaimed", "overdue", "waiting", "visits", "quarantine", "closed"]


@pytest.fixture
def ours(db: None) -> Location:
    return build.location(name="Ours")


@pytest.fixture
def theirs(db: None) -> Location:
    return build.location(name="Theirs")


def superuser() -> User:
    return build.user("Intake lead", is_superuser=True)


def pages(row: ConsultRequest) -> list[str]:
    return [
        reverse(f"admin:consults_consultrequest_{page}", args=[row.pk])
        for page in ("change", "history", "delete")
    ]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- One request --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_of_another_clinics_request_answer_404_and_go_on_file(
    method: str, ours: Location, theirs: Location
) -> None:
    staff, row = build.member(ours), consult(theirs)

    for page in pages(row):
        response = getattr(signed_in(staff), method)(page, {"verb": "claim"})
        assert response.status_code == 404
        assert row.reference not in response.content.decode()
        assert "Jordan" not in response.content.decode()

    refusals = Event.objects.filter(kind=EventKind.REFUSED)
    assert [(event.request, event.actor) for event in refusals] == [(row, staff)] * 3
    row.refresh_from_db()
    assert (row.version, row.assignee) == (1, None)


def test_pages_of_another_clinics_request_answer_404_to_a_superuser(theirs: Location) -> None:
    row = consult(theirs)

    statuses = [signed_in(superuser()).get(page).status_code for page in pages(row)]

    assert statuses == [404, 404, 404]


@pytest.mark.parametrize("key", [str(uuid.UUID(int=7)), "7", "no-such-thing", "a b"])
def test_an_unknown_id_answers_404_and_no_redirect(key: str, ours: Location) -> None:
    client = signed_in(build.member(ours))
    for page in ("change", "history", "delete"):
        response = client.get(reverse(f"admin:consults_consultrequest_{page}", args=[key]))
        assert response.status_code == 404

    assert Event.objects.filter(kind=EventKind.REFUSED, request=None).count() == 3


def test_history_of_ones_own_leads_to_the_timeline_and_delete_is_refused(ours: Location) -> None:
    client, row = signed_in(build.member(ours)), consult(ours)
    change, history, delete = pages(row)

    assert client.get(history).headers["Location"] == f"{change}#timeline"
    assert client.get(delete).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:consults_consultrequest_add")).status_code == 403
    assert ConsultRequest.objects.count() == 1


@pytest.mark.parametrize("group", ["Editor", "Medical reviewer", "Site administrator"])
def test_other_groups_are_refused_even_with_a_membership(group: str, ours: Location) -> None:
    person, row = build.user(group), consult(ours)
    Membership.objects.create(user=person, location=ours)
    client = signed_in(person)

    assert client.get(LIST).status_code == 403
    assert client.post(FIND, {"words": "Jordan"}).status_code == 403
    assert client.get(pages(row)[0]).status_code == 403


def test_a_change_of_clinic_counts_from_the_next_click(ours: Location) -> None:
    staff, row = build.member(ours), consult(ours)
    client = signed_in(staff)
    assert client.get(pages(row)[0]).status_code == 200

    staff.memberships.all().delete()

    assert client.get(pages(row)[0]).status_code == 404
    assert row.reference not in client.get(LIST).content.decode()


@pytest.mark.parametrize("what", ["group", "role", "account", "staff status"])
def test_a_change_of_permission_counts_from_the_next_click(what: str, ours: Location) -> None:
    lead, row = build.member(ours, Membership.Role.LEAD), consult(ours)
    client, export = signed_in(lead), reverse("admin:consults_consultrequest_export")
    assert client.get(pages(row)[0]).status_code == 200
    assert client.get(export).status_code == 200

    if what == "group":
        lead.groups.clear()
    if what == "role":
        lead.memberships.update(role=Membership.Role.STAFF)
    if what == "account":
        User.objects.filter(pk=lead.pk).update(is_active=False)
    if what == "staff status":
        User.objects.filter(pk=lead.pk).update(is_staff=False)

    # Signed out, the next click asks to sign in.
    refused = {302} if what == "account" else {403}
    if what == "staff status":
        refused = {302, 403}
    assert client.get(export).status_code in refused
    if what != "role":
        assert client.get(pages(row)[0]).status_code in refused
        assert client.post(pages(row)[0], {"verb": "claim", "seen": 1}).status_code in refused
        row.refresh_from_db()
        assert row.assignee is None


# --- Lists, counts and searches -------------------------------------------------------------------


def foreign_rows(theirs: Location) -> list[ConsultRequest]:
    """One in each state, flagged, overdue and found by the same words as ours."""
    return [consult_in(state, theirs, is_flagged=True) for state in State]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("clinic", ["", "theirs"])
@pytest.mark.parametrize("who", ["staff", "superuser"])
def test_lists_never_show_another_clinics_rows(
    view: str, clinic: str, who: str, ours: Location, theirs: Location
) -> None:
    foreign = foreign_rows(theirs)
    own = consult(ours)
    person = superuser() if who == "superuser" else build.member(ours)
    query = {"view": view, "clinic": theirs.slug if clinic else ""}

    page = signed_in(person).get(LIST, {name: text for name, text in query.items() if text})

    shown = page.content.decode()
    assert page.status_code == 200
    assert [row.reference for row in foreign if row.reference in shown] == []
    assert theirs.name not in shown
    if not clinic:
        sees_own = who == "staff" and view in {"", "open", "unclaimed"}
        assert (own.reference in shown) == sees_own


def test_search_finds_rows_of_ones_own_clinics_only(ours: Location, theirs: Location) -> None:
    own, foreign = consult(ours), foreign_rows(theirs)
    client = signed_in(build.member(ours))

    shown = client.post(FIND, {"words": "jordan"}, follow=True).content.decode()

    assert own.reference in shown
    assert [row.reference for row in foreign if row.reference in shown] == []


def test_search_by_another_clinics_reference_says_no_more_than_for_an_unknown_one(
    ours: Location, theirs: Location
) -> None:
    row = consult(theirs, reference="KHB-4WM")
    client = signed_in(build.member(ours))

    known = client.post(FIND, {"words": row.reference}, follow=True)
    unknown = client.post(FIND, {"words": "ZZZ-999"}, follow=True)

    assert row.reference not in known.content.decode()
    assert [known.status_code, known.request["PATH_INFO"]] == [
        unknown.status_code,
        unknown.request["PATH_INFO"],
    ]


def test_a_stolen_hash_of_another_clinics_row_finds_nothing(
    ours: Location, theirs: Location
) -> None:
    row = consult(theirs)
    digest = SearchKey.objects.filter(request=row).values_list("digest", flat=True)[0]

    shown = signed_in(build.member(ours)).get(LIST, {"key": digest}).content.decode()

    assert row.reference not in shown


@pytest.mark.parametrize(
    "query",
    [
        {"state__exact": "new"},
        {"location__name": "Theirs"},
        {"location__memberships__user__username__startswith": "a"},
        {"name_sealed__isnull": "0"},
        {"q": "Jordan"},
        {"_facets": "1"},
        {"assignee__id__exact": "1"},
    ],
)
def test_no_column_can_be_probed_through_the_address(
    query: dict[str, str], ours: Location, theirs: Location
) -> None:
    row = consult(theirs)

    response = signed_in(build.member(ours)).get(LIST, query)

    assert response.status_code == (200 if query.keys() & {"q", "_facets"} else 400)
    assert row.reference not in response.content.decode()


def test_bulk_delete_is_not_there(ours: Location) -> None:
    row = consult(ours)
    data = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}

    signed_in(superuser()).post(LIST, data)
    signed_in(build.member(ours)).post(LIST, data)

    assert ConsultRequest.objects.count() == 1


def test_no_autocomplete_offers_requests(ours: Location) -> None:
    consult(ours)
    query = {"app_label": "consults", "model_name": "note", "field_name": "request", "term": ""}

    response = signed_in(superuser()).get(reverse("admin:autocomplete"), query)

    assert response.status_code in {403, 404}


def test_home_counts_ones_own_clinics_only(ours: Location, theirs: Location) -> None:
    foreign_rows(theirs)
    consult(ours)

    page = signed_in(build.member(ours)).get(reverse("admin:index"))

    [desk] = page.context["today"].desks
    assert (desk.clinic, desk.waiting, desk.flagged, desk.quarantined) == (ours, 1, 0, 0)
    assert "Theirs" not in page.content.decode()


def test_possible_duplicate_at_another_clinic_is_hinted_at_without_naming_it(
    ours: Location, theirs: Location
) -> None:
    row, twin, foreign = consult(ours), consult(ours), consult(theirs)

    shown = signed_in(build.member(ours)).get(pages(row)[0]).content.decode()

    assert twin.reference in shown
    assert foreign.reference not in shown
    assert str(foreign.pk) not in shown
    assert "Another clinic has a request: ask your lead before calling." in shown


def test_every_registered_admin_page_of_requests_is_behind_visible_to() -> None:
    """What else the admin may register over a request, an event, a note or a mail."""
    labels = {model._meta.label for model in admin.site._registry}
    assert {label for label in labels if label.startswith("consults.")} == {
        "consults.ConsultRequest"
    }


def test_visible_to_of_an_inactive_or_outside_account_is_empty(ours: Location) -> None:
    consult(ours)
    person = build.member(ours)
    assert ConsultRequest.objects.visible_to(person).count() == 1

    person.is_active = False
    assert ConsultRequest.objects.visible_to(person).count() == 0

    person.is_active, person.is_staff = True, False
    assert ConsultRequest.objects.visible_to(person).count() == 0
