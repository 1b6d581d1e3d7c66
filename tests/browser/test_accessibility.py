"""No page gives axe anything to object to, by day or by night, and none scrolls sideways."""

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.axe import sweep
from tests.browser.staff_stops import newcomer_stops, sign_in_stops, staff_stops
from tests.browser.stops import PHONE_LOOKS, Stop, public_stops
from tests.staff_addresses import administrator, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("whole_site")
def test_public_page_has_no_violation(browser: Browser, live_server: LiveServer) -> None:
    assert sweep(browser, live_server.url, public_stops()) == []


@pytest.mark.usefixtures("whole_site")
def test_staff_page_has_no_violation(browser: Browser, live_server: LiveServer) -> None:
    server, client = live_server.url, administrator()
    found = sweep(browser, server, staff_stops(client), client)
    found += sweep(browser, server, newcomer_stops(), signed_in("staff-vestavia"))
    found += sweep(browser, server, sign_in_stops())
    assert found == []


def test_sweep_tells_of_a_page_that_is_wrong(browser: Browser) -> None:
    def open_grey_text(page: Page, _server: str) -> None:
        page.set_content("<html lang=en><title>T</title><main><h1 style='color:#aaa'>Grey</h1>")

    stop = Stop("grey", open_grey_text, PHONE_LOOKS[:1])
    assert sweep(browser, "", [stop]) == [
        'grey (320 px, light): color-contrast: <h1 style="color:#aaa">Grey</h1>'
    ]


def test_sweep_tells_of_a_page_that_scrolls_sideways(browser: Browser) -> None:
    def open_wide_table(page: Page, _server: str) -> None:
        page.set_content(
            "<!doctype html><html lang=en><meta name=viewport content=width=device-width>"
            "<title>T</title><main><h1>Wide</h1><div style='width:700px'>W</div></main>"
        )

    assert sweep(browser, "", [Stop("wide", open_wide_table, PHONE_LOOKS[:1])]) == [
        "wide (320 px): the page scrolls sideways",
        "wide (375 px): the page scrolls sideways",
    ]
