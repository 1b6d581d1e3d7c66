"""Searching with a keyboard and suggestions, and without any script, in Chromium."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from tests.articles import build as articles
from tests.clinic.build import page as indexed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_suggestions_are_a_combobox_for_the_keyboard(
    desk: BrowserContext, live_server: LiveServer
) -> None:
    article = articles.published(title="About herons")
    indexed(title="More about herons", path="/articles/")
    page = desk.new_page()
    page.goto(live_server.url)
    box = page.get_by_role("combobox", name="What would you like to find?")
    page.get_by_role("searchbox").click()
    box.press_sequentially("hero")
    options = page.get_by_role("option")
    expect(options).to_have_text(["About herons Article", "More about herons Article"])
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".search [role=status]")).to_have_text("Suggestions: 2")

    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = options.nth(1).get_attribute("id")
    expect(box).to_have_attribute("aria-activedescendant", active or "")
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("hero")

    box.press_sequentially("n")
    expect(options).to_have_count(2)
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(f"{live_server.url}{article.get_absolute_url()}")


def test_enter_without_a_choice_searches(desk: BrowserContext, live_server: LiveServer) -> None:
    articles.published(title="About herons")
    page = desk.new_page()
    page.goto(f"{live_server.url}/search/")
    page.get_by_role("searchbox").click()
    page.get_by_role("combobox").press_sequentially("heron")
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("combobox").press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=heron$"))
    expect(page.get_by_role("status").first).to_contain_text("1 result for “heron”")


def test_search_works_without_javascript(
    phone_without_javascript: BrowserContext, live_server: LiveServer
) -> None:
    questions = [{"question": "Do herons sleep?", "answer": "They do."}]
    article = articles.published(title="About herons", questions=questions)
    page = phone_without_javascript.new_page()
    page.goto(f"{live_server.url}/search/")
    page.get_by_label("What would you like to find?").fill("do herons sleep")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Do herons sleep?").click()
    expect(page).to_have_url(f"{live_server.url}{article.get_absolute_url()}#question-1")
    expect(page.get_by_text("They do.")).to_be_visible()
