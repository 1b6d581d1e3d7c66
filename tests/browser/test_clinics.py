"""Clinics in Chromium: staff change hours without JavaScript, and an added clinic is everywhere."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from locations.models import Location

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOURS = "/admin/locations/location/hours/"


@pytest.fixture(autouse=True)
def _whole_site(transactional_db: None) -> None:
    call_command("load_starter_content", verbosity=0)
    call_command("load_demo_data", verbosity=0)


def sign_in(context: BrowserContext, server: LiveServer, username: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{server.url}/admin/")
    return page


def public(page: Page, server: LiveServer, path: str) -> Page:
    page.goto(server.url + path)
    page.reload()  # past the minute for which a browser may keep the page
    return page


def test_lead_closes_a_clinic_today_and_reopens_it_by_keyboard_without_javascript(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = sign_in(phone_without_javascript, live_server, "lead")
    visitor = phone_without_javascript.new_page()
    page.get_by_role("link", name="Hours and holidays").click()
    page.get_by_role("button", name="Close today Opelika").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Opelika is closed today.")).to_be_visible()
    main = public(visitor, live_server, "/locations/opelika/").get_by_role("main")
    expect(main).not_to_contain_text("Open until")
    assert Location.objects.get(slug="opelika").is_closed_today

    page.get_by_role("button", name="Reopen Opelika").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Close today Opelika")).to_be_visible()
    assert not Location.objects.get(slug="opelika").is_closed_today


def test_lead_decides_a_holiday_and_a_run_of_days_without_javascript(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = sign_in(phone_without_javascript, live_server, "lead")
    page.goto(live_server.url + HOURS)
    page.get_by_role("link", name=re.compile(r"^20\d\d$")).last.click()
    labor_day = page.get_by_role("group", name=re.compile("Labor Day"))
    labor_day.get_by_label("On this day").select_option("Other hours")
    labor_day.get_by_label("Opens").fill("09:00")
    page.get_by_role("button", name="Save the holidays").click()
    expect(labor_day).to_contain_text("Give both times, for example 9 a.m. and noon.")
    labor_day.get_by_label("Closes").fill("12:00")
    page.get_by_role("button", name="Save the holidays").click()
    expect(page.get_by_text("9 a.m. to noon")).to_have_count(4)  # said once, and for each clinic

    page.get_by_role("link", name="Alexandria", exact=True).click()
    run = page.get_by_role("region", name="Other days")
    run.get_by_label("First day").fill("2030-01-07")
    run.get_by_label("Shown as").fill("Moving house")
    page.get_by_role("button", name="Save these days").click()
    taken_back = page.get_by_role("button", name="Take back January 7, Alexandria")
    expect(taken_back).to_be_visible()
    taken_back.click()
    expect(page.get_by_role("main")).not_to_contain_text("Moving house")


def test_administrator_adds_a_fourth_clinic_that_visitors_find(
    desk: BrowserContext, phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = sign_in(desk, live_server, "admin")
    page.goto(f"{live_server.url}/admin/locations/location/add/")
    page.get_by_label("Town:", exact=True).fill("Fourth Town")
    page.get_by_label("Practice name").fill("Sample Practice")
    expect(page.get_by_label("Address on the site")).to_have_value("fourth-town")
    page.get_by_label("City:", exact=True).fill("Fourth Town")
    page.locator("#id_region").fill("AL")
    page.get_by_label("Time zone").select_option("Central")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    visitor = phone_without_javascript.new_page()
    public(visitor, live_server, "/locations/")
    visitor.get_by_role("main").get_by_role("link", name="Fourth Town", exact=True).click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Fourth Town")
    expect(visitor.get_by_role("img", name="Drawing of Fourth Town, not to scale")).to_be_visible()
    expect(
        visitor.get_by_role("contentinfo").get_by_role("link", name="Fourth Town")
    ).to_be_visible()
    visitor.get_by_role("link", name="Ask by form").click()
    expect(visitor.get_by_role("radio", name="Fourth Town, AL")).to_be_checked()


def test_phone_bar_calls_on_a_clinics_page_and_leads_to_the_choice_elsewhere(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = phone_without_javascript.new_page()
    page.goto(f"{live_server.url}/locations/opelika/")
    call = page.get_by_role("navigation", name="Call or request a consult").get_by_role("link")
    expect(call.first).to_have_attribute("href", re.compile(r"^tel:\+1"))
    page.goto(f"{live_server.url}/articles/")
    call.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our locations")
    expect(page.locator("main .opening").first).to_have_text(re.compile("^Open(s| until) "))


def test_phone_bar_is_not_on_the_form_and_leaves_while_something_is_typed(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    page = phone_without_javascript.new_page()
    bar = page.get_by_role("navigation", name="Call or request a consult")
    page.goto(f"{live_server.url}/search/")
    expect(bar).to_be_visible()
    page.get_by_role("searchbox").focus()
    expect(bar).to_be_hidden()
    page.get_by_role("heading", level=1).click()
    expect(bar).to_be_visible()
    page.goto(f"{live_server.url}/consult/")
    expect(bar).to_have_count(0)


@pytest.mark.parametrize("slug", ["vestavia-hills", "alexandria"])
def test_clinic_page_asks_no_other_host_and_fits_a_phone(
    phone_without_javascript: BrowserContext, live_server: LiveServer, slug: str
) -> None:
    page, asked, complaints = phone_without_javascript.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{live_server.url}/locations/{slug}/")
    expect(page.get_by_role("figure")).to_contain_text("Drawing, not to scale")
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    drawing = page.get_by_role("figure").locator("svg").bounding_box()
    assert drawing
    assert drawing["width"] > 250
