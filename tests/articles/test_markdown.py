"""Markdown to HTML: sources, headings, tables, and nothing unsafe."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from articles import markdown
from articles.library import nearest_key
from articles.mistakes import Library
from articles.models import Reference

LIBRARY = {
    "fda2023": Reference(
        key="fda2023", authors="FDA", title="A warning", journal="Notices", year=2023
    ),
    "lii2023": Reference(
        key="lii2023",
        authors="Lii TR",
        title="A trial",
        journal="Nature <b>Mental</b>",
        year=2023,
        volume="1(2)",
        pages="3-4",
        doi="10.1038/s44220",
        seen_at="https://example.com/where-it-was-read",
        to_confirm="pages 5-6",
    ),
}


def find(keys: set[str]) -> Mapping[str, Reference]:
    return {key: LIBRARY[key] for key in keys if key in LIBRARY}


def render(
    body: str = "", summary: str = "", questions: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    return markdown.render(summary, body, questions or [], Library(find))


def errors(**parts: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        render(**parts)
    return caught.value.message_dict


def test_citation_becomes_numbered_link_and_reference_links_back() -> None:
    page = render("It is not approved [@fda2023].")

    assert page["body"] == (
        '<p>It is not approved.<sup class="cite">'
        '<a href="#ref-1" id="cite-1" aria-label="Source 1">1</a></sup></p>'
    )
    [reference] = page["references"]
    assert (reference["number"], reference["key"]) == (1, "fda2023")
    assert '<a href="#cite-1"' in reference["html"]


def test_numbers_run_from_summary_through_body_to_answers() -> None:
    answer = {"question": "Why?", "answer": "Because [@lii2023]."}
    page = render("Body [@fda2023; @lii2023].", "Summary [@lii2023].", [answer])

    assert [(r["number"], r["key"]) for r in page["references"]] == [
        (1, "lii2023"),
        (2, "fda2023"),
    ]


def test_source_leads_back_to_the_first_place_that_names_it() -> None:
    answer = {"question": "Why?", "answer": "Because [@lii2023]."}
    page = render("Body [@fda2023; @lii2023].", "Summary [@lii2023].", [answer])

    places = [page["summary"], page["body"], page["questions"][0]["answer"]]
    assert [re.findall(r'id="(cite-\d+)"', place) for place in places] == [
        ["cite-1"], ["cite-2"], [],
    ]  # fmt: skip
    back = [re.findall('href="#(cite-[0-9]+)"', entry["html"]) for entry in page["references"]]
    assert back == [["cite-1"], ["cite-2"]]


def test_reference_prints_confirmed_details_only() -> None:
    html = render("[@lii2023]")["references"][0]["html"]

    assert "Lii TR. A trial. <cite>Nature &lt;b&gt;Mental&lt;/b&gt;</cite>, 2023;1(2):3-4." in html
    assert '<a href="https://doi.org/10.1038/s44220">doi.org/10.1038/s44220</a>' in html
    assert "where-it-was-read" not in html
    assert "5-6" not in html


def test_reference_without_volume_prints_its_pages_after_a_comma() -> None:
    assert Reference(year=2025, pages="published online").when == "2025, published online"
    assert Reference(year=2025, volume="3", pages="4-5").when == "2025;3:4-5"
    assert Reference(year=2025, volume="3").when == "2025;3"


def test_reference_without_address_prints_no_outside_link() -> None:
    html = render("[@fda2023]")["references"][0]["html"]
    assert "http" not in html


@pytest.mark.parametrize("field", ["summary", "body"])
def test_unknown_key_is_an_error_that_names_it(field: str) -> None:
    found = errors(**{field: "So they say [@nobody1999]."})
    assert list(found) == [field]
    assert "nobody1999" in found[field][0]


def test_unknown_key_in_answer_is_an_error_of_the_questions() -> None:
    found = errors(questions=[{"question": "Why?", "answer": "[@nobody1999]"}])
    assert list(found) == ["questions"]


def test_malformed_citation_is_an_error_that_shows_the_form() -> None:
    found = errors(body="So they say [@fda2023, p. 4].")
    assert found["body"] == ["“[@fda2023, p. 4]” is not a citation: write [@key] or [@key; @key]."]


def test_citation_split_over_two_lines_is_read() -> None:
    page = render("True\n[@fda2023;\n@lii2023]")
    assert [reference["key"] for reference in page["references"]] == ["fda2023", "lii2023"]
    assert page["body"].startswith('<p>True<sup class="cite">')


def test_headings_have_ids_and_a_table_of_contents() -> None:
    page = render("## How *long*?\n\n### In days\n\n## How long?")

    assert page["toc"] == [
        {"id": "section-how-long", "title": "How long?", "level": 2},
        {"id": "section-in-days", "title": "In days", "level": 3},
        {"id": "section-how-long-2", "title": "How long?", "level": 2},
    ]
    assert '<h2 id="section-how-long-2">How long?</h2>' in page["body"]


def test_heading_of_the_wrong_level_is_an_error() -> None:
    assert "“Title”" in errors(body="# Title")["body"][0]
    assert "“Deep”" in errors(body="## A\n\n#### Deep")["body"][0]
    assert "“Skipped”" in errors(body="### Skipped")["body"][0]
    assert "“Loud”" in errors(summary="## Loud")["summary"][0]


def test_table_scrolls_in_a_named_region_with_header_cells() -> None:
    page = render("## Rates\n\n| Study | Rate |\n|---|--:|\n| Lii [@lii2023] | none |")

    assert (
        '<div class="table-wrap" role="region" tabindex="0" aria-label="Table: Rates">'
        in (page["body"])
    )
    assert '<th scope="col">Study</th>' in page["body"]
    assert '<th scope="row">Lii<sup' in page["body"]
    assert "<td>none</td>" in page["body"]
    assert "style" not in page["body"]


def test_two_tables_under_one_heading_have_different_names() -> None:
    table = "| | B |\n|---|---|\n| | d |\n\n"
    page = render(f"## Rates\n\n{table}And\n\n{table}")

    names = re.findall(r'aria-label="([^"]*)"', page["body"])
    assert names == ["Table: Rates", "Table: Rates 2"]
    assert "<th></th>" not in page["body"]


def test_text_for_search_holds_words_but_no_sources() -> None:
    page = render("## Rates\n\nDon't *stop* [@lii2023].", "In short.", [QUESTION])
    assert page["text"] == "In short.\nRates Don't stop.\nIs it safe?\nAsk first."
    assert page["words"] == 10
    assert page["minutes"] == 1


QUESTION = {"question": "Is it safe?", "answer": "Ask **first**."}


def test_raw_html_and_script_links_are_harmless() -> None:
    page = render(
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1))\n\n"
        "[b](data:text/html,x)"
    )
    assert dangers(page["body"]) == []


class Dangers(HTMLParser):
    """Collects what must never be in our HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in markdown.ALLOWED_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(name)
            scheme = re.match(r"\s*([a-z]+):", (value or "").lower())
            if name == "href" and scheme and scheme[1] not in markdown.ALLOWED_SCHEMES:
                self.found.append(value or "")


