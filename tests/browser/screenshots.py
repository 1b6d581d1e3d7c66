"""Takes a picture of every page at 320 and 1440 px, by day and by night: `make screenshots`.

Runs against a whole site of its own in a temporary folder; people in it are invented.
"""

from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import chromium
from tests.server import ROOT, whole_site

FOLDER = ROOT / "screenshots"
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


def sign_in(page: Page, site: str, username: str) -> None:
    page.goto(f"{site}/accounts/login/?next=/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def picture_form(page: Page, site: str, size: str) -> None:
    """The form with its errors, and the confirmation."""
    page.goto(f"{site}/consult/?clinic=opelika")
    page.get_by_role("button", name="Send my request").click()
    take(page, "form-errors", size)
    page.goto(f"{site}/consult/?clinic=opelika")
    page.get_by_label("Me, and I am 18 or over").check()
    page.get_by_label("What should we call you?").fill("Sam")
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill(f"sam-{size}@example.com")
    page.get_by_role("button", name="Send my request").click()
    page.wait_for_url("**/consult/received/**")
    take(page, "confirmation", size)


def picture_staff(context: BrowserContext, site: str, size: str) -> None:
    for username, pages in STAFF.items():
        context.clear_cookies()
        page = context.new_page()
        sign_in(page, site, username)
        for name, path in pages.items():
            page.goto(site + path)
            take(page, name, size)
        if username == "staff-vestavia":
            page.locator("#content a[href$='/change/']").first.click()
            take(page, "request", size)
        if username == "editor":
            page.locator("#result_list tbody a").first.click()
            take(page, "editor-article", size)
        page.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with whole_site(hashed=False) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.LAUNCH)
        for size, context in contexts(browser):
            page = context.new_page()
            for name, path in PUBLIC.items():
                page.goto(site + path)
                take(page, name, size)
            picture_form(page, site, size)
            picture_staff(context, site, size)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
