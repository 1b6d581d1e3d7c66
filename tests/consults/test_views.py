"""The form as a page: nothing lost, nothing doubled, no cookie, nothing told to anyone else."""

import datetime as dt
import logging
import threading
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.db import OperationalError, connection, connections
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from articles.models import Article
from clinic import frame, http
from clinic.logs import AllowListFormatter
from consults import intake, spam
from consults.forms import ConsultForm
from consults.models import ConsultRequest, Event, EventKind, Outbox, SearchKey, State
from consults.tokens import FormToken
from locations.models import Location
from tests import build
from tests.articles import build as articles
from tests.consults.build import (
    SAME_ORIGIN,
    answers,
    elements,
    field,
    form_token,
    send,
    words,
)

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Jordan Canary",
    "phone": "(205) 555-0177",
    "email": "canary@example.com",
    "question": "Canary: may my sister sit in?",
}


@pytest.fixture
def where() -> Location:
    return build.location(name="Elsewhere", phone="+12055550142")


def values(page: Any) -> dict[str, str]:
    """What stands in the fields of a page: texts, and the picked answers."""
    found = {e["name"]: e.get("value", "") for e in elements(page, "input") if e["type"] != "radio"}
    found |= {e["name"]: e["value"] for e in elements(page, "input") if "checked" in e}
    return found | {e["name"]: words(e.text) for e in elements(page, "textarea")}


def assert_everything_typed_is_there(page: Any, where: Location) -> None:
    shown = values(page)
    assert {name: shown[name] for name in TYPED} == TYPED
    assert (shown["for_whom"], shown["clinic"], shown["channel"], shown["voicemail"]) == (
        "self", where.slug, "phone", "unnamed",
    )  # fmt: skip
    assert shown[spam.TRAP_FIELD] == ""
    assert FormToken.read(shown["token"]) is not None


# --- The empty form, and one with errors --------------------------------------------------------


def test_form_page_is_kept_by_nobody_and_sets_no_cookie(client: Client, where: Location) -> None:
    page = client.get("/consult/")
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert not page.cookies
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert words(elements(page, "title")[0].text) == "Request a consult"
    assert "X-Robots-Tag" not in page


def test_form_page_leaves_out_search_and_the_phone_bar(client: Client, where: Location) -> None:
    page = client.get("/consult/")
    assert not [e for e in elements(page, "input") if e.get("type") == "search"]
    assert not [e for e in elements(page, "nav") if e.get("class") == "phone-bar"]
    text = words(page.content.decode())
    assert "About 2 minutes. No medical details needed." in text
    assert "Already our patient, or unwell after a treatment? Do not use this form." in text
    assert "This form is not watched around the clock." in text
    assert len([e for e in elements(page, "section") if e.get("class") == "crisis large"]) == 1


def test_form_is_new_each_time_it_is_shown(client: Client, where: Location) -> None:
    tokens = {field(client.get("/consult/"), "token")[0]["value"] for _time in range(3)}
    assert len(tokens) == 3


def test_form_costs_the_same_queries_with_one_clinic_and_three(
    client: Client, django_assert_num_queries: Any
) -> None:
    build.location()
    with django_assert_num_queries(2):
        client.get("/consult/")
    build.location()
    build.location()
    with django_assert_num_queries(2):
        client.get("/consult/")


def test_empty_post_says_what_to_do_field_by_field(client: Client, where: Location) -> None:
    page = client.post("/consult/", {}, headers=SAME_ORIGIN)
    assert page.status_code == 422
    assert not ConsultRequest.objects.exists()
    assert words(elements(page, "title")[0].text) == "Error: Request a consult"
    alerts = [e for e in elements(page) if e.get("role") == "alert"]
    assert [words(e.text).startswith("There is a problem") for e in alerts] == [True]
    links = [e for e in elements(page, "a") if e["href"].startswith("#id_")]
    assert [(e["href"], e.text) for e in links] == [
        ("#id_for_whom_0", "Choose who this is for"),
        ("#id_name", "Tell us what to call you, for example Sam"),
        ("#id_clinic_0", "Choose a clinic, or “Not sure, help me choose”"),
        ("#id_channel_0", "Choose how we should reach you first"),
    ]
    messages = [words(e.text) for e in elements(page) if e.get("class") == "error-message"]
    assert messages == [f"Error: {e.text}" for e in links]


def test_error_page_points_only_at_ids_that_exist(client: Client, where: Location) -> None:
    page = client.post("/consult/", {"channel": "phone", "phone": "555"}, headers=SAME_ORIGIN)
    ids = [e["id"] for e in elements(page) if "id" in e]
    assert len(ids) == len(set(ids))
    described = {id for e in elements(page) for id in e.get("aria-describedby", "").split()}
    targets = {e["href"][1:] for e in elements(page, "a") if e.get("href", "").startswith("#")}
    assert {"id_phone_error", "id_phone_helptext", "id_name_error"} <= described
    assert described | targets <= set(ids)
    invalid = {e["name"] for e in elements(page) if e.get("aria-invalid") == "true"}
    assert invalid == {"for_whom", "name", "clinic", "phone", "voicemail"}


