"""Every page that a sweep over the whole site stops at, in every state that looks different.

A stop opens one page in a browser. The addresses come from the URLconf (tests/addresses.py) and
the site map, so that a new page cannot escape; states that only a press can reach are listed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from playwright.sync_api import Page, Route

from tests.addresses import addresses, public_pages, site_map_addresses
from tests.errors import ERROR_VIEWS, ErrorView, error_response

PHONE, DESK = 320, 1440
Look = tuple[int, Literal["light", "dark"]]  # the window's width and the colour scheme
EVERY_LOOK: tuple[Look, ...] = ((PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark"))
TWO_LOOKS: tuple[Look, ...] = ((PHONE, "dark"), (DESK, "light"))
PHONE_LOOKS: tuple[Look, ...] = ((PHONE, "light"), (PHONE, "dark"))


@dataclass(frozen=True)
class Stop:
    """`open` is given a page and the server's address; `looks` is how the page is looked at."""

    name: str
    open: Callable[[Page, str], object]
    looks: tuple[Look, ...] = EVERY_LOOK


def visit(address: str, page: Page, server: str) -> None:
    response = page.goto(server + address)
    assert response
    assert response.status == 200, address


def public_stops() -> Iterator[Stop]:
    for address in sorted(public_pages()):
        yield Stop(address, partial(visit, address))
    # The site map names every article, service and clinic: the same views with other words.
    for address in sorted(site_map_addresses() - public_pages()):
        yield Stop(address, partial(visit, address), TWO_LOOKS)
    yield from searches()
    yield from form_states()
    for name, view in ERROR_VIEWS.items():
        yield Stop(name, partial(show_error, view), TWO_LOOKS)
    yield Stop("menu open on a phone", open_menu, PHONE_LOOKS)


def searches() -> Iterator[Stop]:
    for words in ("depression", "zzzz", "i want to die", "spravatto"):
        yield Stop(f"search for {words}", partial(visit, f"/search/?q={words}"))


# --- The form -----------------------------------------------------------------------------------


def form_states() -> Iterator[Stop]:
    yield Stop("form with errors", send_empty_form)
    yield Stop("form with a wrong phone", send_wrong_phone)
    yield Stop("form for someone under 18", send_for_a_minor)
    yield Stop("confirmation", send_request)
    yield Stop("withdrawn", withdraw)


def send_empty_form(page: Page, server: str) -> None:
    page.goto(f"{server}/consult/")
    page.get_by_role("button", name="Send my request").click()
    page.get_by_role("alert").wait_for()


def send_wrong_phone(page: Page, server: str) -> None:
    page.goto(f"{server}/consult/?clinic=opelika")
    page.get_by_label("Phone call").check()
    page.get_by_label("Phone number").fill("555")
    page.get_by_role("button", name="Send my request").click()
    page.get_by_role("alert").wait_for()


def send_for_a_minor(page: Page, server: str) -> None:
    page.goto(f"{server}/consult/")
    page.get_by_label("Someone under 18").check()
    page.get_by_role("button", name="Send my request").click()
    page.get_by_role("heading", name="Next steps for someone under 18").wait_for()


def send_request(page: Page, server: str) -> None:
    page.goto(f"{server}/consult/?clinic=opelika")
    page.get_by_label("Me, and I am 18 or over").check()
    page.get_by_label("What should we call you?").fill("Sam")
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill("sam@example.com")
    page.get_by_role("button", name="Send my request").click()
    page.get_by_role("heading", name="We have your request").wait_for()


def withdraw(page: Page, server: str) -> None:
    visit(addresses()["consults:withdraw"], page, server)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_load_state()


# --- Errors, and what opens ---------------------------------------------------------------------


def show_error(view: ErrorView, page: Page, server: str) -> None:
    """Shows the page as the answer to an address of the server, styles and all."""

    def answer(route: Route) -> None:
        response = error_response(view)
        route.fulfill(status=200, headers=dict(response.headers), body=response.content.decode())

    address = f"{server}/error/"
    page.route(address, answer)
    page.goto(address)
    page.unroute(address)


def open_menu(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Close").wait_for()
