"""Takes a picture of every page at 320 and 1440 px, by day and by night: `make screenshots`.

Runs against a whole site of its own in a temporary folder; people in it are invented.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "screenshots"
PORT = 18099
SITE = f"http://127.0.0.1:{PORT}"
PASSWORD = "porch-light-demo"
WIDTHS = {"320": (320, 640), "1440": (1440, 900)}
SCHEMES = ("light", "dark")

PUBLIC = {
    "home": "/",
    "articles": "/articles/",
    "article": "/articles/ketamine-infusion-therapy-for-depression/",
    "topics": "/articles/topics/",
    "topic": "/articles/topics/depression/",
    "services": "/services/",
    "service": "/services/ketamine-infusion-therapy/",
    "locations": "/locations/",
    "location": "/locations/opelika/",
    "location-little-known": "/locations/alexandria/",
    "search": "/search/?q=depression",
    "search-nothing": "/search/?q=zzzz",
    "about": "/about/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "nondiscrimination": "/nondiscrimination/",
    "form": "/consult/",
    "not-found": "/nothing-here/",
    "styleguide": "/styleguide/",
    "sign-in": "/accounts/login/",
}
STAFF = {
    "staff-vestavia": {"staff-home": "/admin/", "queue": "/admin/consults/consultrequest/"},
    "editor": {"editor-home": "/admin/", "editor-articles": "/admin/articles/article/"},
    "reviewer": {"reviewer-home": "/admin/"},
    "admin": {"admin-home": "/admin/"},
}


@contextmanager
def site() -> Iterator[None]:
    """A whole site with content, on a port of its own, gone afterwards."""
    with tempfile.TemporaryDirectory() as var:
        environ = os.environ | {"VAR_DIR": var, "PORT": str(PORT), "HASHED_STATIC": "0"}
        environ.pop("DATABASE_URL", None)
        manage = [sys.executable, "manage.py"]
        for command in ("migrate", "load_starter_content", "load_demo_data"):
            subprocess.run(
                [*manage, command], cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL
            )
        server = subprocess.Popen([*manage, "serve"], cwd=ROOT, env=environ)
        try:
            wait_until_ready()
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_until_ready() -> None:
    for _try in range(100):
        try:
            urllib.request.urlopen(f"{SITE}/livez", timeout=1)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The site did not start.")


def contexts(browser: Browser) -> Iterator[tuple[str, BrowserContext]]:
    for width, (across, down) in WIDTHS.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": across, "height": down},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            yield f"{width}-{scheme}", context
            context.close()


def take(page: Page, name: str, size: str) -> None:
    page.screenshot(path=FOLDER / f"{name}-{size}.png", full_page=True)


def sign_in(page: Page, username: str) -> None:
    page.goto(f"{SITE}/accounts/login/?next=/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def picture_form(page: Page, size: str) -> None:
    """The form with its errors, and the confirmation."""
    page.goto(f"{SITE}/consult/?clinic=opelika")
    page.get_by_role("button", name="Send my request").click()
    take(page, "form-errors", size)
    page.goto(f"{SITE}/consult/?clinic=opelika")
    page.get_by_label("Me, and I am 18 or over").check()
    page.get_by_label("What should we call you?").fill("Sam")
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill(f"sam-{size}@example.com")
    page.get_by_role("button", name="Send my request").click()
    take(page, "confirmation", size)


def picture_staff(context: BrowserContext, size: str) -> None:
    for username, pages in STAFF.items():
        context.clear_cookies()
        page = context.new_page()
        sign_in(page, username)
        for name, path in pages.items():
            page.goto(SITE + path)
            take(page, name, size)
        if username == "staff-vestavia":
            page.locator("#result_list tbody a").first.click()
            take(page, "request", size)
        if username == "editor":
            page.locator("#result_list tbody a").first.click()
            take(page, "editor-article", size)
        page.close()


def main() -> None:
    from tests.browser.conftest import LAUNCH

    FOLDER.mkdir(exist_ok=True)
    with site(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(**LAUNCH)
        for size, context in contexts(browser):
            page = context.new_page()
            for name, path in PUBLIC.items():
                page.goto(SITE + path)
                take(page, name, size)
            picture_form(page, size)
            picture_staff(context, size)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
