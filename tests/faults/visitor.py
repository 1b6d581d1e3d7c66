"""Someone at the form, over real connections, who keeps count of what was answered."""

import http.client
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from consults import spam
from tests.consults.build import elements, words
from tests.faults.site import CLINIC, Site

ANSWERS_WITHIN_SECONDS = 8
_numbers = itertools.count(1)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes
    seconds: float

    @property
    def is_success(self) -> bool:
        return self.status == 302 and "/consult/received/" in self.headers.get("Location", "")

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass
class Ask:
    """One request for a consult, marked so that it can be found, and how it was answered."""

    fields: dict[str, str]
    answers: list[Answer] = field(default_factory=list)

    @property
    def marker(self) -> str:
        return self.fields["name"]


class Visitor:
    def __init__(self, site: Site, address: str = "127.0.0.1") -> None:
        self.site, self.address = site, address

    def fetch(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.site.port, timeout=30, source_address=(self.address, 0)
        )
        sent = {"Host": self.site.host, "X-Forwarded-Proto": "https"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        started = time.monotonic()
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        seconds = time.monotonic() - started
        return Answer(response.status, dict(response.getheaders()), content, seconds)

    def get(self, path: str) -> Answer:
        return self.fetch("GET", path)

    def post(self, fields: dict[str, str], path: str = "/consult/") -> Answer:
        return self.fetch(
            "POST",
            path,
            urlencode(fields).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Sec_Fetch_Site="same-origin",
        )

    def open_form(self, **changes: str) -> Ask:
        """Opens the form and fills it in, without sending it."""
        page = self.get("/consult/")
        assert page.status == 200, page.status
        number = next(_numbers)
        fields = {
            "token": token_on(page),
            "for_whom": "self",
            "name": f"Marked{number}x",
            "clinic": CLINIC,
            "channel": "phone",
            "phone": "(205) 555-0134",
            "email": f"marked{number}@example.com",
            "voicemail": "unnamed",
            "question": f"Question of marked{number}: may my sister sit in?",
        }
        return Ask(fields | changes)

    def send(self, ask: Ask) -> Answer:
        answer = self.post(ask.fields)
        ask.answers.append(answer)
        if answer.status == 503:
            # What the page holds now is what its button sends.
            ask.fields = ask.fields | {"token": token_on(answer)}
        return answer

    def ask(self, **changes: str) -> Ask:
        ask = self.open_form(**changes)
        self.send(ask)
        return ask

    def send_until_taken(self, ask: Ask, seconds: float = 60) -> None:
        """Presses Send again after each failure, as the page advises."""
        deadline = time.monotonic() + seconds
        while not self.send(ask).is_success:
            assert time.monotonic() < deadline, "it was never taken"
            time.sleep(0.3)


def token_on(page: Answer) -> str:
    inputs = elements(page, "input")
    return next(e["value"] for e in inputs if e.get("name") == "token")


def shown(page: Answer) -> dict[str, str]:
    """What stands in the fields of a page: texts, and the picked answers."""
    inputs = [e for e in elements(page, "input") if "name" in e]
    found = {e["name"]: e.get("value", "") for e in inputs if e["type"] != "radio"}
    found |= {e["name"]: e["value"] for e in inputs if "checked" in e}
    return found | {e["name"]: words(e.text) for e in elements(page, "textarea")}


def assert_help_is_there(page: Answer, site: Site) -> None:
    """The phone of every clinic that has one, and 988, to be tapped."""
    links = {e["href"] for e in elements(page, "a")}
    assert {link for link in links if link.startswith("tel:+1")} == site.phone_links
    assert "tel:988" in links


def assert_kept(ask: Ask, page: Answer, site: Site) -> None:
    """In time, with help, a time to come back, and everything typed ready to send again."""
    assert page.status == 503
    assert page.seconds < ANSWERS_WITHIN_SECONDS
    assert int(page.headers["Retry-After"]) > 0
    assert_help_is_there(page, site)
    now = shown(page)
    typed = {name: value for name, value in ask.fields.items() if name != "token"}
    assert {name: now[name] for name in typed} == typed
    assert now[spam.TRAP_FIELD] == ""


@dataclass
class Tally:
    """What one fault did, for docs/measurements.md."""

    posts: int = 0
    rows: int = 0
    duplicates: int = 0
    failures: int = 0
    kept: int = 0
    slowest: float = 0

    def __str__(self) -> str:
        return (
            f"posts {self.posts}, rows {self.rows}, duplicates {self.duplicates}, "
            f"failures {self.failures}, with phones and text kept {self.kept}, "
            f"slowest answer {self.slowest:.1f} s"
        )


def tally(site: Site, asks: Sequence[Ask]) -> Tally:
    """Compares every answer with the database: each success has one row, no row stands twice."""
    result = Tally()
    for ask in asks:
        rows = len(site.rows_of(ask.marker))
        result.rows += min(rows, 1)
        result.duplicates += max(rows - 1, 0)
        if any(answer.is_success for answer in ask.answers):
            assert rows == 1, f"{rows} rows behind a success page"
        for answer in ask.answers:
            result.posts += 1
            result.slowest = max(result.slowest, answer.seconds)
            if not answer.is_success:
                result.failures += 1
                assert_kept(ask, answer, site)
                result.kept += 1
    assert result.duplicates == 0
    return result
