"""Every page of the staff site, and the states of it that only a press can reach."""

from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.stops import EVERY_LOOK, TWO_LOOKS, Stop, visit
from tests.staff_addresses import staff_addresses, staff_pages

INVENTED_PHONE = "(205) 555-0102"  # of one of the invented requests

# Where people work all day; the rest are variations of them.
MAIN = {
    "account_change_password",
    "admin:articles_article_change",
    "admin:articles_article_changelist",
    "admin:articles_article_review",
    "admin:clinic_sitetext_change",
    "admin:clinic_user_change",
    "admin:consults_consultrequest_call",
    "admin:consults_consultrequest_change",
    "admin:consults_consultrequest_changelist",
    "admin:index",
    "admin:locations_location_change",
    "admin:locations_location_hours",
    "mfa_index",
}


def staff_stops(client: Client) -> Iterator[Stop]:
    """For someone who may open everything."""
    for name, address in staff_pages(client).items():
        yield Stop(name, partial(visit, address), EVERY_LOOK if name in MAIN else TWO_LOOKS)
    yield Stop("request with an error", log_nothing, EVERY_LOOK)
    yield Stop("article with errors", save_without_title, EVERY_LOOK)
    yield Stop("clinic with errors", save_clinic_without_name, TWO_LOOKS)
    yield Stop("call with errors", store_empty_call, TWO_LOOKS)
    yield Stop("other days with errors", decide_no_day, TWO_LOOKS)
    yield Stop("export with errors", export_without_reason, TWO_LOOKS)
    yield Stop("someone to erase", find_someone_to_erase, TWO_LOOKS)
    yield Stop("queue searched in vain", find_nobody, TWO_LOOKS)
    yield Stop("password change with errors", change_password_wrongly, TWO_LOOKS)


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
    page.get_by_label("Town:", exact=True).fill("")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".errorlist").first.wait_for()


def store_empty_call(page: Page, server: str) -> None:
    visit(reverse("admin:consults_consultrequest_call"), page, server)
    page.get_by_role("button", name="Store the call").click()
    page.locator(".errorlist").first.wait_for()


def decide_no_day(page: Page, server: str) -> None:
    visit(reverse("admin:locations_location_hours"), page, server)
    page.get_by_role("button", name="Save these days").click()
    page.locator(".errorlist").first.wait_for()


def export_without_reason(page: Page, server: str) -> None:
    visit(reverse("admin:consults_consultrequest_export"), page, server)
    page.get_by_role("button", name="Export").click()
    page.locator(".errorlist").first.wait_for()


def find_someone_to_erase(page: Page, server: str) -> None:
    visit(reverse("admin:consults_consultrequest_person"), page, server)
    page.get_by_label("Phone number or email address").fill(INVENTED_PHONE)
    page.get_by_role("button", name="Find their requests").click()
    page.get_by_role("button", name="Erase for good").wait_for()


def find_nobody(page: Page, server: str) -> None:
    visit(reverse("admin:consults_consultrequest_changelist"), page, server)
    page.get_by_label("Find a request").fill("nobody-of-this-name")
    page.get_by_role("button", name="Find").click()
    page.locator(".empty").wait_for()


def change_password_wrongly(page: Page, server: str) -> None:
    visit(reverse("account_change_password"), page, server)
    page.get_by_role("button").last.click()
    page.get_by_role("alert").first.wait_for()


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
