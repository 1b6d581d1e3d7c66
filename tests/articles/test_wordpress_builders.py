"""What editors, page builders and old themes write, in our Markdown; and texts meant to hurt."""

import time
from contextlib import suppress

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from articles.importers.blocks import to_html
from articles.importers.html import to_markdown
from articles.importers.nesting import TooLarge
from articles.importers.texts import Sources, Text
from tests.articles.test_wordpress_html import SOURCES, convert, printed, visible


@pytest.mark.parametrize(
    ("source", "body"),
    [
        # Galleries, before and after WordPress 5.9.
        (
            '<ul class="wp-block-gallery"><li class="blocks-gallery-item"><figure>'
            '<img src="/a.jpg" alt="A"><figcaption>B</figcaption></figure></li></ul>',
            "![A](a.jpg)\n\nB",
        ),
        ('<figure><figure><img src="/a.jpg" alt="A"></figure></figure>', "![A](a.jpg)"),
        # Blocks.
        ('<pre class="wp-block-verse">a\n<em>b</em></pre>', "a\\\n*b*"),
        ("<pre>a<br>b</pre>", "```\na\nb\n```"),
        ('<div><button type="button">Words</button></div>', "Words"),
        (
            '<a href="https://x/f">Form</a><a class="wp-block-file__button" href="https://x/f">'
            "Download</a>",
            "[Form](https://x/f)",
        ),
        ("https://x.example.com/v", "[https://x.example.com/v](https://x.example.com/v)"),
        # Tables.
        (
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><th>c</th><td>d</td></tr>"
            "</tbody><tfoot><tr><td>e</td><td>f</td></tr></tfoot></table>",
            "| a | b |\n| --- | --- |\n| c | d |\n| e | f |",
        ),
        (
            "<table><caption>T</caption><tr><td></td><th>a</th></tr><tr><td>b</td><td>c</td></tr>"
            "</table>",
            "T\n\n|  | a |\n| --- | --- |\n| b | c |",
        ),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d<ul><li>e</li><li>f</li></ul>"
            "</td></tr></table>",
            "| a | b |\n| --- | --- |\n| c | d e; f |",
        ),
        (
            "<table><tr><td><h3>a</h3><p>b</p></td><td><table><tr><td>c</td></tr></table></td></tr>"
            "</table>",
            "## a\n\nb\n\nc",
        ),
        (
            "<table><tr><td>a</td></tr><tr><td>b</td><td colspan='x'>c</td></tr></table>",
            "| a |  |\n| --- | --- |\n| b | c |",
        ),
        # Lists.
        ("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ul><li>a<li>b</ul><p>c<p>d", "- a\n- b\n\nc\n\nd"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "| a | b |\n| --- | --- |\n| c | d |"),
        ('<ol start="5"><li>a</li></ol>', "5. a"),
        # Classic posts.
        ("<p>a<br><br />b</p>", "a\n\nb"),
        ("<p>a<br><br>- b<br><br></p>", "a\n\n\\- b"),
        ("<p><b>a<br><br>b</b></p>", "**a\\\nb**"),
        ("<center><font size='4'>a</font></center>b", "a\n\nb"),
        ("10<sup>6</sup> 1<sup>st</sup>", "10⁶ 1st"),
        ('a<?xml:namespace prefix = o ns = "u" /><o:p>b</o:p><![if !x]>c<![endif]>', "abc"),
        ("a <!-- never ends", "a never ends"),
        ("a < b & c", "a < b & c"),
        (
            '[caption width="3" caption="Words"]<img src="/a.jpg" alt="A">[/caption]',
            "![A](a.jpg)\n\nWords",
        ),
        # Pictures that are loaded late.
        ('<img src="data:x" data-lazy-src="/a.jpg" alt="A">', "![A](a.jpg)"),
        ('<img srcset="/s.jpg 300w, /a.jpg 900w" alt="A">', "![A](a.jpg)"),
        (
            '<img src="data:x" alt="A"><noscript><img src="/a.jpg" alt="A"></noscript>',
            "![A](a.jpg)",
        ),
        # Page builders.
        ('[vc_custom_heading text="A"]\n\nb', "## A\n\nb"),
        ('[et_pb_toggle title="A"]b[/et_pb_toggle]', "## A\n\nb"),
        ('[et_pb_button button_url="https://x/" button_text="A" /]', "[A](https://x/)"),
        ("a\n\n[vc_raw_html]JTNDc2Ny[/vc_raw_html]\n\nb", "a\n\nb"),
        ("[rev_slider home]\n\na [sic] [see b]", "a \\[sic\\] \\[see b\\]"),
    ],
)
def test_what_editors_and_builders_wrote(source: str, body: str) -> None:
    assert convert(source).body == body


def test_questions_of_rank_math_become_our_own() -> None:
    found = convert(
        '<div class="rank-math-faq-item"><h3 class="rank-math-question">A?</h3>'
        '<div class="rank-math-answer">B.</div></div>'
    )
    assert (found.body, found.questions) == ("", [{"question": "A?", "answer": "B."}])


