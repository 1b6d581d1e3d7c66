"""Years of school that a text asks for."""

import pytest

from articles import reading

# By ear, as a dictionary divides them.
SYLLABLES = {
    "made": 1, "used": 1, "people": 2, "table": 2, "health": 1, "medicine": 3, "treatment": 2,
    "depression": 3, "studies": 2, "being": 2, "area": 3, "quiet": 2, "the": 1, "safe": 1,
    "safely": 2, "changes": 2, "trial": 2, "patient": 2, "anxious": 2, "wanted": 2, "there": 1,
    "because": 2, "doctor": 2, "needed": 2, "helped": 1, "placebo": 3, "symptoms": 2, "evidence": 3,
    "serious": 3, "decision": 3, "question": 2, "insurance": 3, "react": 2, "nurses": 2,
}  # fmt: skip


def graded(text: str, *names: str) -> float:
    years = reading.grade(reading.prose(text), reading.names_in(names))
    assert years is not None
    return years


@pytest.mark.parametrize(("word", "count"), SYLLABLES.items())
def test_syllables_are_counted_by_ear(word: str, count: int) -> None:
    assert reading.syllables(word) == count


def test_grade_is_the_formula_of_flesch_and_kincaid() -> None:
    """Six words of one beat each in one sentence: 0.39 * 6 + 11.8 * 1 - 15.59."""
    assert graded("the cat sat on the mat.") == pytest.approx(-1.45)


def test_longer_words_and_sentences_ask_for_more() -> None:
    easy = graded("You sit in a chair. A nurse stays near you. You may feel odd.")
    hard = graded(
        "Administration necessitates continuous physiological observation, "
        "notwithstanding comparatively infrequent complications."
    )
    assert easy < 4
    assert hard > 16


def test_names_of_drugs_and_places_are_not_counted() -> None:
    plain = graded("you may get it here in town today.")
    drugs = graded("you may get esketamine or escitalopram here in town today.")
    assert drugs == pytest.approx(graded("you may get or here in town today."))
    assert graded("you may get it in Vestavia Hills here in town today.") == pytest.approx(
        graded("you may get it in here in town today.")
    )
    assert graded("you may get zurgamot here in town today.", "Zurgamot") == pytest.approx(
        graded("you may get here in town today.")
    )
    assert plain < 8


def test_headings_and_tables_are_not_counted() -> None:
    text = "## Administration considerations\n\nYou sit down.\n\n| Intramuscular | b |\n|---|---|\n"
    assert graded(text) == pytest.approx(graded("You sit down."))


def test_five_hardest_sentences_come_hardest_first_with_their_places() -> None:
    easy = "You sit in a chair and a nurse stays near you."
    hard = "Administration necessitates continuous physiological observation by experienced staff."
    text = " ".join([easy] * 6 + [hard])
    found = reading.hardest(reading.prose(text))
    assert len(found) == 5
    assert found[0].text == hard
    assert text[found[0].start : found[0].end] == hard


def test_text_without_a_sentence_has_no_grade() -> None:
    assert reading.grade(reading.prose("## Title")) is None
