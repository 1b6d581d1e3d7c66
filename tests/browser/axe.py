"""The accessibility rules of axe, in the words of a test's failure."""

from collections.abc import Iterable, Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from tests.browser.stops import Stop

OPTIONS: dict[str, Any] = {
    "runOnly": [
        *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
    ],
    # Part of WCAG 2.2 AA, but off by default.
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "preload": False,  # no rule here reads style sheets; fetching them again takes time
}
SHORTEST = 400
# What must fit: small phones, most phones, a tablet held upright, a desk.
WIDTHS = (320, 375, 768, 1440)
EXCERPT = 160


def sweep(
    browser: Browser, server: str, stops: Iterable[Stop], client: Client | None = None
) -> list[str]:
    """Opens each stop once and judges it in each of its looks. Returns what is wrong, in words.

    With a client, the browser is signed in as it is.
    """
    context = browser.new_context(reduced_motion="reduce")
    for cookie in client.cookies.values() if client else ():
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    found: list[str] = []
    for stop in stops:
        page = context.new_page()
        found += judge(page, stop, server)
        page.close()
    context.close()
    return found


def judge(page: Page, stop: Stop, server: str) -> Iterator[str]:
    page.set_viewport_size({"width": stop.looks[0][0], "height": SHORTEST})
    try:
        stop.open(page, server)
    except (BrowserError, AssertionError) as error:
        yield f"{stop.name}: {error}"
        return
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": SHORTEST})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"{stop.name} ({width} px): the page scrolls sideways"
    page.evaluate(Axe().axe_script)
    for width, scheme in stop.looks:
        page.emulate_media(color_scheme=scheme)
        stretch(page, width)
        for problem in problems(page):
            yield f"{stop.name} ({width} px, {scheme}): {problem}"


def stretch(page: Page, width: int) -> None:
    """Makes the window as tall as the page: the bar at a phone's foot covers nothing then."""
    page.set_viewport_size({"width": width, "height": SHORTEST})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, SHORTEST)})


def problems(page: Page) -> Iterator[str]:
    for violation in page.evaluate("options => axe.run(options)", OPTIONS)["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {node['html'][:EXCERPT]}"
