"""What Word and Google Docs put on the clipboard, pasted into the text of an article."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import build
from tests.browser.conftest import DESK
from tests.browser.editing import ADD, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CLIPBOARD = Path(__file__).with_name("clipboard")
PASTE = """(area, [html, plain]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", plain);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  return area.dispatchEvent(event);
}"""
TO_CLIPBOARD = """html => navigator.clipboard.write([new ClipboardItem({
  "text/html": new Blob([html], { type: "text/html" }),
  "text/plain": new Blob(["plain"], { type: "text/plain" }),
})])"""


# What is pasted, and the Markdown it becomes.
PASTED = [
    ("<p>No formatting <span>at all</span></p>", "(plain)"),
    ("<b>Bold</b> and <em>so</em>", "**Bold** and *so*"),
    ("<b> spaced </b>out", "**spaced** out"),
    ("<b>one</b><b> two</b>", "**one two**"),
    ('<a href="javascript:alert(1)">no</a> <b>link</b>', "no **link**"),
    ('<a href="file:///C:/x">no</a> <b>link</b>', "no **link**"),
    (
        '<a href="https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.com'
        '%2Fa&amp;data=05">site</a>',
        "[site](https://example.com/a)",
    ),
    ("<script>alert(1)</script><b>x</b><style>p{}</style>", "**x**"),
    ("<b>5 * 3</b> [a] `b` _c_ <i>d_e</i>", "**5 \\* 3** \\[a\\] \\`b\\` \\_c\\_ *d_e*"),
    ("<b>x</b> true [@fda2023; @lii2023].", "**x** true [@fda2023; @lii2023]."),
    ("<h4>Deep</h4><p>x</p><h5>Deeper</h5>", "## Deep\n\nx\n\n### Deeper"),
    ("<h2>A</h2><h4>B</h4>", "## A\n\n### B"),
    ("<h3>First</h3><h2>Then</h2><h3>Last</h3>", "## First\n\n## Then\n\n### Last"),
    ("<p># <b>no</b> heading</p>", "\\# **no** heading"),
    ("<p>1. <b>no</b> list</p>", "1\\. **no** list"),
    ("<p>• <b>one</b></p><p>• two</p>", "* **one**\n* two"),
    ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n   * b\n2. c"),
    ("<blockquote><p>said</p></blockquote><b>x</b>", "> said\n\n**x**"),
    ("<table><tr><td><b>boxed</b></td></tr></table>", "**boxed**"),
    ("<table><tr><td colspan=2><b>a</b></td></tr><tr><td>b<td>c</table>",
     "| **a** |  |\n|---|---|\n| b | c |"),
]  # fmt: skip


@pytest.fixture
def page(transactional_db: None, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    build.site_text()
    context = browser.new_context(
        viewport=DESK,  # type: ignore[arg-type]
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield signed_in(context, live_server, ADD)
    context.close()


def pasted(page: Page, html: str, field: str = "body") -> str:
    """What stands in a box after a paste; "(plain)" when the browser is left to do it."""
    area = page.locator(f"#id_{field}")
    if area.evaluate(PASTE, [html, "plain"]):
        return "(plain)"
    return area.input_value()


def clip(name: str) -> tuple[str, str]:
    html = (CLIPBOARD / f"{name}.html").read_text("utf-8")
    return html, (CLIPBOARD / f"{name}.md").read_text("utf-8").strip()


@pytest.mark.parametrize("name", ["word", "docs"])
def test_paste_keeps_structure_and_drops_the_rest(page: Page, name: str) -> None:
    html, markdown = clip(name)
    assert pasted(page, html) == markdown


@pytest.mark.parametrize("name", ["word", "docs"])
def test_paste_from_the_real_clipboard_is_read_the_same(page: Page, name: str) -> None:
    """By Ctrl+V. Chromium takes out what it does not trust before the page sees it."""
    html, markdown = clip(name)
    page.evaluate(TO_CLIPBOARD, html)
    page.locator("#id_body").focus()
    page.keyboard.press("Control+v")
    expect(page.locator("#id_body")).not_to_have_value("")
    lines = page.locator("#id_body").input_value().splitlines()
    kept = [line for line in markdown.splitlines() if line[:1] not in {"*", " ", "1", "2"}]
    assert [line for line in kept if line and line not in lines] == []
    for words in ("A list of your medicines", "Rest.", "what the FDA says](https://www.fda.gov"):
        assert words in "\n".join(lines)


def test_paste_is_taken_back_by_one_undo(page: Page) -> None:
    area = page.locator("#id_body")
    area.fill("")
    area.press_sequentially("Mine")
    pasted(page, clip("docs")[0])
    assert area.input_value() != "Mine"
    area.press("Control+z")
    expect(area).to_have_value("Mine")


def test_paste_of_each_kind_becomes_its_markdown(page: Page) -> None:
    """All in one page: opening it takes longer than they do."""
    for html, markdown in PASTED:
        page.locator("#id_body").fill("")
        assert pasted(page, html) == markdown, html


def test_headings_fit_the_box_they_are_pasted_into(page: Page) -> None:
    html = "<h1>One</h1><p>Words.</p>"
    assert pasted(page, html, "summary") == "**One**\n\nWords."
    assert pasted(page, html, "questions") == "## One\n\nWords."


def test_address_pasted_over_words_becomes_their_link(page: Page) -> None:
    area = page.locator("#id_body")
    area.fill("see this page")
    area.evaluate("area => area.setSelectionRange(4, 8)")
    area.evaluate(PASTE, ["", "https://example.com/a"])
    expect(area).to_have_value("see [this](https://example.com/a) page")
