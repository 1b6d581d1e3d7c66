"""Writing an article in Chromium: the buttons, the page beside the text, and nothing lost."""

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from tests import build
from tests.articles import build as articles
from tests.browser.conftest import DESK
from tests.browser.editing import ADD, sign_in, signed_in, wait_until_ready

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def article(transactional_db: None) -> Article:
    build.site_text()
    articles.reference(key="murrough2013rct", authors="Murrough JW", title="A trial", year=2013)
    return articles.draft(slug="one", body="## Here\n\nFirst line.\n\nKetamine cures depression.")


# Button, text, what is selected in it, and the text after a press.
BUTTONS = [
    ("Heading", "One\n\nTwo", (6, 6), "One\n\n## Two"),
    ("Heading", "## One", (4, 4), "One"),
    ("Heading below a heading", "## One", (4, 4), "### One"),
    ("Bold", "One two", (4, 7), "One **two**"),
    ("Bold", "One **two**", (6, 9), "One two"),
    ("Bold", "One two ", (4, 8), "One **two** "),
    ("Italic", "One two", (4, 7), "One *two*"),
    ("List", "One\nTwo", (0, 7), "* One\n* Two"),
    ("List", "* One\n* Two", (0, 11), "One\nTwo"),
    ("Numbered list", "One\nTwo", (0, 7), "1. One\n2. Two"),
    ("Quotation", "One", (0, 0), "> One"),
    ("Link", "One two", (4, 7), "One [two](https://)"),
    ("Link", "https://example.com", (0, 19), "[](https://example.com)"),
]


