"""An article shared, printed, and followed to its sources, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from tests import build
from tests.articles import build as articles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def article(transactional_db: None) -> Article:
    build.site_text()
    return articles.published(slug="one", title="How long it lasts")


@pytest.fixture
def sharer(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


def opened(context: BrowserContext, server: LiveServer, article: Article) -> Page:
    page = context.new_page()
    page.goto(server.url + article.get_absolute_url())
    return page


def test_copy_link_puts_the_address_of_the_page_on_the_clipboard(
    sharer: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    page = opened(sharer, live_server, article)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "http://127.0.0.1:8000/articles/one/"


def test_device_share_is_offered_where_the_device_has_one(
    sharer: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    sharer.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    page = opened(sharer, live_server, article)
    page.get_by_role("button", name="Share…").click()
    assert page.evaluate("window.shared") == {
        "url": "http://127.0.0.1:8000/articles/one/",
        "title": "How long it lasts",
    }


def test_share_without_javascript_is_mail_only(
    phone_without_javascript: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    page = opened(phone_without_javascript, live_server, article)
    share = page.get_by_role("region", name="Share this page")
    expect(share.get_by_role("button")).to_have_count(0)
    expect(share.get_by_role("link", name="Email")).to_have_attribute(
        "href",
        "mailto:?subject=How%20long%20it%20lasts"
        "&body=http%3A%2F%2F127.0.0.1%3A8000%2Farticles%2Fone%2F",
    )


def test_source_leads_there_and_back(
    phone_without_javascript: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    page = opened(phone_without_javascript, live_server, article)
    page.get_by_role("link", name="Source 1").first.click()
    expect(page.locator("#ref-1")).to_be_in_viewport()
    page.get_by_role("link", name="Back to the text: source 1").click()
    expect(page.locator("#cite-1")).to_be_in_viewport()


def test_print_has_the_text_the_answers_and_the_sources_and_no_controls(
    desk: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    page = opened(desk, live_server, article)
    page.emulate_media(media="print", color_scheme="dark")
    for words in ("Not much", "Usually not.", "A warning."):
        expect(page.get_by_text(words).first).to_be_visible()
    for hidden in (".menu", ".phone-bar", ".share ul", ".consult-call", ".breadcrumbs"):
        for element in page.locator(hidden).all():
            expect(element).to_be_hidden()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    address = page.evaluate(
        "getComputedStyle(document.querySelector('.share'), '::before').content"
    )
    assert address == '"http://127.0.0.1:8000/articles/one/"'
    page.set_viewport_size({"width": 680, "height": 900})  # a sheet of paper
    assert page.evaluate("document.documentElement.scrollWidth") == 680
