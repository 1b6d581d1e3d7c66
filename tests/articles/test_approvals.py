"""True approvals pass, and no other."""

import pytest

from articles.claims import check

TRUE = [
    "IV ketamine is approved by the FDA as an anesthetic.",
    "Ketamine is an FDA-approved anesthetic that is used off-label for depression.",
    "The FDA approved ketamine in 1970 for use in surgery.",
    "Ketamine is an anesthetic. It was approved by the FDA in 1970.",
    "Spravato is FDA approved for adults with treatment-resistant depression.",
    "The FDA has approved esketamine for depressive symptoms with acute suicidal thoughts.",
    "Spravato, a spray related to ketamine, is FDA approved for some adults.",
    "Spravato is a nasal spray. The FDA approved it in 2019.",
    "Unlike ketamine, Spravato has FDA approval for depression.",
    "Many antidepressants are FDA approved for depression.",
    "Only Spravato, not IV ketamine, is FDA approved for depression.",
]
FALSE = [
    "Ketamine is FDA approved.",
    "Ketamine is FDA approved for depression, and so is Spravato.",
    "Spravato and ketamine are FDA approved for depression.",
    "Both Spravato and IV ketamine are FDA approved.",
    "Like Spravato, our infusions are FDA approved.",
    "Ketamine, an anesthetic, is FDA approved for depression.",
    "Ketamine is FDA approved as an anesthetic and for depression.",
    "Spravato is FDA approved for PTSD.",
    "Spravato is FDA approved for everyone.",
    "The FDA has approved ketamine lozenges.",
    "An infusion is safe. It is FDA approved.",
    "Our clinic has FDA clearance.",
]


@pytest.mark.parametrize("text", TRUE)
def test_true_approval_passes(text: str) -> None:
    assert [finding.words for finding in check(text)] == []


@pytest.mark.parametrize("text", FALSE)
def test_false_approval_is_found(text: str) -> None:
    assert "fda_approved" in [finding.rule for finding in check(text)]
