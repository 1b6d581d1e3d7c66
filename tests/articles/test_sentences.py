"""Markdown as folded sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.sentences import read


def texts(source: str) -> list[str]:
    return [sentence.text for sentence in read(source)]


@pytest.mark.parametrize(
    ("source", "sentences"),
    [
        ("One. Two! Three? Four", ["one.", "two!", "three?", "four"]),
        ("Dr. Smith, e.g. in Opelika, waits.", ["dr. smith, e.g. in opelika, waits."]),
        ("It rose by 0.5 points. Then it fell.", ["it rose by 0.5 points.", "then it fell."]),
        (
            "It began in the U.S. The trial was small.",
            ["it began in the u.s.", "the trial was small."],
        ),
        ("It began in the U.S. in 1970.", ["it began in the u.s. in 1970."]),
        ("Open at 9 a.m. on Monday.", ["open at 9 a.m. on monday."]),
        ('"No risk!" they say.', ['"no risk!" they say.']),
        ("He said it. “It works.” She left.", ["he said it.", '"it works."', "she left."]),
        ("It fades [@han2016]. It is small.", ["it fades.", "it is small."]),
        ("A line\nthat goes on.\n\nAnother.", ["a line that goes on.", "another."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(source: str, sentences: list[str]) -> None:
    assert texts(source) == sentences


def test_blocks_are_headings_items_rows_and_paragraphs() -> None:
    source = (
        "## Signs\n\nLook for:\n\n* one\n  goes on\n1. two\n\n> Quoted\n\n"
        "| Myth | Fact |\n|---|---|\n| x | y |\n"
    )
    blocks = [(s.block.kind, s.text, s.block.heading, s.block.lead) for s in read(source)]
    assert blocks == [
        ("heading", "signs", "", ""),
        ("paragraph", "look for:", "signs", ""),
        ("item", "one goes on", "signs", "look for:"),
        ("item", "two", "signs", "look for:"),
        ("paragraph", "quoted", "signs", ""),
        ("cell", "myth", "signs", ""),
        ("cell", "fact", "signs", ""),
        ("cell", "x", "signs | myth", ""),
        ("cell", "y", "signs | fact", ""),
    ]


@pytest.mark.parametrize(
    "spelled",
    [
        "non-addictive",
        "Non\u2011addictive",
        "NON ADDICTIVE",
        "n\u043en-addict\u200bive",
        "non-**addic**tive",
        "non-[addictive](/x/)",
        "non-add<!-- x -->ictive",
        "non&#45;addictive",
        "n0n-addict1ve",
        "\uff4eon-addictive",
        "non-add\u00adictive",
    ],
)
def test_word_cannot_hide(spelled: str) -> None:
    assert texts(f"It is {spelled}.") == ["it is non addictive."]


def test_spelled_out_words_are_joined() -> None:
    assert texts("F.D.A. approved c u r e") == ["fda approved cure"]


def test_characters_know_where_they_stood() -> None:
    source = "A **b** [c](/d/) &amp; e\u0301."
    (sentence,) = read(source)
    assert sentence.text == "a b c & e."
    assert [source[place] for place in sentence.where] == list("A b c & e.")


@given(st.text(alphabet="ab .!?|*#>-\n[@]()&;<_`1\u200b\u2014\u0441\"'", max_size=80))
def test_reading_never_fails_and_places_stay_in_order(source: str) -> None:
    for sentence in read(source):
        assert len(sentence.where) == len(sentence.text)
        assert list(sentence.where) == sorted(sentence.where)
        assert 0 <= sentence.start < sentence.end <= len(source)
