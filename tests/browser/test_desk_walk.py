"""From the notice in the mailbox to a booked visit, counted: presses of the mouse, then of keys.

The browser counts for itself what a hand does; nothing is called that a person could not press.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from consults import intake, notifications
from consults.models import ConsultRequest, State
from locations.models import Location

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_CLICKS = 8
COUNT = """
for (const [name, kind] of [["clicks", "pointerdown"], ["keys", "keydown"]])
  addEventListener(kind, (event) => {
    if (event.isTrusted) sessionStorage[name] = Number(sessionStorage[name] || 0) + 1;
  }, true);
"""
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.fixture(autouse=True)
def _whole_site(transactional_db: None) -> None:
    call_command("load_starter_content", verbosity=0)
    call_command("load_demo_data", verbosity=0)


@pytest.fixture
def row() -> ConsultRequest:
    """A request that has just come in, with its notice sent."""
    where = Location.objects.get(slug="vestavia-hills")
    where.notice_email = "desk@example.com"
    where.save()
    answers: dict[str, Any] = {
        "for_whom": "self", "name": "Marisol", "clinic": where.slug, "location": where,
        "location_was_chosen": True, "source": None, "channel": "phone",
        "phone": "+12055550177", "email": "", "may_text": False, "voicemail": "unnamed",
        "good_times": [], "question": "",
    }  # fmt: skip
    row = intake.receive(answers, "walk", signals=[])
    notifications.send_due()
    return row


@pytest.fixture
def page(desk: BrowserContext, live_server: LiveServer) -> Iterator[Page]:
    """Somebody of the clinic, signed in this morning; what they do from here on is counted."""
    desk.add_init_script(COUNT)
    page = desk.new_page()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("staff-vestavia")
    page.get_by_label("Password").fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    page.evaluate("sessionStorage.clear()")
    yield page
    page.close()


def link_in_the_notice(server: LiveServer) -> str:
    [notice] = [message for message in mail.outbox if message.to == ["desk@example.com"]]
    found = re.search(re.escape(settings.SITE_URL) + r"(/\S+)", str(notice.body))
    assert found is not None
    return server.url + found[1]


def counted(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate(
        "({clicks: Number(sessionStorage.clicks || 0), keys: Number(sessionStorage.keys || 0)})"
    )
    return found


def day_of_visit() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=3)


def is_booked(row: ConsultRequest) -> bool:
    row.refresh_from_db()
    assert row.visit_at is not None
    local = row.visit_at.astimezone(row.location.zone)
    assert (local.date(), local.time()) == (day_of_visit(), dt.time(10, 30))
    return bool(row.state == State.BOOKED and row.assignee)


def test_from_the_notice_to_a_booked_visit_with_the_mouse(
    page: Page, row: ConsultRequest, live_server: LiveServer
) -> None:
    page.goto(link_in_the_notice(live_server))
    panel = page.locator(".contact")
    panel.get_by_label("Reached them").click()
    panel.get_by_label("Visit booked").click()
    day, time = panel.get_by_label("Day", exact=True), panel.get_by_label("Time", exact=True)
    day.click(position={"x": 15, "y": 20})
    page.keyboard.type(f"{day_of_visit():%m%d%Y}")
    time.click(position={"x": 15, "y": 20})
    page.keyboard.type("1030A")
    panel.get_by_role("button", name="Save").click()
    expect(page.locator(".request-tags")).to_contain_text("Visit booked")

    assert is_booked(row)
    hands = counted(page)
    # One more click for the link in the mail.
    assert hands == {"clicks": 5, "keys": 13}
    assert hands["clicks"] + 1 <= MOST_CLICKS


def test_from_the_notice_to_a_booked_visit_with_keys_alone(
    page: Page, row: ConsultRequest, live_server: LiveServer
) -> None:
    page.goto(link_in_the_notice(live_server))
    tab_to(page, "log_contact-result_0")
    page.keyboard.press("Space")
    tab_to(page, "log_contact-next_step_0")
    page.keyboard.press("ArrowRight")
    tab_to(page, "log_contact-day")
    page.keyboard.type(f"{day_of_visit():%m%d%Y}")
    tab_to(page, "log_contact-time")
    page.keyboard.type("1030A")
    page.keyboard.press("Enter")  # sends the form, as in any other
    expect(page.locator(".request-tags")).to_contain_text("Visit booked")

    assert is_booked(row)
    hands = counted(page)
    assert hands["clicks"] == 0
    assert hands["keys"] <= 35, hands


def tab_to(page: Page, target: str) -> None:
    for _press in range(40):
        if page.evaluate(FOCUSED) == target:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached with Tab; {page.evaluate(FOCUSED)} is")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_request_page_is_one_screen_at_a_desk(
    scheme: Any, page: Page, row: ConsultRequest, live_server: LiveServer
) -> None:
    """Who, how and when, what next and what happened, within 1440 by 900."""
    page.emulate_media(color_scheme=scheme)
    page.goto(link_in_the_notice(live_server))

    for part in (".person-name", ".way.first a", ".script", ".times", ".facts", ".contact button",
                 ".more", ".timeline ol"):  # fmt: skip
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, part


def test_number_and_next_step_come_first_on_a_phone(
    page: Page, row: ConsultRequest, live_server: LiveServer
) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(link_in_the_notice(live_server))

    tops = []
    for part in (".way.first a", ".jump a", ".facts", ".timeline"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        tops.append(box["y"])
    assert tops == sorted(tops)
    assert tops[1] < 812 - 44
    page.locator(".jump a").click()
    box = page.locator("#contact-title").bounding_box()
    assert box is not None
    assert box["y"] < 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