def test_errors_keep_everything_typed_and_empty_the_trap(client: Client, where: Location) -> None:
    page = send(client, where, **TYPED, for_whom=None, **{spam.TRAP_FIELD: "blue"})
    assert page.status_code == 422
    shown = values(page)
    assert {name: shown[name] for name in TYPED} == TYPED
    assert shown[spam.TRAP_FIELD] == ""


def test_form_shown_again_keeps_the_first_moment_and_says_so(
    client: Client, where: Location
) -> None:
    page = send(client, where, name="", token=form_token("first", seconds_ago=90))
    token = FormToken.read(values(page)["token"])
    assert token is not None
    assert (token.nonce, token.was_shown_again, round(token.age / 10)) == ("first", True, 9)


# --- Stored once, whole -------------------------------------------------------------------------


def test_request_is_stored_sealed_with_its_event_and_mails(client: Client, where: Location) -> None:
    response = send(client, where, **TYPED, good_times=["midday"])
    assert response.status_code == 302
    row = ConsultRequest.objects.get()
    assert {name: getattr(row, name) for name in TYPED} == TYPED | {"phone": "+12055550177"}
    assert (row.location, row.location_was_chosen, row.state) == (where, True, State.NEW)
    assert (row.channel, row.voicemail, row.may_text) == ("phone", "unnamed", False)
    assert row.good_times == ["midday"]
    assert (row.consent_version, len(row.consent_hash)) == ("1", 64)
    assert [event.kind for event in row.events.all()] == [EventKind.RECEIVED]
    assert sorted(row.outbox.values_list("kind", flat=True)) == ["confirmation", "staff_notice"]
    assert row.next_action_at is not None
    assert row.promised_by > row.next_action_at > row.received_at
    wanted = SearchKey.digests("name", "canary") + SearchKey.digests("phone", "+12055550177")
    assert set(wanted) <= set(row.search_keys.values_list("digest", flat=True))
    assert str(row.pk) not in response["Location"]
    assert not response.cookies


def test_request_without_email_owes_no_confirmation(client: Client, where: Location) -> None:
    send(client, where)
    assert list(Outbox.objects.values_list("kind", flat=True)) == [Outbox.Kind.STAFF_NOTICE]


def test_request_is_in_clear_nowhere_in_the_database(client: Client, where: Location) -> None:
    send(client, where, **TYPED)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 -- our own tables
            content = b" ".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for row in cursor.fetchall()
                for value in row
            )
            assert b"anary" not in content, table
            assert b"5550177" not in content, table


def test_failure_half_way_stores_nothing_and_keeps_the_text(
    client: Client, where: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame.remember_phones()

    def fail(consult: ConsultRequest) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(intake, "_owe_mails", fail)
    page = send(client, where, **TYPED)
    assert (page.status_code, page["Retry-After"]) == (503, "120")
    assert not ConsultRequest.objects.exists()
    assert not Event.objects.exists()
    assert_everything_typed_is_there(page, where)


def test_same_form_sent_twice_is_one_request(client: Client, where: Location) -> None:
    form = answers(where, **TYPED)
    first, second = (client.post("/consult/", form, headers=SAME_ORIGIN) for _time in range(2))
    assert first["Location"] == second["Location"]
    assert (ConsultRequest.objects.count(), Outbox.objects.count()) == (1, 2)


def test_same_form_with_other_content_is_two_requests(client: Client, where: Location) -> None:
    token = form_token()
    send(client, where, token=token)
    send(client, where, token=token, name="Jordan and Sam")
    assert ConsultRequest.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_same_form_from_eight_threads_is_one_request() -> None:
    where = build.location()
    form, places, start = answers(where, **TYPED), [], threading.Barrier(8)

    def post() -> None:
        start.wait()
        places.append(Client().post("/consult/", form, headers=SAME_ORIGIN).get("Location"))
        connections.close_all()

    threads = [threading.Thread(target=post) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places) == 8
    assert len(set(places)) == 1
    assert places[0]
    assert (ConsultRequest.objects.count(), Outbox.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    "token",
    [
        "",
        None,
        "nonsense",
        signing.dumps(["nonce", 1, False], salt="another.form"),
    ],
)
def test_missing_or_foreign_token_gives_the_filled_form_and_one_click_to_send(
    client: Client, where: Location, token: str | None
) -> None:
    page = send(client, where, **TYPED, token=token)
    assert page.status_code == 422
    assert "Please press Send once more" in page.content.decode()
    assert not ConsultRequest.objects.exists()
    assert_everything_typed_is_there(page, where)
    assert client.post("/consult/", values(page), headers=SAME_ORIGIN).status_code == 302


def test_old_token_gives_the_filled_form(client: Client, where: Location) -> None:
    token = form_token()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        page = send(client, where, **TYPED, token=token)
    assert page.status_code == 422
    assert_everything_typed_is_there(page, where)


# --- Where it came from -------------------------------------------------------------------------


def test_clinic_in_the_address_is_picked(client: Client, where: Location) -> None:
    def picked(address: str) -> list[str]:
        return [e["value"] for e in field(client.get(address), "clinic") if "checked" in e]

    assert picked(f"/consult/?clinic={where.slug}") == [where.slug]
    assert picked("/consult/?clinic=nowhere") == []
    assert picked("/consult/") == []


def test_article_is_carried_through_errors_and_stored(client: Client, where: Location) -> None:
    article = articles.published()
    page = client.get(f"/consult/?from={article.slug}")
    carried = field(page, "from")[0]["value"]
    assert carried == article.slug
    page = send(client, where, name="", **{"from": carried})
    assert values(page)["from"] == article.slug
    send(client, where, **{"from": values(page)["from"]})
    assert ConsultRequest.objects.get().source == article


def test_unknown_draft_or_strange_source_is_ignored(client: Client, where: Location) -> None:
    draft = articles.draft()
    for source in (draft.slug, "nothing", "a\x00b", "../admin", "x" * 5000):
        assert send(client, where, **{"from": source}).status_code == 302
    assert Article.objects.count() == 1
    assert set(ConsultRequest.objects.values_list("source", flat=True)) == {None}


# --- From another site, while the database is away, for someone under 18 ------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://x.example"},
    ],
)
def test_cross_site_post_gets_403_with_the_form_filled(
    client: Client, where: Location, headers: dict[str, str]
) -> None:
    page = client.post("/consult/", answers(where, **TYPED), headers=headers)
    assert page.status_code == 403
    assert not ConsultRequest.objects.exists()
    assert_everything_typed_is_there(page, where)
    assert "(205) 555-0142" in page.content.decode()
    assert client.post("/consult/", values(page), headers=SAME_ORIGIN).status_code == 302


