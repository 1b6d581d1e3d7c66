"""Takes the pictures of docs/editing.md: `make guide`. Runs on a whole site of its own."""

import io

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium
from tests.browser.screenshots import sign_in
from tests.server import ROOT, whole_site

FOLDER = ROOT / "docs" / "images"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 720}
# Few colours and flat areas: a palette is a third of the bytes and looks the same.
COLOURS = 96
TEXT = """## What a visit costs

Ketamine cures depression.

Ask your insurer first [@fda2032]. See [our prices](/prices/).
"""


def keep(page: Page, name: str) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        small = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(FOLDER / f"{name}.png", "PNG", optimize=True)


def to_the_text(page: Page) -> None:
    top = page.locator(".editor").evaluate("part => part.getBoundingClientRect().top + scrollY")
    page.evaluate("top => scrollTo({ top, behavior: 'instant' })", top - 8)


def picture_writing(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/articles/article/")
    page.locator("#result_list tbody a").first.click()
    page.locator("html[data-editor-ready]").wait_for(state="attached")
    frame = page.frame_locator("iframe[name=preview]")
    frame.locator("h1").wait_for()
    keep(page, "where-it-stands")
    to_the_text(page)
    keep(page, "write-and-preview")


def picture_notes(page: Page) -> None:
    page.locator("#id_body").fill(TEXT)
    page.get_by_role("button", name="Notes").click()
    page.get_by_role("button", name="Ketamine cures depression.").first.wait_for()
    to_the_text(page)
    keep(page, "notes")
    bar = page.get_by_role("toolbar", name="Formatting of Text")
    bar.get_by_role("button", name="Source…").click()
    keep(page, "cite-a-source")
    page.keyboard.press("Escape")


def picture_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Write").click()
    to_the_text(page)
    keep(page, "on-a-phone")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with whole_site(hashed=False) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.LAUNCH)
        page = browser.new_page(viewport=DESK, color_scheme="light")  # type: ignore[arg-type]
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page, site, "editor")
        picture_writing(page, site)
        picture_notes(page)
        picture_phone(page)
        page.goto(f"{site}/admin/")
        browser.close()
    for path in sorted(FOLDER.glob("*.png")):
        print(f"{path.relative_to(ROOT)} {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
