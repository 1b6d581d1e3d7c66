"""Marked words in every field, then every place where they could come to rest is read."""

import base64
import http.cookiejar
import json
import pickle
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from consults.models import ConsultRequest, Event, Outbox, Tally
from tests import build
from tests.consults.build import consult, elements
from tests.faults.cluster import Cluster
from tests.faults.postbox import Postbox
from tests.faults.site import CLINIC, Site
from tests.faults.visitor import Answer, Ask, Visitor

TYPED = {
    "name": "Quetzalina",
    "phone": "(205) 555-0187",
    "email": "zephyrkite@example.com",
    "question": "Marmaladefjord: may my sister sit in?",
}
NOTE = "Wombatlantern asked for a call after work."
CANARIES = ["quetzalina", "zephyrkite", "marmaladefjord", "wombatlantern"]
DIGITS = ["2055550187", "555-0187", "555 0187"]


def forms_of(word: str) -> set[bytes]:
    """The word as it might be kept without being sealed, in lower case."""
    found = {word.encode()}
    for typed in (word.encode(), word.capitalize().encode()):
        found |= {typed.decode().encode("utf-16-le").lower(), typed.hex().encode()}
        found |= {within_base64(typed, shift) for shift in range(3)}
    return found


def within_base64(raw: bytes, shift: int) -> bytes:
    """What a longer base64 text shows of the word: a letter there stands for six bits."""
    first, last = -(-8 * shift // 6), 8 * (shift + len(raw)) // 6
    return base64.b64encode(b"x" * shift + raw)[first:last].lower()


def assert_clean(place: str, content: bytes) -> None:
    """No canary in clear. The message names the place and the canary, for both are invented."""
    folded = content.lower()
    for word in [*CANARIES, *DIGITS]:
        found = [form for form in forms_of(word) if form in folded]
        assert found == [], f"{word} in {place}"


def test_reading_finds_what_it_should() -> None:
    for raw in (
        b"x Quetzalina y",
        base64.b64encode(b"name=Quetzalina&"),
        b"quetzalina".hex().encode(),
        "quetzalina".encode("utf-16-le"),
        b"call (205) 555-0187",
    ):
        with pytest.raises(AssertionError):
            assert_clean("here", raw)


def outside(answer: Answer) -> bytes:
    """What others may see or keep of an answer: its address and headers."""
    return json.dumps(answer.headers).encode()


# --- The public form on PostgreSQL --------------------------------------------------------------


@pytest.fixture
def marked(postgres_site: Site, postbox: Postbox) -> Iterator[Ask]:
    """A request that was taken, after errors of every kind, and its mails."""
    postgres_site.sql("DELETE FROM consults_outbox")
    visitor = Visitor(postgres_site)
    ask = visitor.open_form(**TYPED)
    visitor.post(ask.fields | {"phone": "555-0187"})  # refused
    visitor.post(ask.fields | {"for_whom": "minor"})
    visitor.post(ask.fields | {"token": "old"})
    assert visitor.send(ask).is_success
    postgres_site.start_worker()
    postbox.wait_for(2)
    yield ask
    postgres_site.kill_worker()


def failing_insert(site: Site, ask: Ask) -> Answer:
    """The database refuses the row, and knows why."""
    table = "ALTER TABLE consults_consultrequest"
    site.sql(f"{table} ADD CONSTRAINT no_more CHECK (length(reference) < 3) NOT VALID")
    try:
        return Visitor(site).post(ask.fields | {"question": f"{TYPED['question']} Again."})
    finally:
        site.sql(f"{table} DROP CONSTRAINT no_more")


def failing_view(site: Site, ask: Ask) -> Answer:
    """Our own code fails with everything typed in its hands: a zone that no longer exists."""
    checks = site.sql(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = 'locations_location'::regclass AND contype = 'c' "
        "AND pg_get_constraintdef(oid) LIKE '%time_zone%'"
    )
    for name, _definition in checks:
        site.sql(f'ALTER TABLE locations_location DROP CONSTRAINT "{name}"')
    set_zone = "UPDATE locations_location SET time_zone = %s WHERE slug = %s"
    site.sql(set_zone, "America/Nowhere", CLINIC)
    try:
        return Visitor(site).post(ask.fields | {"question": f"{TYPED['question']} And again."})
    finally:
        site.sql(set_zone, "America/Chicago", CLINIC)
        for name, definition in checks:
            site.sql(f'ALTER TABLE locations_location ADD CONSTRAINT "{name}" {definition}')


def test_nothing_typed_rests_anywhere_in_clear(
    marked: Ask, cluster: Cluster, postgres_site: Site, postbox: Postbox
) -> None:
    refused = failing_insert(postgres_site, marked)
    failed = failing_view(postgres_site, marked)
    assert (refused.status, failed.status) == (503, 500)
    assert TYPED["name"] in refused.text  # theirs to send again
    assert_clean("the error page", failed.content)
    for answer in [*marked.answers, refused, failed]:
        assert_clean("headers", outside(answer))
    confirmation = Visitor(postgres_site).get(marked.answers[0].headers["Location"])
    assert confirmation.status == 200
    assert_clean("the confirmation", confirmation.content)
    assert "number ending in 87" in confirmation.text
    for mail in postbox.accepted:
        message = mail.message
        del message["To"]  # the one place where an address must stand
        assert_clean("a mail", message.as_bytes())
    log = postgres_site.log.read_bytes()
    assert b'"path": "/consult/"' in log
    assert b"ZoneInfoNotFoundError" in log
    assert_clean("the log of the site", log)
    database_log = cluster.log.read_bytes()
    assert b"no_more" in database_log  # the failing INSERT is on file, without its values
    assert_clean("the log of PostgreSQL", database_log)
    dump = cluster.dump("clinic")
    assert b"COPY public.consults_consultrequest" in dump
    assert_clean("a dump of the database", dump)


# --- Staff on SQLite ----------------------------------------------------------------------------

ACCOUNT = """
from clinic.models import User
from clinic.staff import sync_groups
from django.contrib.auth.models import Group
from locations.models import Location, Membership
sync_groups()
staff = User.objects.create_user("canary", password="a-long-test-password", is_staff=True)
staff.groups.set(Group.objects.filter(name="Intake lead"))
for location in Location.objects.all():
    Membership.objects.create(user=staff, location=location, role="lead")
"""


class Browser:
    """A signed-in member of staff, with cookies."""

    def __init__(self, site: Site) -> None:
        self.base = f"http://127.0.0.1:{site.port}"
        self.cookies = http.cookiejar.CookieJar()
        processor = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(processor)
        self.seen: list[str] = []  # every address, with those it led to

    def get(self, path: str) -> Answer:
        return self._open(urllib.request.Request(self.base + path))

    def post(self, path: str, **fields: str) -> Answer:
        token = next(c.value for c in self.cookies if c.name == "csrf") or ""
        data = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
        headers = {"Sec-Fetch-Site": "same-origin", "Referer": self.base + path}
        return self._open(urllib.request.Request(self.base + path, data, headers))

    def _open(self, request: urllib.request.Request) -> Answer:
        with self.opener.open(request) as response:
            self.seen.append(response.url)
            return Answer(response.status, dict(response.headers), response.read(), 0)


def test_what_staff_type_and_search_rests_nowhere_in_clear(sqlite_site: Site) -> None:
    ask = Visitor(sqlite_site).ask(**TYPED)
    assert ask.answers[0].is_success
    (key,) = sqlite_site.rows_of("quetzalina")
    sqlite_site.manage("shell", "--no-imports", "-c", ACCOUNT)
    staff = Browser(sqlite_site)
    staff.get("/accounts/login/")
    staff.post("/accounts/login/", login="canary", password="a-long-test-password")
    path = f"/admin/consults/consultrequest/{key}/change/"
    assert TYPED["name"] in staff.get(path).text
    assert NOTE in staff.post(path, verb="add_note", body=NOTE).text
    assert TYPED["name"] in staff.get(f"{path}?question=1").text
    found = staff.post("/admin/consults/consultrequest/find/", words=TYPED["name"])
    (reference,) = sqlite_site.sql(
        "SELECT reference FROM consults_consultrequest WHERE id = %s", key
    )[0]
    assert reference in found.text
    assert_clean("an address", "\n".join(staff.seen).encode())
    assert_clean("the log of the site", sqlite_site.log.read_bytes())
    files = sorted(sqlite_site.var.glob("db.sqlite3*"))
    assert "db.sqlite3-wal" in {file.name for file in files}
    for file in files:
        assert_clean(file.name, file.read_bytes())
    others = [file for file in sqlite_site.var.rglob("*") if file.is_file()]
    for file in others:
        assert_clean(str(file.name), file.read_bytes())


# --- In this process: what a server keeps in memory ---------------------------------------------


@pytest.mark.django_db
def test_cache_sessions_messages_events_and_outbox_hold_codes_only(client: Client) -> None:
    where = build.location()
    row = consult(where, **{name: TYPED[name] for name in ("name", "email", "question")},
                  phone="+12055550187")  # fmt: skip
    send_form(client, where.slug)
    client.force_login(build.member(where))
    path = f"/admin/consults/consultrequest/{row.pk}/change/"
    client.post(path, {"verb": "add_note", "body": NOTE})
    client.post("/admin/consults/consultrequest/find/", {"words": TYPED["name"]})
    assert ConsultRequest.objects.count() == 2
    kept: dict[str, Any] = {
        "the tallies": list(Tally.objects.values()),
        "sessions": [session.get_decoded() for session in Session.objects.all()],
        "events": list(Event.objects.values_list("kind", "detail")),
        "the outbox": list(Outbox.objects.values()),
        "cookies": {name: morsel.value for name, morsel in client.cookies.items()},
    }
    for place, content in kept.items():
        assert content, f"nothing to read in {place}"
        assert_clean(place, pickle.dumps(content))
    assert_clean("the cache", pickle.dumps(cache._cache))  # type: ignore[attr-defined]


def send_form(client: Client, clinic: str) -> None:
    page = client.get("/consult/")
    token = next(e["value"] for e in elements(page, "input") if e.get("name") == "token")
    fields = {"token": token, "for_whom": "self", "clinic": clinic, "channel": "phone"}
    answer = client.post(
        "/consult/", fields | TYPED | {"voicemail": "no"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 302
