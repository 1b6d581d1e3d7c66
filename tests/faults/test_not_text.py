"""Bytes that are no text, sent as no browser would: a page with help, never a failure."""

import socket
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.site import Site
from tests.faults.visitor import Answer, Visitor, assert_help_is_there

SETTINGS = settings(max_examples=60)


def exchange(site: Site, request: bytes) -> Answer:
    """Sends raw bytes and reads the whole answer."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as reader:
            content = reader.read()
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body, 0)


def request(site: Site, line: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    return (
        line + b" HTTP/1.1\r\nHost: " + site.host.encode() + b"\r\nConnection: close\r\n"
        b"X-Forwarded-Proto: https\r\nSec-Fetch-Site: same-origin\r\n" + headers
        + (b"Content-Length: %d\r\n" % len(body) if body else b"") + b"\r\n" + body
    )  # fmt: skip


def is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def count(site: Site) -> int:
    return int(site.sql("SELECT count(*) FROM consults_consultrequest")[0][0])


URLENCODED = b"Content-Type: application/x-www-form-urlencoded\r\n"
MULTIPART = b"Content-Type: multipart/form-data; boundary=edge\r\n"


@SETTINGS
@given(raw=st.binary(min_size=1, max_size=40).filter(lambda raw: not is_text(raw)))
@pytest.mark.parametrize("part", ["value", "name", "bare"])
def test_form_that_is_no_text_gets_a_page_with_help(
    part: str, postgres_site: Site, raw: bytes
) -> None:
    escaped = quote_from_bytes(raw, safe="").encode()
    body = {
        "value": b"name=" + escaped + b"&for_whom=self",
        "name": escaped + b"=Sam",
        "bare": b"name=" + raw,
    }[part]
    before = count(postgres_site)
    page = exchange(postgres_site, request(postgres_site, b"POST /consult/", URLENCODED, body))
    assert page.status == 400
    assert_help_is_there(page, postgres_site)
    assert count(postgres_site) == before


@SETTINGS
@given(raw=st.binary(min_size=1, max_size=40).filter(lambda raw: not is_text(raw)))
def test_multipart_form_that_is_no_text_gets_a_page_with_help(
    postgres_site: Site, raw: bytes
) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + raw
    body += b"\r\n--edge--\r\n"
    page = exchange(postgres_site, request(postgres_site, b"POST /consult/", MULTIPART, body))
    assert page.status == 400
    assert_help_is_there(page, postgres_site)


@SETTINGS
@given(raw=st.binary(min_size=1, max_size=40).filter(lambda raw: not is_text(raw)))
@pytest.mark.parametrize("path", ["/consult/?from=", "/search/?q=", "/?"])
def test_query_that_is_no_text_gets_a_page_with_help(
    path: str, postgres_site: Site, raw: bytes
) -> None:
    line = b"GET " + path.encode() + quote_from_bytes(raw, safe="").encode()
    page = exchange(postgres_site, request(postgres_site, line))
    assert page.status == 400
    assert_help_is_there(page, postgres_site)


@SETTINGS
@given(raw=st.binary(max_size=300))
def test_no_body_of_any_kind_fails(postgres_site: Site, raw: bytes) -> None:
    """Whatever it is: an answer below 500, and nothing stored."""
    before = count(postgres_site)
    for kind in (URLENCODED, MULTIPART, b"Content-Type: text/plain\r\n", b""):
        sent = request(postgres_site, b"POST /consult/", kind, raw or b"&")
        assert exchange(postgres_site, sent).status in {400, 422}
    assert count(postgres_site) == before


@SETTINGS
@given(raw=st.binary(min_size=1, max_size=60))
def test_no_address_of_any_kind_fails(postgres_site: Site, raw: bytes) -> None:
    for start in (b"/", b"/consult/received/", b"/consult/withdraw/", b"/articles/"):
        line = b"GET " + start + quote_from_bytes(raw, safe="").encode()
        page = exchange(postgres_site, request(postgres_site, line))
        assert page.status < 500
        if page.status in {400, 404}:
            assert_help_is_there(page, postgres_site)


def test_character_that_stands_for_a_lost_one_may_be_typed(postgres_site: Site) -> None:
    """U+FFFD is text when a person pastes it."""
    ask = Visitor(postgres_site).ask(question="Caf\ufffd near you?")
    assert ask.answers[0].is_success
