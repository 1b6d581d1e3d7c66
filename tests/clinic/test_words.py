"""Words as the search compares them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.words import LONGEST_WORD, fold, folded, stem, stems


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Ketamine", "ketamine"),
        ("depresión", "depresion"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("clinic's", "clinic"),
        ("don\u2019t", "dont"),
        ("½", "12"),
        ("боль", "u431u43eu43bu44c"),
    ],
)
def test_fold_leaves_plain_letters(word: str, plain: str) -> None:
    assert fold(word) == plain


@pytest.mark.parametrize(
    "forms",
    [
        ("infusion", "Infusions", "INFUSION"),
        ("drive", "driving", "drives"),
        ("depression", "depressed", "depressive"),
        ("ketamine", "ketamin"),
        ("memory", "memories"),
        ("insurance", "insurer"),
        ("veteran", "veterans\u2019", "veteran's"),
    ],
)
def test_stem_is_the_same_for_all_forms_of_a_word(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_stem_keeps_different_words_apart() -> None:
    assert len({stem(word) for word in ("price", "prize", "practice", "prepare", "drip")}) == 5


def test_folded_splits_at_whatever_is_no_letter_or_digit() -> None:
    assert folded("Off-label (IV) use_of 5-HT2A: 50%!") == {
        "off", "label", "iv", "use", "of", "5", "ht2a", "50",
    }  # fmt: skip


@given(st.text())
def test_stems_are_plain_words_whatever_the_text(text: str) -> None:
    for word in stems(text):
        assert re.fullmatch(r"[a-z0-9]+", word)
        assert len(word) <= LONGEST_WORD


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    words = folded(text)
    assert folded(" ".join(words)) == words
    assert stems(" ".join(words)) == [found for found in map(stem, words) if found]
