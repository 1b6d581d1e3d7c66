"""The pages beside the queue: phone calls, copies, exports, who opened what, erasing one person."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from consults import export, triage
from consults.models import ConsultRequest, Event, EventKind, Note, Outbox, State
from locations.models import Location, Membership
from tests import build
from tests.consults.build import answers, consult

FIND = reverse("admin:consults_consultrequest_find")
CALL = reverse("admin:consults_consultrequest_call")
EXPORT = reverse("admin:consults_consultrequest_export")
PERSON = reverse("admin:consults_consultrequest_person")
LOOKS = reverse("admin:consults_consultrequest_looks")
WORDS = {"words": "(205) 555-0134"}


@pytest.fixture
def ours(db: None) -> Location:
    return build.location(name="Ours")


@pytest.fixture
def theirs(db: None) -> Location:
    return build.location(name="Theirs")


@pytest.fixture
def lead(ours: Location) -> User:
    return build.member(ours, Membership.Role.LEAD)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(response: Any) -> str:
    return str(response.content.decode())


def copy_of(row: ConsultRequest) -> str:
    return reverse("admin:consults_consultrequest_print", args=[row.pk])


# --- A phone call -------------------------------------------------------------------------------


def call(client: Client, where: Location, **changes: Any) -> Any:
    return client.post(CALL, answers(where, **({"agreed": "on"} | changes)))


def test_phone_call_becomes_a_request_of_whoever_took_it(ours: Location) -> None:
    staff = build.member(ours)
    client = signed_in(staff)
    assert client.get(CALL).status_code == 200

    given = answers(ours, agreed="on", email="jordan@example.com")
    responses = [client.post(CALL, given) for _press in range(2)]

    row = ConsultRequest.objects.get()
    target = reverse("admin:consults_consultrequest_change", args=[row.pk])
    assert [response.headers["Location"] for response in responses] == [target] * 2
    assert (row.assignee, row.consent_version, row.name) == (staff, "1-verbal", "Jordan")
    assert [(event.kind, event.actor) for event in row.events.all()] == [
        ("received", None),
        ("entered", staff),
    ]
    assert list(Outbox.objects.values_list("kind", flat=True)) == ["confirmation"]


def test_phone_call_without_consent_or_for_a_child_stores_nothing(ours: Location) -> None:
    client = signed_in(build.member(ours))

    unasked = call(client, ours, agreed=None)
    child = call(client, ours, for_whom="minor")

    assert (unasked.status_code, child.status_code) == (422, 422)
    assert "Read them the sentence" in page(unasked)
    assert "Nothing is stored for someone under 18" in page(child)
    assert 'value="(205) 555-0134"' in page(unasked)
    assert ConsultRequest.objects.count() == 0


# --- A copy for paper ---------------------------------------------------------------------------


def test_copy_shows_how_to_reach_them_without_the_question_and_goes_on_file(
    ours: Location,
) -> None:
    staff = build.member(ours)
    row = consult(ours, question="Is there parking?", assignee=staff)

    shown = page(signed_in(staff).get(copy_of(row)))

    assert "(205) 555-0134" in shown
    assert "Is there parking?" not in shown
    assert [(event.kind, event.actor) for event in row.events.all()] == [("printed", staff)]


def test_copy_of_another_clinics_request_is_refused_and_on_file(
    ours: Location, theirs: Location
) -> None:
    row = consult(theirs)

    response = signed_in(build.member(ours)).get(copy_of(row))

    assert response.status_code == 404
    assert row.events.get().kind == EventKind.REFUSED


# --- Which clinic has it ------------------------------------------------------------------------


def test_lead_learns_which_clinic_has_an_exact_reference(
    lead: User, ours: Location, theirs: Location
) -> None:
    row = consult(theirs, reference="KHB-4WM")

    shown = page(signed_in(lead).post(FIND, {"words": "khb 4wm"}, follow=True))
    unknown = page(signed_in(lead).post(FIND, {"words": "ZZZ-999"}, follow=True))
    staff = page(signed_in(build.member(ours)).post(FIND, {"words": "KHB-4WM"}, follow=True))

    assert "Theirs has the request KHB-4WM." in shown
    assert str(row.pk) not in shown
    assert "Jordan" not in shown
    assert ("Theirs" in unknown, "Theirs" in staff) == (False, False)
    assert [(event.kind, event.actor) for event in row.events.all()] == [("located", lead)]


# --- Export -------------------------------------------------------------------------------------


def exported(client: Client, **changes: str) -> Any:
    today = timezone.localdate().isoformat()
    given = {"first_day": today, "last_day": today, "reason": "The yearly count."}
    return client.post(EXPORT, given | changes)


def table(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_export_holds_the_leads_clinics_and_no_names(
    lead: User, ours: Location, theirs: Location
) -> None:
    row = consult(ours)
    consult(theirs)

    response = exported(signed_in(lead))
    head, *lines = table(response)

    assert response.headers["Content-Disposition"] == 'attachment; filename="requests.csv"'
    assert [line[0] for line in lines] == [row.reference]
    assert "name" not in head
    assert "Jordan" not in str(lines)
    event = Event.objects.get(kind=EventKind.EXPORTED)
    assert (event.actor, event.detail["count"], event.detail["names"]) == (lead, 1, False)
    assert Note.objects.get(pk=event.detail["note"]).body == "The yearly count."


def test_export_with_names_makes_formulas_harmless(lead: User, ours: Location) -> None:
    consult(ours, name='=HYPERLINK("x")')

    [_head, line] = table(exported(signed_in(lead), names="on"))

    assert line[-3:] == ['\'=HYPERLINK("x")', "'+12055550134", "jordan@example.com"]


@pytest.mark.parametrize("mark", [*export.FORMULA_MARKS, " ="])
def test_cell_that_a_spreadsheet_would_run_is_made_harmless(mark: str) -> None:
    assert export.harmless(f"{mark}1+1") == f"'{mark}1+1"
    assert export.harmless("1+1") == "1+1"


def test_export_without_a_reason_is_refused(lead: User, ours: Location) -> None:
    consult(ours)

    response = exported(signed_in(lead), reason="")

    assert response.status_code == 422
    assert "Say what it is for" in page(response)
    assert Event.objects.filter(kind=EventKind.EXPORTED).count() == 0


def test_export_of_a_clinic_led_by_somebody_else_is_refused(
    lead: User, ours: Location, theirs: Location
) -> None:
    Membership.objects.create(user=lead, location=theirs, role=Membership.Role.STAFF)
    consult(theirs)

    assert exported(signed_in(lead), clinic=str(theirs.pk)).status_code == 422
    assert table(exported(signed_in(lead)))[1:] == []


@pytest.mark.parametrize("address", [EXPORT, LOOKS, PERSON])
@pytest.mark.parametrize("who", ["staff", "editor"])
def test_what_is_for_leads_is_refused_to_others(address: str, who: str, ours: Location) -> None:
    person = build.member(ours) if who == "staff" else build.user("Editor")

    assert signed_in(person).get(address).status_code == 403
    assert signed_in(person).post(address, WORDS).status_code == 403


# --- Who opened what ----------------------------------------------------------------------------


def test_looks_list_what_a_person_opened_at_the_leads_clinics(
    lead: User, ours: Location, theirs: Location
) -> None:
    staff = build.member(ours)
    Membership.objects.create(user=staff, location=theirs)
    here, there = consult(ours), consult(theirs)
    for row in (here, there):
        triage.record(EventKind.VIEWED, row, staff)
    triage.record(EventKind.SEARCHED, actor=staff)
    today = timezone.localdate().isoformat()
    given = {"person": str(staff.pk), "first_day": today, "last_day": today}

    response = signed_in(lead).post(LOOKS, given)

    assert [event.kind for event in response.context["events"]] == ["searched", "viewed"]
    assert here.reference in page(response)
    assert there.reference not in page(response)
    event = Event.objects.get(kind=EventKind.REPORTED)
    assert (event.actor, event.detail["person"]) == (lead, staff.pk)


def test_looks_of_someone_at_another_clinic_cannot_be_asked(lead: User, theirs: Location) -> None:
    stranger = build.member(theirs)
    today = timezone.localdate().isoformat()
    given = {"person": str(stranger.pk), "first_day": today, "last_day": today}

    assert signed_in(lead).post(LOOKS, given).status_code == 422


# --- Erasing one person -------------------------------------------------------------------------


def test_site_administrator_erases_a_person_at_every_clinic(
    ours: Location, theirs: Location
) -> None:
    admin = build.user("Site administrator")
    rows = [consult(ours), consult(theirs)]
    other = consult(ours, phone="+12055550188", email="")
    client = signed_in(admin)

    listed = page(client.post(PERSON, WORDS))
    assert all(row.reference in listed for row in rows)
    assert other.reference not in listed
    assert "Jordan" not in listed
    wrong = client.post(PERSON, {**WORDS, "typed": "erase"})
    assert (wrong.status_code, "Type exactly this to erase: erase 2" in page(wrong)) == (422, True)
    assert ConsultRequest.objects.filter(erased_at=None).count() == 3

    client.post(PERSON, {**WORDS, "typed": " Erase 2 "})

    assert list(ConsultRequest.objects.filter(erased_at=None)) == [other]
    erased = Event.objects.filter(kind=EventKind.ERASED)
    assert {(event.request_id, event.actor_id) for event in erased} == {
        (row.pk, admin.pk) for row in rows
    }


def test_lead_erases_at_their_own_clinics_only(
    lead: User, ours: Location, theirs: Location
) -> None:
    own, foreign = consult(ours), consult(theirs)

    listed = page(signed_in(lead).post(PERSON, WORDS))
    assert (own.reference in listed, foreign.reference in listed) == (True, False)
    signed_in(lead).post(PERSON, {**WORDS, "typed": "erase 1"})

    foreign.refresh_from_db()
    own.refresh_from_db()
    assert (own.erased_at is None, foreign.erased_at is None) == (False, True)


def test_what_is_held_or_flagged_stays(lead: User, ours: Location) -> None:
    held = consult(ours, held_at=timezone.now())
    flagged = consult(ours, is_flagged=True)

    listed = page(signed_in(lead).post(PERSON, WORDS))

    assert "Stays: kept from erasure" in listed
    assert "Stays: close the safety flag first" in listed
    assert "typed" not in listed
    assert ConsultRequest.objects.filter(erased_at=None).count() == len([held, flagged])


@pytest.mark.parametrize("words", ["Jordan", "", "555"])
def test_a_person_is_found_by_a_whole_number_or_address_only(words: str, lead: User) -> None:
    assert signed_in(lead).post(PERSON, {"words": words}).status_code == 422


# --- Corrections and duplicates on the page -----------------------------------------------------


def test_corrected_number_can_be_pressed_and_who_added_it_is_said(ours: Location) -> None:
    staff = build.member(ours, first_name="Ana", last_name="Reyes")
    row = triage.correct(consult(ours), staff, "phone", "+12055550188")
    address = reverse("admin:consults_consultrequest_change", args=[row.pk])

    shown = page(signed_in(staff).get(address))

    assert 'href="tel:+12055550188"' in shown
    assert 'href="tel:+12055550134"' in shown
    assert "Added by Ana Reyes" in shown


def test_duplicate_names_the_original_only_while_it_is_here(
    ours: Location, theirs: Location
) -> None:
    staff = build.member(ours)
    original = consult(ours, phone="+12055550188", email="")
    row = triage.mark_duplicate(consult(ours), staff, original)
    address = reverse("admin:consults_consultrequest_change", args=[row.pk])
    assert f"{original.reference}</a>." in page(signed_in(staff).get(address))

    triage.transfer(original, staff, theirs)

    assert original.reference not in page(signed_in(staff).get(address))
    assert row.state == State.CLOSED
