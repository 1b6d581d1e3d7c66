"""What the form does in a browser that the test client cannot see."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from consults.models import ConsultRequest
from locations.models import Location
from tests import build
from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def where(transactional_db: None) -> Location:
    build.site_text(name="Sample Clinics of the South")
    return build.location(city="Sample Town", region="AL", texting_phone="+12055550142")


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    yield context
    context.close()


def open_form(context: BrowserContext, server: LiveServer) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/consult/")
    return page


def fill(page: Page) -> None:
    page.get_by_label("Me, and I am 18 or over").check()
    page.get_by_label("What should we call you?").fill("Marisol")
    page.get_by_label("Sample Town, AL").check()
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill("marisol@example.com")


def test_heading_crisis_line_and_first_question_fit_a_small_phone(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone_without_javascript, live_server)
    parts = [
        page.get_by_role("complementary", name="Crisis help"),
        page.get_by_role("heading", level=1),
        page.get_by_label("Someone under 18"),
    ]
    for part in parts:
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_questions_that_do_not_apply_fold_away(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone, live_server)
    voicemail = page.get_by_role("group", name="May we leave a voicemail?")
    texting = page.get_by_label("You may text me about this request.")
    expect(voicemail).to_be_hidden()
    expect(texting).to_be_hidden()
    page.get_by_label("Phone call").check()
    expect(voicemail).to_be_visible()
    page.get_by_label("Text message").check()
    expect(voicemail).to_be_hidden()
    expect(texting).to_be_visible()


def test_every_question_shows_without_javascript(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone_without_javascript, live_server)
    expect(page.get_by_role("group", name="May we leave a voicemail?")).to_be_visible()
    expect(page.get_by_label("You may text me about this request.")).to_be_visible()


def test_error_summary_takes_the_focus_and_leads_to_the_field(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone, live_server)
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: Request a consult"))
    page.get_by_role("link", name="Choose who this is for").click()
    expect(page.get_by_label("Me, and I am 18 or over")).to_be_focused()


def test_pressing_send_twice_is_one_request(phone: BrowserContext, live_server: LiveServer) -> None:
    page = open_form(phone, live_server)
    fill(page)
    page.get_by_role("button", name="Send my request").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert ConsultRequest.objects.count() == 1


def test_web_server_gone_keeps_what_was_typed(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone, live_server)
    fill(page)

    def refuse(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.continue_()

    page.route("**/consult/", refuse)
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_text("Everything you typed is still here")).to_be_visible()
    expect(page.get_by_label("What should we call you?")).to_have_value("Marisol")
    page.unroute("**/consult/")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert ConsultRequest.objects.count() == 1


def send_with_an_error(page: Page) -> None:
    fill(page)
    page.get_by_label("Email address").fill("marisol@")
    page.get_by_label("Anything you want us to know?").fill("May my sister sit in?")
    page.get_by_role("button", name="Send my request").click()
    expect(page).to_have_title(re.compile("^Error: Request a consult"))


def assert_still_typed(page: Page) -> None:
    expect(page.get_by_label("What should we call you?")).to_have_value("Marisol")
    expect(page.get_by_label("Email address")).to_have_value("marisol@")
    question = page.get_by_label("Anything you want us to know?")
    expect(question).to_have_value("May my sister sit in?")


def test_reload_after_an_error_keeps_what_was_typed(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone, live_server)
    send_with_an_error(page)
    assert_still_typed(page)
    page.reload()
    expect(page).to_have_title(re.compile("^Error: Request a consult"))
    assert_still_typed(page)


def test_back_button_after_sending_leads_to_no_form_that_was_sent(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = phone.new_page()
    page.goto(f"{live_server.url}/about/")
    page.goto(f"{live_server.url}/consult/")
    fill(page)
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    page.go_back()
    expect(page).to_have_url(f"{live_server.url}/about/")
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert ConsultRequest.objects.count() == 1


def test_back_button_after_an_error_and_sending_leads_to_the_form(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone, live_server)
    send_with_an_error(page)
    page.get_by_label("Email address").fill("marisol@example.com")
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Request a consult")
    assert ConsultRequest.objects.count() == 1


def test_form_in_two_tabs_is_two_requests(phone: BrowserContext, live_server: LiveServer) -> None:
    tabs = [open_form(phone, live_server) for _tab in range(2)]
    for tab in tabs:
        fill(tab)
    for tab in tabs:
        tab.get_by_role("button", name="Send my request").click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert ConsultRequest.objects.count() == 2


def test_slow_network_holds_the_second_press(
    phone: BrowserContext, live_server: LiveServer
) -> None:
    page = open_form(phone, live_server)
    fill(page)
    posts: list[str] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            posts.append(route.request.url)
            time.sleep(1)
        route.continue_()

    page.route("**/consult/", slowly)
    button = page.get_by_role("button", name="Send my request")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert len(posts) == 1
