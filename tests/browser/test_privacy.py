"""Public pages leave nothing behind in a browser, ask nobody else for anything, and need no script.

Crawled in Chromium: what the test client cannot see, such as storage written by a script.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from consults.models import ConsultRequest
from tests.browser.stops import public_stops

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("whole_site"),
]

STORED = """async () => [
    ...Object.keys(localStorage).map((key) => `local storage: ${key}`),
    ...Object.keys(sessionStorage).map((key) => `session storage: ${key}`),
    ...(await indexedDB.databases()).map(({ name }) => `database: ${name}`),
    ...("caches" in window ? await caches.keys() : []).map((key) => `cache: ${key}`),
    ...(await navigator.serviceWorker?.getRegistrations() ?? []).map(() => "service worker"),
]"""


class Watch:
    """Notes whatever a context's pages do that a public page may not."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.server, self.found, self.where = server, [], ""  # type: tuple[str, list[str], str]
        context.on("request", self.asked)
        context.on("console", self.said)
        context.on("weberror", lambda error: self.note(f"script error: {error.error}"))

    def note(self, what: str) -> None:
        self.found.append(f"{self.where}: {what}")

    def asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.server}/"):
            self.note(f"asks {request.url}")

    def said(self, message: ConsoleMessage) -> None:
        """A blocked style or script is told here; so is a refused form (422), which may be."""
        is_own_refusal = "status of 422" in message.text
        if message.type in {"error", "warning"} and not is_own_refusal:
            self.note(f"console: {message.text}")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 320, "height": 640})
    yield opened
    opened.close()


def test_public_page_leaves_nothing_and_asks_nobody(
    context: BrowserContext, live_server: LiveServer
) -> None:
    watch = Watch(context, live_server.url)
    for stop in public_stops():
        watch.where = stop.name
        page = context.new_page()
        stop.open(page, live_server.url)
        for kept in page.evaluate(STORED):
            watch.note(kept)
        if page.locator("h1").count() != 1:
            watch.note(f"{page.locator('h1').count()} headings of the first level")
        page.close()
    assert [*watch.found, *context.cookies()] == []


def test_watch_tells_of_everything_it_watches(
    context: BrowserContext, live_server: LiveServer
) -> None:
    watch = Watch(context, live_server.url)
    page = context.new_page()
    page.goto(live_server.url)
    page.evaluate("localStorage.setItem('kept', '1'); sessionStorage.setItem('kept', '1')")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("fetch('http://elsewhere.example/').catch(() => {})")
    page.wait_for_timeout(200)
    assert page.evaluate(STORED) == ["local storage: kept", "session storage: kept"]
    told = "\n".join(watch.found)
    assert "style" in told
    assert "elsewhere.example" in told


# --- Without a script ---------------------------------------------------------------------------


@pytest.fixture
def page(phone_without_javascript: BrowserContext) -> Page:
    return phone_without_javascript.new_page()


def test_menu_opens_and_leads_on_without_javascript(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    articles = page.get_by_role("navigation", name="Main").get_by_role("link", name="Articles")
    expect(articles).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    articles.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == f"{live_server.url}/articles/"


def test_search_in_the_menu_finds_without_javascript(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("searchbox").first.fill("spravatto")
    page.get_by_role("searchbox").first.press("Enter")
    page.get_by_role("main").get_by_role("link", name="Spravato").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Spravato")


def test_form_keeps_what_was_typed_and_sends_without_javascript(
    page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/consult/?clinic=opelika")
    page.get_by_label("What should we call you?").fill("Sam")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.get_by_label("What should we call you?")).to_have_value("Sam")
    page.get_by_label("Me, and I am 18 or over").check()
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill("sam@example.com")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have your request")
    assert ConsultRequest.objects.filter(is_sample=False).count() == 1


def test_every_fold_opens_without_javascript(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/articles/ketamine-infusion-therapy-for-depression/")
    folds = page.get_by_role("main").locator("details:not([open])")
    closed = folds.count()
    folds.first.locator("summary").click()
    expect(folds).to_have_count(closed - 1)
