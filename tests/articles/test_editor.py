"""The writing screen: the page and the remarks for a text that nobody has saved."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Revision
from tests import build
from tests.articles import build as articles
from tests.articles.test_admin import ADD, form_of, signed_in, url

pytestmark = pytest.mark.django_db

PREVIEW = "/admin/articles/article/preview/"
REMARKS = "/admin/articles/article/remarks/"


@pytest.fixture(autouse=True)
def _site() -> None:
    build.site_text()


@pytest.fixture
def editor() -> Client:
    return signed_in(build.user("Editor"))


def remarks(client: Client, **typed: Any) -> str:
    response = client.post(REMARKS, form_of(**typed))
    assert response.status_code == 200
    return response.content.decode()


def places(shown: str) -> list[tuple[str, int, int]]:
    found = re.findall(r'data-field="(\w+)" data-start="(\d+)" data-end="(\d+)"', shown)
    return [(field, int(start), int(end)) for field, start, end in found]


def pointed_at(shown: str, **texts: str) -> list[str]:
    """The words that each remark leads to, counted as a browser counts them."""
    words = []
    for field, start, end in places(shown):
        units = texts[field].encode("utf-16-le")
        words.append(units[2 * start : 2 * end].decode("utf-16-le"))
    return words


def test_preview_is_the_page_with_what_is_in_the_form_and_saves_nothing(editor: Client) -> None:
    article = articles.published(slug="one")
    typed = form_of(article, body="## Not saved\n\nWords.", slug="one") | {"article": article.pk}
    shown = editor.post(PREVIEW, typed).content.decode()
    assert '<h2 id="section-not-saved">Not saved</h2>' in shown
    assert "Draft, revision 2: not what readers see" in shown
    assert article.revisions.count() == 1
    assert "Not saved" not in Client().get("/articles/one/").content.decode()


def test_preview_may_be_framed_by_our_own_pages_alone_and_is_not_kept(editor: Client) -> None:
    response = editor.post(PREVIEW, form_of())
    policy = response["Content-Security-Policy"]
    assert re.findall(r"frame-ancestors [^;]*", policy) == ["frame-ancestors 'self'"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in response["Cache-Control"]


def test_other_pages_stay_unframed_and_frame_only_our_own(editor: Client) -> None:
    policy = editor.get(ADD)["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "frame-src 'self'" in policy
    assert "unsafe" not in policy
    article = articles.published(slug="one")
    assert "frame-src" not in Client().get(article.get_absolute_url())["Content-Security-Policy"]


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "", "topic": "", "slug": "", "summary": "", "body": "", "questions": ""},
        {"body": "### Too deep\n\n[@nobody] ![](none)", "questions": "no question"},
        {"title": "x" * 500, "slug": "feed", "topic": "999999", "author": "nobody"},
    ],
)
def test_half_written_text_has_a_preview_and_remarks(editor: Client, typed: dict[str, str]) -> None:
    for address in (PREVIEW, REMARKS):
        assert editor.post(address, form_of() | typed).status_code == 200
    assert not Article.objects.exists()
    assert not Revision.objects.exists()


@pytest.mark.parametrize("address", [PREVIEW, REMARKS])
def test_text_in_the_form_is_for_editors_only(address: str) -> None:
    assert Client().post(address, form_of())["Location"].startswith("/admin/login/")
    for group in ("Medical reviewer", "Intake lead"):
        assert signed_in(build.user(group)).post(address, form_of()).status_code == 403


@pytest.mark.parametrize("address", [PREVIEW, REMARKS])
def test_text_in_the_form_is_never_in_an_address(editor: Client, address: str) -> None:
    assert editor.get(address).status_code == 405


def test_finding_leads_to_its_sentence_past_an_emoji_and_line_ends(editor: Client) -> None:
    body = "## Here\r\n\r\nA calm sentence 🙂.\r\n\r\nKetamine cures depression. It is so."
    shown = remarks(editor, body=body)
    plain = body.replace("\r\n", "\n")
    assert "Ketamine cures depression." in pointed_at(shown, body=plain)
    assert "Must change" in shown


def test_finding_in_an_answer_leads_to_it_in_the_box_of_questions(editor: Client) -> None:
    questions = "\n\n##   Does it work?  \n\n\nKetamine cures depression."
    shown = remarks(editor, questions=questions)
    found = [place for place in places(shown) if place[0] == "questions"]
    assert found
    assert set(pointed_at(shown, questions=questions)) == {"Ketamine cures depression."}


def test_mistake_leads_to_the_key_and_names_the_nearest(editor: Client) -> None:
    body = "## Here\n\nTrue [@fda2032]."
    shown = remarks(editor, body=body)
    assert "Did you mean [@fda2023]?" in shown
    assert pointed_at(shown, body=body)[0] == "@fda2032"


def test_text_without_a_fault_says_so(editor: Client) -> None:
    shown = remarks(editor, body="## What is known\n\nAsk your own doctor about it [@fda2023].")
    assert "Nothing to mend." in shown
    assert 'data-count="0"' in shown


def test_broken_links_are_found_and_good_ones_are_not(editor: Client) -> None:
    articles.published(slug="live")
    articles.draft(slug="not-live")
    moved = articles.published(slug="old")
    moved.move_to("new")
    links = {
        "/articles/live/": "",
        "/articles/live/?from=here#main": "",
        "/locations/": "",
        "https://example.com/anything": "",
        "mailto:front-desk@example.com": "",
        "#section-here": "",
        "http://127.0.0.1:8000/articles/live/": "",
        "/articles/not-live/": "There is no such page",
        "/nothing-here/": "There is no such page",
        "http://127.0.0.1:8000/nothing/": "There is no such page",
        "/articles/old/": "This page has moved: link to /articles/new/.",
        "articles/live/": "Begin it with https://",
        "/admin/": "Readers cannot open",
        "#section-there": "no part “#section-there”",
    }
    for href, words in links.items():
        cache.clear()
        shown = remarks(editor, body=f"## Here\n\nSee [this]({href}) for more [@fda2023].")
        assert (words in shown) if words else ("Broken link" not in shown), href


def test_lengths_of_title_and_description_are_told(editor: Client) -> None:
    shown = remarks(editor, short_title="Ten chars.", description="Too short.")
    assert "Short title: 10 of at most 60 characters" in shown
    assert '<li class="late">Description: 10 characters, of 50 to 160</li>' in shown


def test_remarks_take_as_many_queries_for_many_sentences_as_for_one(editor: Client) -> None:
    def queries(body: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            remarks(editor, body=body)
        return len(captured)

    sentence = "Ketamine cures depression [@fda2023]."
    queries(sentence)
    assert queries(sentence) == queries("\n\n".join([sentence] * 9))


def test_words_in_the_form_are_escaped_in_the_remarks(editor: Client) -> None:
    shown = remarks(editor, title="<script>x</script>", body="Ketamine <b>cures</b> depression.")
    assert "<script>" not in shown
    assert "<b>cures" not in shown


def test_address_is_made_from_the_title_when_left_empty(editor: Client) -> None:
    editor.post(ADD, form_of(slug="", title="What It Costs, & Why"))
    assert Article.objects.get().slug == "what-it-costs-why"


def test_emptied_address_of_an_article_stays_what_it_was(editor: Client) -> None:
    article = articles.published(slug="one")
    editor.post(url("change", article), form_of(article, slug="", title="Another title"))
    article.refresh_from_db()
    assert article.slug == "one"


def test_save_and_ask_for_approval_is_one_press(editor: Client) -> None:
    editor.post(ADD, form_of() | {"_submit": "1"})
    newest = Article.objects.get().revisions.latest()
    assert [word.decision for word in newest.approvals.all()] == ["asked"]


def test_writing_screen_is_told_where_to_go_after_saving(editor: Client) -> None:
    response = editor.post(ADD, form_of(), headers={"accept": "application/json, text/html"})
    assert response.json() == {"location": url("change", Article.objects.get())}
    assert (
        "Saved. The newest text is revision 1."
        in editor.get(url("change", Article.objects.get())).content.decode()
    )


def test_line_ends_of_a_browser_make_no_revision(editor: Client) -> None:
    article = articles.draft(slug="new-one")
    typed = form_of(article)
    for name in ("summary", "body", "questions"):
        typed[name] = typed[name].replace("\n", "\r\n")
    editor.post(url("change", article), typed)
    assert article.revisions.count() == 1
    editor.post(url("change", article), typed | {"body": "## One\r\n\r\nTwo."})
    assert article.revisions.latest().body == "## One\n\nTwo."


def test_second_editor_gets_the_whole_of_both_texts(editor: Client) -> None:
    article = articles.draft(slug="new-one")
    mine = form_of(article, body="## Mine\n\nMy words.")
    theirs = signed_in(build.user("Editor"))
    theirs.post(url("change", article), form_of(article, body="## Theirs\n\nTheir words."))
    shown = editor.post(url("change", article), mine).content.decode()
    assert re.search(r"<textarea[^>]*readonly[^>]*>## Theirs\n\nTheir words\.</textarea>", shown)
    assert re.search(r'<textarea name="body"[^>]*>\s*## Mine\s+My words\.</textarea>', shown)


def test_preview_prints_the_status_of_the_treatments_that_are_ticked(editor: Client) -> None:
    other = articles.treatment(statement="This one is compounded, and nobody approved it.")
    shown = editor.post(PREVIEW, form_of(other_treatments=[other.pk])).content.decode()
    assert other.statement in shown
    assert other.statement not in editor.post(PREVIEW, form_of()).content.decode()
