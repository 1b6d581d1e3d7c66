"""HTML as WordPress keeps it, in our Markdown."""

import re
from html import escape

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from articles.importers.html import to_markdown
from articles.importers.texts import Sources, Text
from articles.markdown import PARSER, Page, parse

SOURCES = Sources(
    picture=lambda address, words, number: f"![{words}]({address.rsplit('/', 1)[-1]})",
    link=lambda address: address if address.startswith(("https:", "mailto:")) else "",
    attachment=lambda number: f"https://old.example.com/{number}.jpg",
    reusable=lambda number: "<!-- wp:paragraph --><p>Again</p><!-- /wp:paragraph -->",
)


def convert(source: str) -> Text:
    return to_markdown(source, SOURCES)


def block(name: str, html: str, said: str = "") -> str:
    return f"<!-- wp:{name} {said}-->\n{html}\n<!-- /wp:{name} -->"


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("One\n\nTwo", "One\n\nTwo"),
        ("One\r\nline\r\n\r\nTwo", "One\\\nline\n\nTwo"),
        ("<p>One<br />\nline</p>", "One\\\nline"),
        ("<b>Bold </b>and <i>soft</i>", "**Bold** and *soft*"),
        ("<strong>a <b>b</b></strong>", "**a b**"),
        ('<a href="https://x.example.com/a_(b)">x</a>', "[x](https://x.example.com/a_%28b%29)"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href="#top">x</a> <a>y</a>', "x y"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n  - b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<h1>A</h1><h2>B</h2><h4>C</h4>", "## A\n\n### B\n\n### C"),
        ("<h4>A</h4>text", "## A\n\ntext"),
        ("<h3>A</h3><h2>B</h2><h3>C</h3>", "## A\n\n## B\n\n### C"),
        ("<h2></h2><h2>A <strong>b</strong></h2>", "## A b"),
        ("<ul><li><h3>A</h3>b</li></ul>", "- **A**\n\n  b"),
        ("<blockquote>a\n\nb</blockquote>", "> a\n>\n> b"),
        ("<p># a</p><p>1. b</p><p>- c</p><p>> d</p>", "\\# a\n\n1\\. b\n\n\\- c\n\n\\> d"),
        ("[@murrough2013rct] and [sic]", "\\[@murrough2013rct\\] and \\[sic\\]"),
        ("a_b _c_ 2 * 3 `d`", "a_b \\_c\\_ 2 \\* 3 \\`d\\`"),
        ("R&amp;D &lt;b&gt; &amp;copy;", "R&D \\<b> \\&copy;"),
        ("a&nbsp;b\u200bc\u00add", "a bcd"),
        ("<del>old</del> H<sub>2</sub>O", "old H2O"),
        ("<table><tr><td>a|b</td><td>c</td></tr></table>", "| a\\|b | c |\n| --- | --- |"),
        ("<hr>", "---"),
        ("<pre>a\n  b [x]</pre>", "```\na\n  b [x]\n```"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "**a**\n\nb"),
        ("<details><summary>a</summary><p>b</p></details>", "**a**\n\nb"),
        ("<div>a</div><div>b</div>", "a\n\nb"),
        ("[su_box title='x']words[/su_box]", "words"),
        ("[[gallery]] shows", "\\[gallery\\] shows"),
        (
            "[embed]https://x.example.com/v[/embed]",
            "[https://x.example.com/v](https://x.example.com/v)",
        ),
        ('[gallery ids="3,4"]', "![](3.jpg)\n\n![](4.jpg)"),
        ("<p>a</p><!--more--><p>b</p>", "a\n\nb"),
        ("", ""),
        ("<p></p><!-- wp:spacer /-->", ""),
    ],
)
def test_html_becomes_markdown(source: str, body: str) -> None:
    assert convert(source).body == body


def test_blocks_say_what_was_left_out() -> None:
    found = convert(
        block("paragraph", "<p>One</p>")
        + '<!-- wp:latest-posts {"a":1} /-->'
        + '<!-- wp:block {"ref":7} /-->'
        + block("image", '<figure><img src="https://x/a.jpg" alt="A"/></figure>', '{"id":1} ')
    )
    assert found.body == "One\n\nAgain\n\n![A](a.jpg)"
    assert found.notes == ["left out: block latest-posts"]


def test_film_becomes_a_link() -> None:
    found = convert('<iframe src="//www.youtube.com/embed/x"></iframe>')
    address = "https://www.youtube.com/embed/x"
    assert found.body == f"[{address}]({address})"
    assert found.notes == ["left out: <iframe>, a link in its place"]


def test_caption_stands_under_its_picture() -> None:
    classic = '[caption id="a" width="3"]<img src="https://x/a.jpg" alt="A" /> Words[/caption]'
    figure = '<figure><img src="https://x/a.jpg" alt="A"><figcaption>Words</figcaption></figure>'
    assert convert(classic).body == convert(figure).body == "![A](a.jpg)\n\nWords"


def visible(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text().split())


def printed(body: str) -> str:
    return str(PARSER.renderer.render(parse(body), PARSER.options, {"page": Page()}))


# What the typographer changes on purpose is not part of the comparison.
WORDS = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="'\"-.+?!,()…–—")  # noqa: RUF001
    | st.sampled_from(" #>*_`[]|&<=~\\1a"),
    min_size=1,
    max_size=40,
)


@given(WORDS)
def test_words_of_a_paragraph_are_read_as_they_were(words: str) -> None:
    """Whatever was typed stays text: nothing of it becomes a mark."""
    body = to_markdown(f"<p>{escape(words)}</p>", SOURCES).body
    assert visible(printed(body)) == visible(f"<p>{escape(words)}</p>")


@given(
    st.text(max_size=200) | st.from_regex(r"(<[a-z0-9/! -]{0,8}>|\[[a-z/ =\"]{0,9}\]|x|\n){0,40}")
)
def test_no_source_breaks_the_conversion(source: str) -> None:
    found = to_markdown(source, SOURCES)
    assert re.findall(r"<(script|iframe|img)", printed(found.body)) == [] or "![" in found.body