def dangers(html: str) -> list[str]:
    parser = Dangers()
    parser.feed(html)
    return parser.found


MARKUP = st.sampled_from(
    ["[@fda2023]", "[@", "[@x]", "<script>", "](javascript:alert(1))", "[a", "\n## ", "\n### ",
     "\n| a | b |\n|---|---|\n| c |", "<a href=x onclick=y>", "```", "> ", "\n* ", "&#0;", "\x00",
     "\ud800", "![a](b)", "<https://a.example>"]
)  # fmt: skip


@given(st.lists(st.one_of(st.text(), MARKUP)).map("".join))
def test_any_text_renders_safely_or_is_a_validation_error(text: str) -> None:
    try:
        page = render(text, text, [{"question": text, "answer": text}])
    except ValidationError:
        return
    pieces = [page["summary"], page["body"], page["questions"][0]["answer"]]
    assert [dangers(piece) for piece in pieces] == [[], [], []]


def test_unknown_citation_names_the_nearest_key() -> None:
    library = Library(find, nearest_reference=lambda key: nearest_key(key, LIBRARY))
    _printed, mistakes = markdown.draft("", "One [@fda2032]. Two [@zzz].", [], library)
    assert [(mistake.near, mistake.message) for mistake in mistakes] == [
        ("@fda2032", "There is no reference “fda2032”. Did you mean [@fda2023]?"),
        (
            "@zzz",
            "There is no reference “zzz”: add it under References, or cite one that is there.",
        ),
    ]


def test_draft_is_printed_without_what_must_be_mended() -> None:
    body = "### Too deep\n\nTrue [@nobody], as said [@fda2023].\n\n![A chair](none)"
    printed, mistakes = markdown.draft("", body, [], Library(find))
    assert [mistake.field for mistake in mistakes] == ["body"] * 3
    assert [source["key"] for source in printed["references"]] == ["fda2023"]
    assert "<p>A chair</p>" in printed["body"]
