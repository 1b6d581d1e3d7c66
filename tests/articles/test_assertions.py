"""A negation, a question and the words of others claim nothing; what only looks like one does."""

import pytest

from articles.claims import check

CLAIMED = [
    # Only looks like a negation
    "It is not only a cure but a way back.",
    "It is not just effective, it is a miracle.",
    "Not surgery: a proven cure.",
    "No pills, no waiting, instant relief.",
    "It does not hurt and cures depression.",
    "Nobody can deny that it cures depression.",
    "Don't let anyone tell you that depression can't be cured.",
    "There is no doubt that it is a miracle.",
    "It cannot fail to cure you.",
    "Without surgery, it cures depression.",
    # Asked to be bought
    "Why wait? It cures depression.",
    "Ready for a cure?",
    "Looking for a miracle?",
    "Is it a cure? Yes!",
    "What if you could be cured?",
    # Said by those who sell it
    "Our website says that it cures depression.",
    "Doctors call it a miracle.",
    "Patients say that it is a miracle.",
    "Unlike clinics that promise miracles, we offer a cure.",
    "Some say it is too good to be true, but it is a cure.",
    "This isn't hype, it is a miracle.",
    "You may have heard that it is a miracle, and it's true.",
    '"It cured me," says Pat.',
]
NOT_CLAIMED = [
    "This is not a cure.",
    "It is not a cure, a miracle or a quick fix.",
    "It is neither a cure nor a miracle.",
    "Neither ketamine nor Spravato is a cure.",
    "It has not been shown to cure anyone.",
    "We cannot and will not promise a cure.",
    "It is not, for most people, a cure.",
    "No clinic, however good, can promise a cure.",
    "Nobody knows whether it cures depression.",
    "There is no evidence that it cures depression.",
    "It is too soon to speak of a cure.",
    "A cure does not exist.",
    "Whether a cure is possible is unknown.",
    "It is a cure? No.",
    "Is it a cure?",
    "Is it a cure? Yes, but only in advertisements.",
    "Looking for a cure? There is no cure yet.",
    "An ad that says it cures depression is not honest.",
    "Be wary of claims such as “cures depression”.",
    "Some websites promise a cure.",
    "If a clinic promises a cure, walk away.",
    "“Miracle” and “cure” are words to distrust; they are a red flag.",
    "You may have read that ketamine is a miracle.",
    "Some call it a miracle. It is not.",
    "Myth: ketamine is a cure.",
    "The company was fined for claiming a cure.",
    "Ask “Is it a cure?” before you book.",
]


@pytest.mark.parametrize("text", CLAIMED)
def test_claim_is_found(text: str) -> None:
    assert [finding.rule for finding in check(text)] != []


@pytest.mark.parametrize("text", NOT_CLAIMED)
def test_no_claim_is_found(text: str) -> None:
    assert [(finding.rule, finding.words) for finding in check(text)] == []


def test_list_under_a_warning_is_no_claim() -> None:
    items = "\n\n* cures depression\n* is a miracle\n"
    assert check(f"Be wary of an ad that says that it:{items}") == []
    assert check(f"We will never say that it:{items}") == []
    assert check(f"## Warning signs{items}") == []
    assert [finding.rule for finding in check(f"Ketamine:{items}")] == ["cure", "miracle"]


def test_column_of_myths_is_no_claim() -> None:
    table = "| {} | Source |\n|---|---|\n| It cures depression | None |"
    assert check(table.format("Myth")) == []
    assert [finding.rule for finding in check(table.format("Effect"))] == ["cure"]


def test_warning_ends_with_its_sentence() -> None:
    text = "Be wary of ads. Ketamine cures depression."
    assert {finding.sentence for finding in check(text)} == {"Ketamine cures depression."}
