"""Builds consult requests for tests. People are invented: 555-01xx phones, example.com mail."""

import datetime as dt
import itertools
import time
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.utils import timezone

from clinic.models import User
from consults import spam
from consults.models import ConsultRequest, Outcome, SearchKey, State
from consults.tokens import FormToken
from locations.models import Location

_numbers = itertools.count(1)
SEALED = {
    "name": "Jordan Miller",
    "phone": "+12055550134",
    "email": "jordan@example.com",
    "question": "",
}


def consult(where: Location, **values: Any) -> ConsultRequest:
    """A request at one clinic, with its search keys. Sealed texts are given in clear, by name."""
    sealed = {name: values.pop(name, text) for name, text in SEALED.items()}
    now = timezone.now()
    defaults = {
        "location": where,
        "submission_hash": f"hash-{next(_numbers)}",
        "for_whom": ConsultRequest.ForWhom.SELF,
        "channel": ConsultRequest.Channel.PHONE,
        "voicemail": ConsultRequest.Voicemail.UNNAMED,
        "promised_by": now + dt.timedelta(hours=8),
        "next_action_at": now + dt.timedelta(hours=4),
    }
    row = ConsultRequest(**(defaults | values))
    for name, text in sealed.items():
        setattr(row, name, text)
    row.save()
    SearchKey.objects.bulk_create(
        SearchKey(request=row, kind=kind, digest=digest)
        for kind in SearchKey.Kind.values
        for digest in SearchKey.digests(kind, sealed[kind])
    )
    return row


def consult_in(state: str, where: Location, **values: Any) -> ConsultRequest:
    """A request that stands in `state`, with what the database asks of it there."""
    now = timezone.now()
    extra: dict[str, Any] = {}
    if state == State.CLOSED:
        extra = {"closed_at": now, "outcome": Outcome.NOT_A_FIT, "next_action_at": None}
    if state == State.BOOKED:
        extra = {"visit_at": now - dt.timedelta(hours=1)}
    return consult(where, state=state, **(extra | values))


def held_by(user: User, where: Location, **values: Any) -> ConsultRequest:
    return consult(where, assignee=user, **values)


# --- What a visitor sends -----------------------------------------------------------------------

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def form_token(nonce: str = "", seconds_ago: int = 60, **values: Any) -> str:
    """A signed form token, as if the form had been open for a while."""
    nonce = nonce or f"nonce-{next(_numbers)}"
    return FormToken(nonce, int(time.time()) - seconds_ago, **values).signed()


def answers(where: Location | None, **changes: Any) -> dict[str, Any]:
    """A complete form that asks for a call; None leaves an answer out."""
    given = {
        "token": form_token(),
        "for_whom": "self",
        "name": "Jordan",
        "clinic": where.slug if where else "unsure",
        "channel": "phone",
        "phone": "(205) 555-0134",
        "voicemail": "unnamed",
        spam.TRAP_FIELD: "",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def send(client: Client, where: Location | None, **changes: Any) -> Any:
    return client.post("/consult/", answers(where, **changes), headers=SAME_ORIGIN)


class Element(dict[str, str]):
    """The attributes of one HTML element."""

    def __init__(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        super().__init__({name: value or "" for name, value in attributes})
        self.tag = tag
        self.text = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.stack: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, attrs))
        if tag not in {"input", "meta", "link", "br", "img", "hr"}:
            self.stack.append(self.found[-1])

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self.stack:
            element.text += data


def elements(response: Any, tag: str = "") -> list[Element]:
    """The elements of a page in order, each with its attributes and the text inside it."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return [element for element in reader.found if tag in {"", element.tag}]


def field(response: Any, name: str) -> list[Element]:
    return [element for element in elements(response) if element.get("name") == name]


def words(text: str) -> str:
    return " ".join(text.split())