def test_question_without_an_answer_stays_in_the_text() -> None:
    found = convert(
        '<div class="schema-faq-section"><strong class="schema-faq-question">A?</strong></div>'
    )
    assert (found.body, found.questions) == ("A?", [])


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("[x_y id=1]", "left out: shortcode [x_y id=1]"),
        ("[x_y]a[/x_y]", "left out: shortcode [x_y], its words kept"),
        ("[vc_raw_js]eA==[/vc_raw_js]", "left out: shortcode [vc_raw_js] and the code in it"),
        ("<select><option>a</option></select>", "left out: <select>"),
        (
            '<div style="background-image:url(/a.jpg)">a</div>',
            "left out: a picture behind words, /a.jpg",
        ),
        (
            '<!-- wp:social-link {"url":"https://x/"} /-->',
            "left out: block social-link, https://x/",
        ),
        ("<iframe></iframe>", "left out: <iframe>"),
    ],
)
def test_what_is_left_out_is_named(source: str, note: str) -> None:
    assert convert(source).notes == [note]


def test_reusable_blocks_in_each_other_are_followed_to_an_end() -> None:
    blocks = {"1": 'a <!-- wp:block {"ref":2} /-->', "2": 'b <!-- wp:block {"ref":1} /-->'}
    sources = Sources(
        SOURCES.picture, SOURCES.link, SOURCES.attachment, lambda ref: blocks.get(ref, "")
    )
    found = to_markdown('<!-- wp:block {"ref":1} /-->', sources)
    assert found.body.split() == ["a", "b"] * 4
    assert found.notes == ["left out: reusable block 1, too deep in others"]


# --- Texts meant to hurt ------------------------------------------------------------------------

REPEATED = [
    "<div ", "<!-- wp:a ", "<!-- wp:a {", "<!--more", "<", "<pre>", "<script>", " ", "\t", "&",
    "<!", "<p><br><br>",
    "<![CDATA[", "</", "<br ", '<a b="', "[caption]<img>", "[embed]x", "[a ", "[/a]", "[a][/a]",
    "[vc_raw_js]", "a=", "\n ", "â€", "<b>x</b>", "<p>", "<li>", "<td>", "%a", "`", "_", "\\",
    "<!-- wp:block -->", "url(", '<i style="background:url(', "&#", "1", "=",
]  # fmt: skip


@pytest.mark.parametrize("repeated", REPEATED)
def test_sixty_thousand_letters_meant_to_hurt_take_no_time(repeated: str) -> None:
    """Twice as long may take twice as long, not four times: then a million would take minutes."""
    source = f"x[a {repeated * (60_000 // len(repeated))} x"
    start = time.process_time()
    with suppress(TooLarge):
        to_markdown(source, SOURCES)
    assert time.process_time() - start < 6


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<div>" * 200, "nested deeper"),
        ("<b>x</b>" * 60_000, "100,000 tags"),
        ("x" * 8_000_001, "eight million"),
    ],
)
def test_text_that_no_person_wrote_is_refused(source: str, why: str) -> None:
    with pytest.raises(TooLarge, match=why):
        convert(source)


# --- Words in, words out ------------------------------------------------------------------------

WORD = st.sampled_from(["one", "two", "H2", "a_b", "5 * 3", "x < y", "#1", "- z", "1. w", "[@k]"])
INLINE = st.sampled_from(["b", "em", "strong", "span", "i", "u", "small", "code"])


def inline(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = words.map(lambda said: said.replace("<", "&lt;"))
    return plain | st.tuples(INLINE, plain).map(lambda two: f"x <{two[0]}>{two[1]}</{two[0]}> y")


PARAGRAPH = inline(WORD).map(lambda said: f"<p>{said}</p>")
HEADING = st.tuples(st.integers(1, 6), inline(WORD)).map(
    lambda two: f"<h{two[0]}>{two[1]}</h{two[0]}>"
)
ITEMS = st.lists(inline(WORD), min_size=1, max_size=3).map(
    lambda all_: "<ul>" + "".join(f"<li>{one}</li>" for one in all_) + "</ul>"
)
TABLE = st.lists(st.tuples(WORD, WORD), min_size=1, max_size=3).map(
    lambda rows: (
        "<table>"
        + "".join(
            f"<tr><td>{a.replace('<', '&lt;')}</td><td>{b.replace('<', '&lt;')}</td></tr>"
            for a, b in rows
        )
        + "</table>"
    )
)
PART = PARAGRAPH | HEADING | ITEMS | TABLE
BOX = st.lists(PART, min_size=1, max_size=4).map(
    lambda parts: f"<div>{''.join(parts)}</div><blockquote>{''.join(parts)}</blockquote>"
)


@given(st.lists(PART | BOX, min_size=1, max_size=6).map("".join))
def test_page_is_read_with_the_words_it_had(source: str) -> None:
    """All that stood in paragraphs, headings, lists, tables and boxes, once and in order."""
    html = printed(convert(source).body)
    spaced = to_html(source, SOURCES, Text())
    wanted = BeautifulSoup(spaced.replace("</", " </"), "html.parser").get_text()
    assert "".join(visible(html).split()) == "".join(wanted.split())
