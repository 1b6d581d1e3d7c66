"""The site as its users meet it for the first time: each flow from end to end, in Chromium."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from consults.models import ConsultRequest, State

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ARTICLE = "five-things-to-know-before-a-ketamine-infusion"


@pytest.fixture(autouse=True)
def _whole_site(transactional_db: None) -> None:
    call_command("load_starter_content", verbosity=0)
    call_command("load_demo_data", verbosity=0)


def sign_in(page: Page, server: LiveServer, username: str) -> None:
    page.goto(f"{server.url}/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{server.url}/admin/")


@pytest.fixture
def signed_in(desk: BrowserContext, live_server: LiveServer) -> Callable[[str], Page]:
    """A page of its own, signed in with a demo account."""

    def open_page(username: str) -> Page:
        desk.clear_cookies()
        page = desk.new_page()
        sign_in(page, live_server, username)
        return page

    return open_page


def test_home_leads_in_two_taps_to_an_article_and_to_a_clinic(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = phone_without_javascript.new_page()
    page.goto(live_server.url)
    page.get_by_role("link", name="What the research says").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("what the research shows")
    page.goto(live_server.url)
    page.get_by_role("main").get_by_role("link", name="Opelika").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Opelika")
    expect(page.get_by_role("main")).to_contain_text("2200 Gateway Dr Suite AA")


def send_request(page: Page, server: LiveServer) -> ConsultRequest:
    """Fills the form as someone would who wants a call, and sends it."""
    page.goto(f"{server.url}/consult/?clinic=vestavia-hills")
    page.get_by_label("Me, and I am 18 or over").check()
    page.get_by_label("What should we call you?").fill("Marisol")
    page.get_by_label("Phone call").check()
    page.get_by_label("Phone number").fill("(205) 555-0134")
    page.get_by_label("Yes, but do not name the clinic").check()
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We have your request")
    return ConsultRequest.objects.get(is_sample=False)


def test_form_on_a_phone_without_javascript_gives_a_confirmation(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = phone_without_javascript.new_page()
    row = send_request(page, live_server)
    expect(page.get_by_role("main")).to_contain_text(row.reference)
    expect(page.get_by_role("main")).to_contain_text("number ending in 34")
    assert (row.location.slug, row.name, row.phone) == ("vestavia-hills", "Marisol", "+12055550134")
    assert phone_without_javascript.cookies() == []


def test_empty_form_says_what_is_wrong_and_keeps_what_was_typed(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = phone_without_javascript.new_page()
    page.goto(f"{live_server.url}/consult/")
    page.get_by_label("What should we call you?").fill("Marisol")
    page.get_by_role("button", name="Send my request").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.get_by_label("What should we call you?")).to_have_value("Marisol")
    assert not ConsultRequest.objects.filter(is_sample=False).exists()


def test_staff_take_call_and_book_and_another_clinic_gets_404(
    phone_without_javascript: BrowserContext,
    signed_in: Callable[[str], Page],
    live_server: LiveServer,
) -> None:
    row = send_request(phone_without_javascript.new_page(), live_server)
    address = f"{live_server.url}/admin/consults/consultrequest/{row.pk}/change/"

    page = signed_in("staff-vestavia")
    page.goto(f"{live_server.url}/admin/consults/consultrequest/")
    page.get_by_role("link", name=row.reference).click()
    expect(page).to_have_url(address)
    expect(page.get_by_role("main")).to_contain_text("Marisol")
    expect(page.get_by_role("main")).to_contain_text("(205) 555-0134")
    page.get_by_role("button", name="I'll take it").click()
    row.refresh_from_db()
    assert row.assignee
    assert row.assignee.username == "staff-vestavia"

    log_a_call(page)
    row.refresh_from_db()
    assert row.state == State.TRYING
    assert row.first_response_at

    book_a_visit(page)
    row.refresh_from_db()
    assert row.state == State.BOOKED
    assert row.visit_at

    other = signed_in("staff-alexandria")
    response = other.goto(address)
    assert response
    assert response.status == 404
    assert "Marisol" not in other.content()


def log_a_call(page: Page) -> None:
    panel = page.get_by_role("group", name="How did it go?")
    panel.get_by_label("No answer").check()
    page.get_by_role("button", name="Save").click()


def book_a_visit(page: Page) -> None:
    """Two working days from now, at ten."""
    page.get_by_text("Book a visit", exact=True).click()
    form = page.locator("details").filter(has=page.get_by_role("button", name="Book the visit"))
    day = timezone.localdate() + dt.timedelta(days=2)
    form.get_by_label("Day").fill(day.isoformat())
    form.get_by_label("Time").fill("10:00")
    form.get_by_role("button", name="Book the visit").click()
    expect(page.get_by_role("main")).to_contain_text("Visit booked")


def open_article(page: Page, server: LiveServer, article: Article) -> None:
    page.goto(f"{server.url}/admin/articles/article/{article.pk}/change/")


def change_title(page: Page, server: LiveServer, article: Article, title: str) -> None:
    open_article(page, server, article)
    page.get_by_label("Title:", exact=True).fill(title)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Ask for approval").click()
    page.get_by_role("button", name="Ask for approval").click()


def approve(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("main")).to_contain_text("approved")


def publish(page: Page, server: LiveServer, article: Article) -> None:
    open_article(page, server, article)
    page.get_by_role("link", name="Publish or schedule").click()
    page.get_by_label("Corrected because").fill("the old title promised too much.")
    page.get_by_role("button", name="Publish").click()


def test_article_goes_from_draft_over_approval_to_the_public(
    phone_without_javascript: BrowserContext,
    signed_in: Callable[[str], Page],
    live_server: LiveServer,
) -> None:
    article = Article.objects.get(slug=ARTICLE)
    visitor = phone_without_javascript.new_page()
    changed = "Five things to know, said again"

    def what_the_public_sees() -> str:
        visitor.goto(live_server.url + article.get_absolute_url())
        visitor.reload()  # past the minute for which a browser may keep the page
        return visitor.get_by_role("heading", level=1).inner_text()

    assert what_the_public_sees() != changed
    change_title(signed_in("editor"), live_server, article, changed)
    assert what_the_public_sees() != changed
    approve(signed_in("reviewer"), changed)
    assert what_the_public_sees() != changed
    publish(signed_in("editor"), live_server, article)
    assert what_the_public_sees() == changed