@pytest.mark.parametrize("headers", [SAME_ORIGIN, {"Origin": "http://testserver"}, {}])
def test_same_origin_or_silent_post_passes(
    client: Client, where: Location, headers: dict[str, str]
) -> None:
    assert client.post("/consult/", answers(where), headers=headers).status_code == 302


def test_database_away_gives_503_with_everything_typed(
    client: Client, where: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame.remember_phones()

    def away(*args: object) -> None:
        raise OperationalError("server closed the connection")

    form = answers(where, **TYPED)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        page = client.post("/consult/", form, headers=SAME_ORIGIN)
    assert (page.status_code, page["Retry-After"]) == (503, "120")
    assert_everything_typed_is_there(page, where)
    assert "(205) 555-0142" in page.content.decode()
    assert "tel:988" in page.content.decode()
    assert client.post("/consult/", values(page), headers=SAME_ORIGIN).status_code == 302


def test_someone_under_18_gets_next_steps_and_nothing_is_stored(
    client: Client, where: Location
) -> None:
    page = send(client, where, **TYPED, for_whom="minor")
    assert page.status_code == 200
    assert words(elements(page, "h1")[0].text) == "Next steps for someone under 18"
    assert (ConsultRequest.objects.count(), Event.objects.count()) == (0, 0)
    assert "anary" not in page.content.decode()
    headings = [words(e.text) for e in elements(page) if e.tag in {"h1", "h2"}]
    assert headings[0] == "Next steps for someone under 18"


def test_someone_under_18_in_crisis_sees_help_first(client: Client, where: Location) -> None:
    page = send(client, where, for_whom="minor", question="My son says he wants to die")
    headings = [words(e.text) for e in elements(page) if e.tag in {"h1", "h2"}]
    assert headings[0] == "Thinking about suicide, or worried about someone?"


# --- Told to nobody -----------------------------------------------------------------------------


def test_canary_is_in_no_log_header_or_address(
    client: Client, where: Location, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    responses = [send(client, where, **TYPED), send(client, where, **TYPED, for_whom="")]
    responses.append(client.get(responses[0]["Location"]))
    monkeypatch.setattr(
        ConsultForm, "is_valid", lambda self: (_ for _ in ()).throw(OperationalError("Canary"))
    )
    responses.append(send(client, where, **TYPED))
    assert [response.status_code for response in responses] == [302, 422, 200, 503]
    headers = " ".join(f"{name}: {value}" for r in responses for name, value in r.items())
    logged = " ".join(AllowListFormatter().format(record) for record in caplog.records)
    assert '"status": 503' in logged
    for told in (headers, logged):
        assert "anary" not in told
        assert "0177" not in told
    token = responses[0]["Location"].split("/")[-2]
    assert token not in logged


def test_views_that_take_cookie_free_posts_are_these() -> None:
    get_resolver().url_patterns  # noqa: B018 -- imports every view
    ours = {name for name in http.COOKIE_FREE_POST_VIEWS if not name.startswith("tests.")}
    assert ours == {
        "articles.draft_pages.draft",
        "consults.views.request_consult",
        "consults.views.withdraw",
    }


def test_form_refuses_other_methods(client: Client, where: Location) -> None:
    assert client.put("/consult/").status_code == 405
    assert client.head("/consult/").status_code == 200