def change(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


@pytest.fixture
def page(desk: BrowserContext, live_server: LiveServer, article: Article) -> Iterator[Page]:
    """The writing screen; fails when the browser had something to complain about."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of" not in message.text:
            complaints.append(message.text)

    desk.on("console", note)
    desk.on("weberror", lambda error: complaints.append(str(error.error)))
    yield signed_in(desk, live_server, change(article))
    # What Chromium notes when a test makes the network fail on purpose.
    assert [text for text in complaints if "net::ERR" not in text] == []


def write(page: Page, text: str, start: int, end: int | None = None) -> None:
    """Fills the text and selects a part of it."""
    area = page.locator("#id_body")
    area.fill(text)
    area.evaluate("(area, [from, to]) => area.setSelectionRange(from, to)", [start, end or start])


def body(page: Page) -> str:
    return page.locator("#id_body").input_value()


def tool(page: Page, name: str) -> None:
    bar = page.get_by_role("toolbar", name="Formatting of Text")
    bar.get_by_role("button", name=name, exact=True).click()


def test_button_marks_the_text_and_undo_takes_it_back(page: Page) -> None:
    """All in one page: opening it takes longer than they do."""
    for name, before, chosen, after in BUTTONS:
        write(page, before, *chosen)
        tool(page, name)
        assert body(page) == after, name
        page.locator("#id_body").press("Control+z")
        assert body(page) == before, name


def test_table_stands_in_a_paragraph_of_its_own(page: Page) -> None:
    write(page, "One", 3)
    tool(page, "Table")
    assert body(page) == "One\n\n| Column 1 | Column 2 |\n|---|---|\n|  |  |"


def test_keys_do_what_the_buttons_do(page: Page) -> None:
    for key, after in {"b": "**One**", "i": "*One*", "k": "[One](https://)"}.items():
        write(page, "One", 0, 3)
        page.locator("#id_body").press(f"Control+{key}")
        assert body(page) == after


def test_enter_goes_on_with_a_list_and_ends_it(page: Page) -> None:
    write(page, "* One", 5)
    area = page.locator("#id_body")
    area.press("Enter")
    area.press_sequentially("Two")
    assert body(page) == "* One\n* Two"
    area.press("Enter")
    area.press("Enter")
    assert body(page) == "* One\n* Two\n"


def test_toolbar_is_one_stop_and_then_arrow_keys(page: Page) -> None:
    page.locator("#id_body").focus()
    page.keyboard.press("Alt+F10")
    bar = page.get_by_role("toolbar", name="Formatting of Text")
    expect(bar.get_by_role("button", name="Heading", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Heading below a heading")).to_be_focused()
    page.keyboard.press("End")
    expect(bar.get_by_role("button", name="Source…")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Heading", exact=True)).to_be_focused()
    assert bar.locator("button[tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    expect(page.locator("#id_body")).to_be_focused()


def test_source_is_found_by_its_words_and_cited_where_the_cursor_is(page: Page) -> None:
    write(page, "It is true.", 10)
    tool(page, "Source…")
    page.get_by_label("Author, year or words of its title").fill("murr 2013")
    page.keyboard.press("Enter")
    assert body(page) == "It is true [@murrough2013rct]."
    expect(page.locator("#id_body")).to_be_focused()
    tool(page, "Source…")
    page.get_by_role("button", name="@fda2023").click()
    assert body(page) == "It is true [@murrough2013rct; @fda2023]."


def test_picture_is_put_in_with_its_words(page: Page) -> None:
    articles.picture(key="chair", alt="A chair by a window.")
    write(page, "One", 3)
    tool(page, "Picture…")
    page.get_by_role("button", name="A chair by a window.").click()
    assert body(page) == "One\n\n![A chair by a window.](chair)"


def test_preview_follows_the_text_and_stays_where_it_was_scrolled_to(page: Page) -> None:
    shown = page.frame_locator("iframe[name=preview]")
    expect(shown.locator("h1")).to_have_text("How long it lasts")
    page.locator("#id_title").fill("Another title")
    expect(shown.locator("h1")).to_have_text("Another title")
    frame = page.frame(name="preview")
    assert frame
    frame.evaluate("scrollTo({ top: 300, behavior: 'instant' })")
    write(page, "## New heading\n\nWords.", 0)
    page.locator("#id_body").press("End")
    expect(shown.get_by_role("heading", name="New heading")).to_be_attached()
    assert frame.evaluate("scrollY") == 300
    assert Article.objects.get().revisions.count() == 1


def test_preview_is_as_wide_as_a_phone_or_a_desk(page: Page) -> None:
    frame = page.frame(name="preview")
    assert frame
    frame.wait_for_selector("h1")
    assert frame.evaluate("innerWidth") == 375
    page.get_by_role("button", name="Desktop").click()
    assert frame.evaluate("innerWidth") == 1280
    box = page.locator("iframe[name=preview]").bounding_box()
    assert box
    assert box["x"] + box["width"] <= DESK["width"]


def test_remark_leads_to_its_sentence(page: Page) -> None:
    page.get_by_role("button", name="Notes").click()
    page.get_by_role("button", name="Ketamine cures depression.").first.click()
    expect(page.locator("#id_body")).to_be_focused()
    chosen = page.locator("#id_body").evaluate(
        "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    )
    assert chosen == "Ketamine cures depression."
    page.keyboard.type("Ask your doctor about it [@fda2023].")
    expect(page.get_by_text("Nothing to mend.")).to_be_visible()


def test_saved_text_goes_on_to_the_article(page: Page, article: Article) -> None:
    write(page, "## Saved\n\nWords.", 0)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. The newest text is revision 2.")).to_be_visible()
    assert article.revisions.latest().body == "## Saved\n\nWords."


def test_mistake_is_said_beside_its_field_and_the_text_is_kept(page: Page) -> None:
    write(page, "My long work [@fda2032].", 0)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errorlist").get_by_text("Did you mean [@fda2023]?")).to_be_visible()
    assert body(page) == "My long work [@fda2032]."


def answer_503(route: Route) -> None:
    route.fulfill(status=503, body="away")


def answer_nothing(route: Route) -> None:
    route.abort()


def test_server_that_does_not_answer_costs_no_word(page: Page, article: Article) -> None:
    write(page, "My long work.", 0)
    for refuse in (answer_503, answer_nothing):
        page.route("**/change/", refuse)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("The site did not answer")).to_be_visible()
        assert body(page) == "My long work."
        page.unroute("**/change/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. The newest text is revision 2.")).to_be_visible()
    assert article.revisions.latest().body == "My long work."


def test_ended_session_costs_no_word(
    page: Page, desk: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    write(page, "My long work.", 0)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("You have been signed out")).to_be_visible()
    assert body(page) == "My long work."

    account = build.user("Editor", username="again")
    elsewhere = desk.new_page()
    elsewhere.goto(f"{live_server.url}/accounts/login/")
    elsewhere.get_by_label("Username").fill(account.username)
    elsewhere.get_by_label("Password").fill("a-long-test-password")
    elsewhere.get_by_role("button", name="Sign in", exact=True).click()
    elsewhere.wait_for_url("**/admin/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. The newest text is revision 2.")).to_be_visible()
    assert article.revisions.latest().body == "My long work."


def test_closed_tab_gives_back_what_was_never_saved(
    page: Page, desk: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    write(page, "My long work.", 0)
    page.wait_for_timeout(600)  # a copy is made when typing pauses
    page.close()
    again = desk.new_page()
    again.goto(live_server.url + change(article))
    wait_until_ready(again)
    assert body(again) != "My long work."
    again.get_by_role("button", name="Bring it back").click()
    assert body(again) == "My long work."
    again.get_by_role("button", name="Save", exact=True).click()
    expect(again.get_by_text("Saved. The newest text is revision 2.")).to_be_visible()
    expect(again.get_by_role("button", name="Bring it back")).to_be_hidden()


def test_leaving_with_unsaved_text_asks_first(page: Page) -> None:
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    page.reload()
    wait_until_ready(page)
    assert asked == []
    write(page, "My long work.", 0)
    page.reload()
    assert asked == ["beforeunload"]


def test_second_of_two_editors_sees_both_texts_and_nothing_is_lost(
    browser: Browser, live_server: LiveServer, article: Article
) -> None:
    contexts = [browser.new_context(viewport=DESK) for _editor in range(2)]  # type: ignore[arg-type]
    first, second = (signed_in(context, live_server, change(article)) for context in contexts)
    write(first, "## Theirs\n\nTheir words.", 0)
    write(second, "## Mine\n\nMy words.", 0)
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_text("Saved. The newest text is revision 2.")).to_be_visible()

    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.get_by_text("Somebody saved revision 2 while you were writing")).to_be_visible()
    second.get_by_text("Their whole Text, to copy from").click()
    expect(second.get_by_role("textbox", name="Text", exact=True)).to_have_value(
        "## Theirs\n\nTheir words."
    )
    assert body(second) == "## Mine\n\nMy words."
    write(second, "## Both\n\nTheir words. My words.", 0)
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.get_by_text("Saved. The newest text is revision 3.")).to_be_visible()
    assert [revision.body for revision in article.revisions.all()[:2]] == [
        "## Both\n\nTheir words. My words.",
        "## Theirs\n\nTheir words.",
    ]
    for context in contexts:
        context.close()


def test_without_javascript_there_are_boxes_a_preview_button_and_saving(
    browser: Browser, live_server: LiveServer, article: Article
) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server, build.user("Editor"))
    page = context.new_page()
    page.goto(live_server.url + change(article))
    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(page.locator("iframe")).to_be_hidden()
    page.locator("#id_body").fill("## Plain\n\nWords.")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Open the preview").click()
    expect(opened.value.get_by_role("heading", name="Plain")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. The newest text is revision 2.")).to_be_visible()
    page.get_by_role("link", name="Notes on it").click()
    expect(page.get_by_text("Years of school it asks for")).to_be_visible()
    context.close()


def test_new_article_is_written_and_sent_for_review_without_leaving_the_screen(
    desk: BrowserContext, live_server: LiveServer, article: Article
) -> None:
    page = signed_in(desk, live_server, ADD)
    page.get_by_label("Title:", exact=True).fill("What a visit costs")
    page.get_by_label("Topic:").select_option(index=1)
    page.get_by_label("Short title:").fill("What a visit costs")
    page.get_by_label("Description:").fill(articles.DESCRIPTION)
    page.get_by_label("Plain summary:").fill("It is off-label [@fda2023].")
    page.get_by_label("Text:", exact=True).fill("## Costs\n\nAsk first [@fda2023].")
    page.get_by_role("button", name="Save and ask for approval").click()
    expect(page.get_by_text("The medical reviewers have been asked.")).to_be_visible()
    made = Article.objects.get(slug="what-a-visit-costs")
    assert made.revisions.latest().approvals.get().decision == "asked"
