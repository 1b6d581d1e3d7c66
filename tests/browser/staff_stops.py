"""Every page of the staff site, and the states of it that only a press can reach."""

from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.stops import Look, Stop, visit
from tests.staff_addresses import staff_addresses, staff_pages

PHONE, DESK = 375, 1440
EVERY_LOOK: tuple[Look, ...] = ((PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark"))
TWO_LOOKS: tuple[Look, ...] = ((PHONE, "dark"), (DESK, "light"))

# Where people work all day; the rest are variations of them.
MAIN = {
    "account_change_password",
    "admin:articles_article_change",
    "admin:articles_article_changelist",
    "admin:articles_article_review",
    "admin:clinic_sitetext_change",
    "admin:clinic_user_change",
    "admin:consults_consultrequest_change",
    "admin:consults_consultrequest_changelist",
    "admin:index",
    "admin:locations_location_change",
    "mfa_index",
}


def staff_stops(client: Client) -> Iterator[Stop]:
    """For someone who may open everything."""
    for name, address in staff_pages(client).items():
        yield Stop(name, partial(visit, address), EVERY_LOOK if name in MAIN else TWO_LOOKS)
    yield Stop("request with an error", log_nothing, EVERY_LOOK)
    yield Stop("article with errors", save_without_title, EVERY_LOOK)
    yield Stop("clinic with errors", save_clinic_without_name, TWO_LOOKS)


def newcomer_stops() -> Iterator[Stop]:
    """For someone of the intake staff who has no second factor yet."""
    for name in ("admin:index", "mfa_index", "mfa_activate_totp"):
        yield Stop(f"{name} for a newcomer", partial(visit, reverse(name)), EVERY_LOOK)


def sign_in_stops() -> Iterator[Stop]:
    """For someone who is not signed in."""
    yield Stop("sign-in", partial(visit, reverse("account_login")), EVERY_LOOK)
    yield Stop("sign-in refused", sign_in_wrongly, EVERY_LOOK)
    yield Stop("second factor", sign_in_halfway, EVERY_LOOK)


def log_nothing(page: Page, server: str) -> None:
    visit(staff_addresses()["admin:consults_consultrequest_change"], page, server)
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_load_state()


def save_without_title(page: Page, server: str) -> None:
    visit(staff_addresses()["admin:articles_article_change"], page, server)
    page.get_by_label("Title:", exact=True).fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".errorlist").first.wait_for()


def save_clinic_without_name(page: Page, server: str) -> None:
    visit(staff_addresses()["admin:locations_location_change"], page, server)
    page.get_by_label("Name:", exact=True).fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".errorlist").first.wait_for()


def sign_in(page: Page, server: str, password: str) -> None:
    visit(reverse("account_login"), page, server)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def sign_in_wrongly(page: Page, server: str) -> None:
    sign_in(page, server, "not-the-password")
    page.get_by_role("alert").wait_for()


def sign_in_halfway(page: Page, server: str) -> None:
    sign_in(page, server, settings.DEMO_PASSWORD)
    page.wait_for_url(f"**{reverse('mfa_authenticate')}")
