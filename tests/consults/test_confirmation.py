"""The confirmation and the withdrawal."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from consults import retention, tokens, triage
from consults.models import ConsultRequest, EventKind, Outcome, State
from locations.models import Location
from tests import build
from tests.consults.build import SAME_ORIGIN, consult, elements, send, words

pytestmark = pytest.mark.django_db

MONDAY_10 = dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)  # 10:00 in Alabama, 11:00 in Virginia
CRISIS = "I do not want to be alive anymore"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def where() -> Location:
    clinic = build.location(practice_name="Sample Practice", phone="+12055550142")
    build.weekday_hours(clinic)
    return clinic


def confirmed(client: Client, where: Location, **changes: Any) -> Any:
    return client.get(send(client, where, **changes)["Location"])


def text_of(page: Any) -> str:
    return words(elements(page, "main")[0].text)


def link(row: ConsultRequest, purpose: str = "withdraw") -> str:
    return f"/consult/{purpose}/{tokens.link(row.pk, purpose)}/"


# --- The confirmation ---------------------------------------------------------------------------


def test_confirmation_says_by_when_how_and_from_where(client: Client, where: Location) -> None:
    page = confirmed(client, where, good_times=["morning"])
    text = text_of(page)
    assert words(elements(page, "h1")[0].text) == "We have your request"
    assert "We will try to reach you by Tuesday, March 3, noon Central time." in text
    assert [words(e.text) for e in elements(page, "dd")] == [
        "We will call the number ending in 34. That is wrong",
        f"Sample Practice, {where.name}",
        "(205) 555-0142",
        "We will give a first name and a number to call back. We will not name the clinic.",
        "Morning, 9 to 12",
    ]
    assert ConsultRequest.objects.get().reference in text
    assert "We stored: what to call you, your phone number, the clinic," in text
    assert "at most 90 days after we close your request" in text


def test_confirmation_speaks_the_clinics_own_zone(client: Client) -> None:
    east = build.location(time_zone="America/New_York", phone="")
    build.weekday_hours(east)
    text = text_of(confirmed(client, east))
    assert "by Tuesday, March 3, 11 a.m. Eastern time." in text
    assert "(205)" not in text


def test_confirmation_for_email_shows_a_shortened_address(client: Client, where: Location) -> None:
    page = confirmed(client, where, channel="email", email="sam.canary@example.com", phone="")
    text = text_of(page)
    assert "We will write to s…@example.com." in text
    assert "If you do not pick up" not in text
    assert "canary" not in page.content.decode()
    assert "your phone number" not in text


@pytest.mark.parametrize(
    ("voicemail", "sentence"),
    [
        ("no", "We will not leave a message. We will try again."),
        ("named", "We will say that Sample Practice called, and give a number."),
    ],
)
def test_confirmation_says_what_voicemail_will_hear(
    client: Client, where: Location, voicemail: str, sentence: str
) -> None:
    assert sentence in text_of(confirmed(client, where, voicemail=voicemail))


def test_confirmation_repeats_no_answer(client: Client, where: Location) -> None:
    page = confirmed(client, where, name="Canary", question="Canary sister", phone="205-555-0177")
    assert "anary" not in page.content.decode()
    assert "555-0177" not in page.content.decode()


def test_confirmation_is_kept_by_nobody(client: Client, where: Location) -> None:
    page = confirmed(client, where)
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Robots-Tag"] == "noindex"
    assert words(elements(page, "title")[0].text) == "We have your request"
    assert not page.cookies


def test_pages_of_a_request_have_titles_that_say_nothing_of_a_treatment(
    client: Client, where: Location
) -> None:
    build.site_text(name="Sample Ketamine Clinics")
    row = consult(where)
    pages = [client.get(path) for path in ("/consult/", link(row, "received"), link(row))]
    pages.append(client.get(link(row, "received") + "again/"))
    pages += [send(client, where, for_whom=answer) for answer in ("", "minor")]
    assert [words(elements(page, "title")[0].text) for page in pages] == [
        "Request a consult",
        "We have your request",
        "Withdraw a request",
        "Request a consult",
        "Error: Request a consult",
        "Next steps for someone under 18",
    ]


def test_confirmation_shows_crisis_help_after_the_promise(client: Client, where: Location) -> None:
    page = confirmed(client, where, question="Do I need a referral?")
    headings = [words(e.text) for e in elements(page) if e.tag in {"h1", "h2"}]
    assert headings[0] == "We have your request"
    assert "Thinking about suicide, or worried about someone?" in headings
    assert not ConsultRequest.objects.get().is_flagged


def test_confirmation_of_a_crisis_shows_help_first(
    client: Client, where: Location, clock: time_machine.Traveller
) -> None:
    page = confirmed(client, where, question=CRISIS)
    headings = [words(e.text) for e in elements(page) if e.tag in {"h1", "h2"}]
    assert headings[0] == "Thinking about suicide, or worried about someone?"
    assert ConsultRequest.objects.get().is_flagged
    assert "The clinic is closed now." not in text_of(page)
    clock.shift(dt.timedelta(hours=10))
    page = client.get(link(ConsultRequest.objects.get(), "received"))
    assert (
        "The clinic is closed now. Staff will next read requests on "
        "Tuesday, March 3, 9 a.m. Central time." in text_of(page)
    )


def test_confirmation_lives_until_thirty_days_after_the_promise(
    client: Client, where: Location, clock: time_machine.Traveller
) -> None:
    row = consult(where, promised_by=timezone.now())
    clock.shift(dt.timedelta(days=30))
    assert client.get(link(row, "received")).status_code == 200
    clock.shift(dt.timedelta(seconds=1))
    assert client.get(link(row, "received")).status_code == 404


def test_confirmation_address_cannot_be_made_up(client: Client, where: Location) -> None:
    row = consult(where)
    good = tokens.link(row.pk, "received")
    other = tokens.link(row.pk, "withdraw")
    for token in (str(row.pk), row.pk.hex, good[:-1], good.replace(good[0], "0", 1), other, "x"):
        if token != good:
            assert client.get(f"/consult/received/{token}/").status_code == 404


# --- “That is wrong” ----------------------------------------------------------------------------


def ask_again(client: Client, confirmation: Any, **changes: Any) -> ConsultRequest:
    """Follows the link to a fresh form and sends it."""
    links = {words(e.text): e.get("href", "") for e in elements(confirmation, "a")}
    page = client.get(links["That is wrong"])
    token = next(e["value"] for e in elements(page, "input") if e.get("name") == "token")
    where = confirmation.context["consult"].location
    answer = send(client, where, token=token, **changes)
    assert answer.status_code == 302
    return ConsultRequest.objects.exclude(pk=confirmation.context["consult"].pk).get()


def test_that_is_wrong_leads_to_a_fresh_form_kept_by_nobody(
    client: Client, where: Location
) -> None:
    confirmation = confirmed(client, where, name="Canary", email="canary@example.com")
    row = ConsultRequest.objects.get()
    page = client.get(link(row, "received") + "again/")
    assert page.status_code == 200
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("no-store", "noindex")
    assert "anary" not in page.content.decode()
    filled = {e["name"]: e.get("value", "") for e in elements(page, "input") if "name" in e}
    assert (filled["name"], filled["phone"], filled["email"]) == ("", "", "")
    picked = [e["value"] for e in elements(page, "input") if "checked" in e]
    assert picked == [where.slug]
    assert confirmation.status_code == 200


def test_request_that_puts_another_right_is_offered_beside_it(
    client: Client, where: Location
) -> None:
    confirmation = confirmed(client, where, phone="(205) 555-0177")
    row = confirmation.context["consult"]
    again = ask_again(client, confirmation, phone="(205) 555-0178")
    assert again.follows == row
    client.force_login(build.member(where))
    path = "/admin/consults/consultrequest/{}/change/"

    def offered_on(page_of: ConsultRequest, other: ConsultRequest) -> str:
        items = elements(client.get(path.format(page_of.pk)), "li")
        return next(words(e.text) for e in items if e.text.strip().startswith(other.reference))

    assert "they wrote it because something here is wrong" in offered_on(row, again)
    assert "they wrote again because something there is wrong" in offered_on(again, row)


def test_request_that_puts_an_erased_one_right_stands_alone(
    client: Client, where: Location
) -> None:
    confirmation = confirmed(client, where)
    page = client.get(link(confirmation.context["consult"], "received") + "again/")
    token = next(e["value"] for e in elements(page, "input") if e.get("name") == "token")
    retention.erase(ConsultRequest.objects.get())
    send(client, where, token=token)
    assert ConsultRequest.objects.get(erased_at=None).follows is None


def test_fresh_form_closes_with_its_confirmation(
    client: Client, where: Location, clock: time_machine.Traveller
) -> None:
    row = consult(where, promised_by=timezone.now())
    path = link(row, "received") + "again/"
    assert client.get(path).status_code == 200
    assert client.post(path, headers=SAME_ORIGIN).status_code == 405
    clock.shift(dt.timedelta(days=30, seconds=1))
    assert client.get(path).status_code == 404


def test_confirmation_of_what_cannot_be_opened_is_no_error(client: Client, where: Location) -> None:
    row = consult(where)
    ConsultRequest.objects.filter(pk=row.pk).update(phone_sealed=b"broken")
    page = client.get(link(row, "received"))
    assert page.status_code == 200
    assert "We will call the contact you gave." in text_of(page)


# --- Withdrawal ---------------------------------------------------------------------------------


def test_withdrawal_page_changes_nothing_when_read(client: Client, where: Location) -> None:
    row = consult(where)
    page = client.get(link(row))
    assert words(elements(page, "h1")[0].text) == "Withdraw your request?"
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("no-store", "noindex")
    row.refresh_from_db()
    assert (row.state, row.withdrawn_at, row.events.count()) == (State.NEW, None, 0)


def test_withdrawal_ends_contact_and_offers_to_erase(client: Client, where: Location) -> None:
    row = consult(where)
    response = client.post(link(row), headers=SAME_ORIGIN)
    assert (response.status_code, response["Location"]) == (302, link(row))
    row.refresh_from_db()
    assert (row.state, row.outcome) == (State.CLOSED, Outcome.WITHDRAWN)
    page = client.get(link(row))
    assert words(elements(page, "h1")[0].text) == "Your request is withdrawn"
    assert "Erase what I wrote" in text_of(page)
    client.post(link(row), headers=SAME_ORIGIN)
    assert list(row.events.values_list("kind", flat=True)) == [EventKind.WITHDRAWN]


def test_withdrawn_request_is_erased_when_asked(client: Client, where: Location) -> None:
    row = consult(where)
    client.post(link(row), headers=SAME_ORIGIN)
    client.post(link(row), {"erase": "yes"}, headers=SAME_ORIGIN)
    row.refresh_from_db()
    assert (row.name, row.phone, row.email, row.search_keys.count()) == ("", "", "", 0)
    assert words(elements(client.get(link(row)), "h1")[0].text) == "What you wrote is erased"
    assert client.get(link(row, "received")).status_code == 404


def test_erasing_needs_a_withdrawal_first(client: Client, where: Location) -> None:
    row = consult(where)
    client.post(link(row), {"erase": "yes"}, headers=SAME_ORIGIN)
    row.refresh_from_db()
    assert (row.name, row.erased_at) == ("Jordan Miller", None)


def test_flagged_request_is_withdrawn_but_stays_on_the_desk(
    client: Client, where: Location
) -> None:
    row = consult(where, is_flagged=True)
    client.post(link(row), headers=SAME_ORIGIN)
    client.post(link(row), {"erase": "yes"}, headers=SAME_ORIGIN)
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    assert (row.state, row.is_flagged, row.erased_at) == (State.NEW, True, None)
    page = client.get(link(row))
    assert words(elements(page, "h1")[0].text) == "Your request is withdrawn"
    assert "Erase what I wrote" not in text_of(page)


def test_withdrawal_from_another_site_changes_nothing(client: Client, where: Location) -> None:
    row = consult(where)
    page = client.post(link(row), headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403
    assert "Nothing has changed yet" in text_of(page)
    assert "(205) 555-0142" in page.content.decode()
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_withdrawal_works_after_staff_closed(client: Client, where: Location) -> None:
    row = consult(where)
    staff = build.member(where)
    triage.decline(row, staff, "cost")
    client.post(link(row), headers=SAME_ORIGIN)
    row.refresh_from_db()
    assert row.withdrawn_at is not None


def test_withdrawal_link_does_not_show_the_confirmation(client: Client, where: Location) -> None:
    token = tokens.link(consult(where).pk, "received")
    assert client.get(f"/consult/withdraw/{token}/").status_code == 404
