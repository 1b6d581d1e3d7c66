"""Who may change which clinic, and what the admin says when something does not fit."""

import datetime as dt
import html
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from clinic import frame
from locations.models import (
    Location,
    Membership,
    OpeningHours,
    Service,
    ServiceFact,
    SiteNotice,
    SpecialDay,
)
from tests import build
from tests.locations.build import fact, service, special_day, treatment

pytestmark = pytest.mark.django_db

CaptureCommits = Callable[..., AbstractContextManager[list[Any]]]

LOCATIONS = "/admin/locations/location/"


def change_path(clinic: Location) -> str:
    return reverse("admin:locations_location_change", args=[clinic.pk])


def as_lead(client: Client, *clinics: Location) -> None:
    lead = build.member(clinics[0], Membership.Role.LEAD)
    for clinic in clinics[1:]:
        Membership.objects.create(user=lead, location=clinic, role=Membership.Role.LEAD)
    client.force_login(lead)


def as_administrator(client: Client) -> None:
    client.force_login(build.user("Site administrator"))


def filled(client: Client, clinic: Location, **changes: Any) -> dict[str, Any]:
    """What the browser would send back from the clinic's page, with some answers changed."""
    form = client.get(change_path(clinic)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for prefix in ("opening_hours", "special_days", "facts"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return {name: "" if value is None else value for name, value in (data | changes).items()}


def rows(prefix: str, clinic: Location, *added: dict[str, Any]) -> dict[str, Any]:
    """New lines of an inline."""
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(added), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(added):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
        data |= {f"{prefix}-{number}-id": "", f"{prefix}-{number}-location": clinic.pk}
    return data


def stretch(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def days(first: str, last: str, kind: str, opens: str = "", closes: str = "") -> dict[str, Any]:
    return {
        "first_day": first, "last_day": last, "kind": kind, "opens": opens, "closes": closes,
        "label": "",
    }  # fmt: skip


# --- Who sees and changes what --------------------------------------------------------------


def test_lead_sees_their_own_clinics_only(client: Client) -> None:
    own, other = build.location(name="Own"), build.location(name="Other")
    as_lead(client, own)
    page = client.get(LOCATIONS)
    assert list(page.context["cl"].result_list) == [own]
    assert client.get(change_path(own)).status_code == 200
    assert client.get(change_path(other)).status_code == 404
    history = reverse("admin:locations_location_history", args=[other.pk])
    assert client.get(history).status_code == 404


def test_lead_of_one_clinic_who_works_at_another_changes_only_the_first(client: Client) -> None:
    led, worked_at = build.location(), build.location()
    as_lead(client, led)
    lead = Membership.objects.get().user
    Membership.objects.create(user=lead, location=worked_at, role=Membership.Role.STAFF)
    assert client.get(change_path(worked_at)).status_code == 404


def test_lead_cannot_post_to_another_clinic(client: Client) -> None:
    own, other = build.location(), build.location(phone="+12055550111")
    as_lead(client, own)
    data = filled(client, own, phone="(205) 555-0122")
    assert client.post(change_path(other), data).status_code == 404
    other.refresh_from_db()
    assert str(other.phone.as_e164) == "+12055550111"


def test_lead_changes_phone_and_pause_and_nothing_else(client: Client) -> None:
    clinic = build.location(name="Own", slug="own")
    as_lead(client, clinic)
    data = filled(
        client, clinic, phone="(205) 555-0122", state="paused", paused_until="2030-01-01",
        name="Mine", slug="mine", is_default="on", time_zone="America/Denver",
    )  # fmt: skip
    assert client.post(change_path(clinic), data).status_code == 302
    clinic.refresh_from_db()
    assert clinic.phone.as_e164 == "+12055550122"
    assert clinic.is_paused()
    assert (clinic.name, clinic.slug, clinic.is_default) == ("Own", "own", False)
    assert clinic.time_zone == "America/Chicago"


def test_lead_does_not_close_a_clinic_for_good(client: Client) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    page = client.post(change_path(clinic), filled(client, clinic, state="closed"))
    assert "state" in page.context["adminform"].form.errors
    clinic.refresh_from_db()
    assert clinic.state == Location.State.OPEN


def test_lead_does_not_open_a_clinic_that_is_coming(client: Client) -> None:
    clinic = build.location(state="coming")
    as_lead(client, clinic)
    assert client.post(change_path(clinic), filled(client, clinic, state="open")).status_code == 302
    clinic.refresh_from_db()
    assert clinic.state == Location.State.COMING


def test_intake_staff_change_no_clinic(client: Client) -> None:
    clinic = build.location()
    client.force_login(build.member(clinic))
    assert client.get(LOCATIONS).status_code == 403
    assert client.get(change_path(clinic)).status_code == 404


def test_administrator_changes_every_clinic_and_deletes_none(client: Client) -> None:
    clinic = build.location()
    as_administrator(client)
    data = filled(client, clinic, name="New name", state="closed")
    assert client.post(change_path(clinic), data).status_code == 302
    clinic.refresh_from_db()
    assert (clinic.name, clinic.state) == ("New name", Location.State.CLOSED)
    delete = reverse("admin:locations_location_delete", args=[clinic.pk])
    assert client.get(delete).status_code == 403


def test_administrator_adds_a_clinic_that_visitors_then_find(client: Client) -> None:
    as_administrator(client)
    data = {
        "name": "Fourth", "practice_name": "Sample Practice", "slug": "fourth", "city": "Fourth",
        "region": "AL", "time_zone": "America/Chicago", "state": "open", "position": 4,
    }  # fmt: skip
    for prefix in ("opening_hours", "special_days", "facts"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert client.post(f"{LOCATIONS}add/", data).status_code == 302
    assert client.get("/locations/fourth/").status_code == 200


@pytest.mark.parametrize("model", ["membership", "service", "sitenotice"])
def test_lead_and_staff_reach_no_page_of_an_administrator(client: Client, model: str) -> None:
    clinic = build.location()
    for role in (Membership.Role.LEAD, Membership.Role.STAFF):
        client.force_login(build.member(clinic, role))
        assert client.get(f"/admin/locations/{model}/").status_code == 403
        assert client.get(f"/admin/locations/{model}/add/").status_code == 403


@pytest.mark.parametrize("model", ["location", "membership", "service", "sitenotice"])
def test_an_address_that_never_was_is_404(client: Client, model: str) -> None:
    as_administrator(client)
    for page in ("change", "history"):
        assert client.get(f"/admin/locations/{model}/999/{page}/").status_code == 404


# --- What does not fit is refused in words --------------------------------------------------


def errors_of(client: Client, clinic: Location, data: dict[str, Any]) -> str:
    page = client.post(change_path(clinic), filled(client, clinic, **data))
    assert page.status_code == 200
    formsets = page.context["inline_admin_formsets"]
    every = [inline.formset for inline in formsets]
    return " ".join(
        [str(message) for formset in every for message in formset.non_form_errors()]
        + [str(formset.errors) for formset in every]
    )


def test_hours_that_overlap_are_refused_with_the_way_out(client: Client) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    overlapping = rows(
        "opening_hours", clinic, stretch(0, "09:00", "13:00"), stretch(0, "12:00", "17:00")
    )
    said = errors_of(client, clinic, overlapping)
    assert "On Monday, 9 a.m. to 1 p.m. and noon to 5 p.m. overlap." in said
    assert "Let the first end before the second begins" in said
    assert not OpeningHours.objects.exists()


def test_hours_of_a_split_day_are_taken(client: Client) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    split = rows(
        "opening_hours", clinic, stretch(0, "09:00", "12:00"), stretch(0, "12:00", "17:00"),
        stretch(1, "09:00", "17:00"), {"weekday": 4, "by_appointment": "on"},
    )  # fmt: skip
    assert client.post(change_path(clinic), filled(client, clinic, **split)).status_code == 302
    assert OpeningHours.objects.count() == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (stretch(0, "17:00", "09:00"), "opening time must be before the closing time"),
        (stretch(0, "09:00", ""), "Give both times, for example 9 a.m. and 5 p.m."),
        (stretch(0, "", "") | {"label": ""}, "Give both times"),
        (stretch(0, "09:00", "17:00") | {"by_appointment": "on"}, "Leave both times blank"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(
    client: Client, row: dict[str, Any], words: str
) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    assert words in errors_of(client, clinic, rows("opening_hours", clinic, row))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (days("2026-12-25", "2026-12-24", "closed"), "must not be before the first"),
        (days("2026-12-24", "2026-12-24", "hours"), "Give both times"),
        (days("2026-12-24", "2026-12-24", "closed", "09:00"), "Choose “other hours”"),
        (days("2026-12-24", "2026-12-24", "hours", "12:00", "09:00"), "must be before the closing"),
    ],
)
def test_special_days_that_make_no_sense_are_refused_in_words(
    client: Client, row: dict[str, Any], words: str
) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    assert words in errors_of(client, clinic, rows("special_days", clinic, row))


def test_special_days_that_contradict_each_other_are_refused(client: Client) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    both = rows(
        "special_days", clinic, days("2026-12-20", "2026-12-31", "closed"),
        days("2026-12-24", "2026-12-24", "hours", "09:00", "12:00"),
    )  # fmt: skip
    assert "December 24 is both “closed” and “other hours”" in errors_of(client, clinic, both)
    overlapping = rows(
        "special_days", clinic, days("2026-12-24", "2026-12-24", "hours", "09:00", "12:00"),
        days("2026-12-24", "2026-12-24", "hours", "11:00", "13:00"),
    )  # fmt: skip
    said = errors_of(client, clinic, overlapping)
    assert "On December 24, 9 a.m. to noon and 11 a.m. to 1 p.m. overlap" in said


def test_special_hours_of_a_split_day_are_taken(client: Client) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    split = rows(
        "special_days", clinic, days("2026-12-24", "2026-12-24", "hours", "09:00", "12:00"),
        days("2026-12-24", "2026-12-24", "hours", "13:00", "15:00"),
    )  # fmt: skip
    assert client.post(change_path(clinic), filled(client, clinic, **split)).status_code == 302
    assert SpecialDay.objects.count() == 2


def test_a_second_default_clinic_is_refused_in_words(client: Client) -> None:
    build.location(is_default=True)
    clinic = build.location()
    as_administrator(client)
    page = client.post(change_path(clinic), filled(client, clinic, is_default="on"))
    assert "take the tick away there first" in str(page.context["adminform"].form.errors)


def test_a_service_with_a_short_description_is_refused(client: Client) -> None:
    as_administrator(client)
    data = {"name": "It", "slug": "it", "description": "Short.", "body": "B", "position": 0}
    page = client.post("/admin/locations/service/add/", data)
    assert "at least 50 characters" in str(page.context["adminform"].form.errors)


# --- What is confirmed about a service ------------------------------------------------------


def fact_line(clinic: Location, row: ServiceFact, **changes: str) -> dict[str, Any]:
    """What the browser sends back of a clinic's one fact, with some answers changed."""
    values = {
        "service": row.service_id, "kind": row.kind, "text": row.text,
        "confirmed_by": row.confirmed_by, "confirmed_on": row.confirmed_on or "",
        "expires_on": row.expires_on or "",
    }  # fmt: skip
    data = rows("facts", clinic, values | changes)
    return data | {"facts-INITIAL_FORMS": 1, "facts-0-id": row.pk}


def test_lead_confirms_a_fact_that_visitors_then_read(client: Client) -> None:
    clinic = build.location(slug="here")
    offered, today = service(clinic, slug="it"), timezone.localdate()
    as_lead(client, clinic)
    line = {
        "service": offered.pk, "kind": "price", "text": "Ask us: we say it before you decide.",
        "confirmed_by": "the front desk", "confirmed_on": today, "expires_on": today,
    }  # fmt: skip
    data = filled(client, clinic, **rows("facts", clinic, line))
    assert client.post(change_path(clinic), data).status_code == 302
    for path in ("/locations/here/", "/services/it/"):
        assert b"we say it before you decide" in client.get(path).content


LATER = dt.datetime(2031, 5, 1, 18, tzinfo=dt.UTC)
CONFIRMED_LATER = {"text": "New", "confirmed_on": "2031-05-01", "expires_on": "2040-01-01"}


def test_fact_changed_on_a_clinics_page_dates_the_service_too(client: Client) -> None:
    clinic = build.location()
    row = fact(service(clinic), clinic)
    with travel(LATER, tick=False):
        as_lead(client, clinic)
        data = filled(client, clinic, **fact_line(clinic, row, **CONFIRMED_LATER))
        assert client.post(change_path(clinic), data).status_code == 302
    assert Service.objects.get().changed_at == LATER


def test_fact_changed_on_a_services_page_dates_its_clinic_and_no_other(client: Client) -> None:
    clinic, other = build.location(), build.location()
    offered = service(clinic, other)
    row = fact(offered, clinic)
    page = f"/admin/locations/service/{offered.pk}/change/"
    with travel(LATER, tick=False):
        as_administrator(client)
        form = client.get(page).context["adminform"].form
        data = {name: form[name].value() or "" for name in form.fields}
        data |= fact_line(clinic, row, **CONFIRMED_LATER)
        data |= {"facts-0-service": offered.pk, "facts-0-location": clinic.pk}
        data |= {"locations": [clinic.pk, other.pk]}
        assert client.post(page, data).status_code == 302
    assert Location.objects.get(pk=clinic.pk).changed_at == LATER
    assert Location.objects.get(pk=other.pk).changed_at == other.changed_at


def test_words_of_a_fact_do_not_change_under_an_old_confirmation(client: Client) -> None:
    clinic = build.location()
    long_ago = timezone.localdate() - dt.timedelta(days=9)
    row = fact(service(clinic), clinic, text="Two hours", confirmed_on=long_ago)
    as_lead(client, clinic)
    changed = fact_line(clinic, row, text="Three hours")
    assert "give the day on which somebody confirmed" in errors_of(client, clinic, changed)
    row.refresh_from_db()
    assert row.text == "Two hours"

    today = {"text": "Three hours", "confirmed_on": str(timezone.localdate())}
    unconfirmed = dict.fromkeys(("confirmed_by", "confirmed_on", "expires_on"), "")
    for taken in (today, unconfirmed | {"text": "Four hours"}):
        data = filled(client, clinic, **fact_line(clinic, row, **taken))
        assert client.post(change_path(clinic), data).status_code == 302
        row.refresh_from_db()
        assert row.text == taken["text"]
    assert row.confirmed_on is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confirmed_by": ""}, "Say who confirmed it, on which day, and until when"),
        ({"expires_on": ""}, "Say who confirmed it, on which day, and until when"),
        ({"expires_on": "2000-01-01"}, "Say who confirmed it, on which day, and until when"),
        ({"confirmed_on": "2100-01-01", "expires_on": "2100-01-02"}, "give today's date"),
    ],
)
def test_fact_that_is_half_confirmed_is_refused_in_words(
    client: Client, changes: dict[str, str], words: str
) -> None:
    clinic = build.location()
    row = fact(service(clinic), clinic)
    as_lead(client, clinic)
    said = html.unescape(errors_of(client, clinic, fact_line(clinic, row, **changes)))
    assert words in said


def test_second_fact_about_the_same_is_refused(client: Client) -> None:
    clinic = build.location()
    offered = service(clinic)
    as_lead(client, clinic)
    line = {"service": offered.pk, "kind": "price", "text": "One price"}
    said = errors_of(client, clinic, rows("facts", clinic, line, line | {"text": "Another"}))
    assert "Please correct the duplicate" in said


# --- What follows a save --------------------------------------------------------------------


def test_saving_a_clinic_renews_the_phones_for_error_pages(
    client: Client, django_capture_on_commit_callbacks: CaptureCommits
) -> None:
    clinic = build.location(phone="+12055550111")
    as_lead(client, clinic)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(change_path(clinic), filled(client, clinic, phone="(205) 555-0122"))
    (remembered,) = json.loads(frame.phones_file().read_text("utf-8"))
    assert remembered["phone"] == "+12055550122"


def test_sample_hours_are_marked_until_somebody_changes_them(client: Client) -> None:
    clinic = build.location()
    row = OpeningHours.objects.create(
        location=clinic, weekday=0, opens="09:00", closes="17:00", is_sample=True
    )
    as_lead(client, clinic)
    assert b'alt="True"' in client.get(LOCATIONS).content

    changed = rows("opening_hours", clinic, stretch(0, "09:00", "16:00"))
    changed |= {"opening_hours-INITIAL_FORMS": 1, "opening_hours-0-id": row.pk}
    assert client.post(change_path(clinic), filled(client, clinic, **changed)).status_code == 302
    row.refresh_from_db()
    assert (row.closes, row.is_sample) == (dt.time(16), False)
    assert b'alt="True"' not in client.get(LOCATIONS).content


def test_lead_finds_nothing_on_the_page_that_they_may_not_change(client: Client) -> None:
    clinic = build.location()
    as_lead(client, clinic)
    form = client.get(change_path(clinic)).context["adminform"].form
    assert set(form.fields) == {
        "phone", "texting_phone", "notice_email", "state", "paused_until", "pause_message",
        "safety_protocol",
    }  # fmt: skip


def test_every_input_of_the_hours_says_its_name(client: Client) -> None:
    clinic = build.location()
    build.weekday_hours(clinic)
    as_lead(client, clinic)
    page = client.get(change_path(clinic))
    html = page.content.decode()
    for inline in page.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            hidden = {"id", "location"} | (set() if form.instance.pk else {"DELETE"})
            named = set(form.fields) - hidden
            assert {name for name in named if f'for="{form[name].id_for_label}"' in html} == named


# --- Lists ----------------------------------------------------------------------------------


def add_clinic() -> None:
    build.weekday_hours(clinic := build.location())
    special_day(clinic, dt.date(2026, 3, 6))


def add_notice() -> None:
    SiteNotice.objects.create(
        text="Snow.", location=build.location(), ends_at=timezone.now() + dt.timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("model", "add"),
    [
        ("location", add_clinic),
        ("membership", lambda: build.member(build.location())),
        ("service", lambda: service(build.location(), treatment=treatment())),
        ("sitenotice", add_notice),
    ],
)
def test_list_takes_as_many_queries_for_three_rows_as_for_one(
    client: Client, model: str, add: Callable[[], object]
) -> None:
    as_administrator(client)
    counts = []
    for added in (1, 2):
        for _row in range(added):
            add()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(f"/admin/locations/{model}/")
        counts.append((page.context["cl"].result_count, len(queries)))
    assert counts == [(1, counts[0][1]), (3, counts[0][1])]
