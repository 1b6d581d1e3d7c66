"""Takes the pictures of docs/triage.md anew, small, into docs/images/.

    .venv/bin/python -m tests.browser.desk_pictures

Runs against a whole site of its own in a temporary folder; people in it are invented.
"""

import io

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.screenshots import sign_in
from tests.server import ROOT, whole_site

FOLDER = ROOT / "docs/images"
LIST = "/admin/consults/consultrequest/"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
QUALITY = 70


def keep(page: Page, name: str, part: str = "") -> None:
    """The first screen, or one part of the page, as a small WebP."""
    taken = page.locator(part).first.screenshot() if part else page.screenshot()
    Image.open(io.BytesIO(taken)).convert("RGB").save(
        FOLDER / f"{name}.webp", quality=QUALITY, method=6
    )


def find(page: Page, site: str, name: str) -> None:
    """Opens somebody's request as staff would: by a word of the name."""
    page.goto(f"{site}{LIST}")
    page.locator("input[name=words]").fill(name)
    page.locator("input[name=words]").press("Enter")
    page.wait_for_load_state()
    page.locator("#content a[href$='/change/']").first.click()
    page.wait_for_load_state()


def at_the_desk(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport=DESK)  # type: ignore[arg-type]
    sign_in(page, site, "staff-vestavia")
    page.goto(f"{site}/admin/")
    keep(page, "today")
    page.goto(f"{site}{LIST}")
    keep(page, "queue")
    find(page, site, "Lee")
    keep(page, "request")
    find(page, site, "Marcus")
    page.locator(".more summary", has_text="Close without a visit").click()
    page.get_by_label("Cost").check()
    page.locator(".more details[open]").scroll_into_view_if_needed()
    keep(page, "closing", ".more details[open]")
    page.close()


def on_a_phone(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme="dark")  # type: ignore[arg-type]
    sign_in(page, site, "staff-vestavia")
    find(page, site, "Lee")
    keep(page, "request-phone")
    page.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with whole_site(hashed=False) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.LAUNCH)
        at_the_desk(browser, site)
        on_a_phone(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
