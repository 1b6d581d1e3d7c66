"""How much an edit weighs: neutral, softer or material."""

import pytest

from articles.weights import Weight, compare_texts, differences, weight
from tests.articles import build as articles

NEUTRAL = [
    ("Wear loose clothes.", "Wear soft, loose clothes."),
    ("", "Bring a blanket if you like."),
    ("Bring a blanket if you like.", ""),
    ("It is **effective** for some.", "It is effective for some."),
    ("It occured in people who felt better.", "It occurred in people who felt better."),
    ("Off-label use is common.", "Off label use is common."),
    ("It helps a few.\n\nMusic is fine.", "Music is fine.\n\nIt helps a few."),
    ("Some felt better [@a2000].", "Some felt better. [@a2000]"),
]
SOFTER = [
    ("Ketamine helps many people.", "Ketamine helps some people."),
    ("Ketamine helps people feel better.", "Ketamine may help people feel better."),
    ("Ketamine cures depression.", "Ketamine may ease depression in some people."),
    ("It is a cure.", "It is not a cure."),
    ("64% responded.", "Some people responded."),
    ("It is very effective.", "It is effective."),
    ("It helps people sleep.", ""),
    ("64% responded [@a2000].", ""),
    ("", "It does not help everyone."),
]
MATERIAL = [
    # numbers
    ("64% responded.", "65% responded."),
    ("One in ten improved.", "Two in ten improved."),
    ("Some people responded.", "64% responded."),
    ("| a | b |\n|---|---|\n| 46% | 63% |", "| a | b |\n|---|---|\n| 63% | 46% |"),
    # citations
    ("Some felt better [@a2000].", "Some felt better [@b2000]."),
    ("Some felt better [@a2000].", "Some felt better."),
    ("Some felt better.", "Some felt better [@a2000]."),
    # claims
    ("Ketamine helps some people.", "Ketamine helps many people."),
    ("It may ease symptoms.", "It eases symptoms."),
    ("It is not a cure.", "It is a cure."),
    ("Is it a cure?", "It is a cure."),
    ("It helps people with mild depression.", "It helps people."),
    ("It increases relief.", "It decreases relief."),
    ("", "It helps with pain."),
    ("It does not help everyone.", ""),
    ("It helped some. Midazolam helped fewer.", "It helped some."),
    # risks
    ("It can raise blood pressure.", "It rarely raises blood pressure."),
    ("It can raise blood pressure.", "It can lower blood pressure."),
    ("It can raise blood pressure.", ""),
    ("", "It can harm the bladder."),
    ("Do not drive until the next day.", "Do not drive that day."),
    ("## Warning signs in ads\n\n* A cure", "## What we offer\n\n* A cure"),
    ("It is unlikely to harm you.", "It is likely to harm you."),
]


def weight_of(before: str, after: str) -> Weight:
    found = compare_texts("body", before, after)
    return max((difference.weight for difference in found), default=Weight.NEUTRAL)


@pytest.mark.parametrize(("before", "after"), NEUTRAL)
def test_edit_of_no_claim_number_risk_or_source_is_neutral(before: str, after: str) -> None:
    assert weight_of(before, after) == Weight.NEUTRAL


@pytest.mark.parametrize(("before", "after"), SOFTER)
def test_edit_that_removes_or_softens_a_claim_is_softer(before: str, after: str) -> None:
    assert weight_of(before, after) == Weight.SOFTER


@pytest.mark.parametrize(("before", "after"), [(after, before) for before, after in SOFTER])
def test_the_same_edit_the_other_way_is_material(before: str, after: str) -> None:
    assert weight_of(before, after) == Weight.MATERIAL


@pytest.mark.parametrize(("before", "after"), MATERIAL)
def test_edit_of_a_claim_number_risk_or_source_is_material(before: str, after: str) -> None:
    assert weight_of(before, after) == Weight.MATERIAL


def test_one_material_edit_among_neutral_ones_counts() -> None:
    before = "Wear loose clothes.\n\n64% responded."
    assert weight_of(before, "Wear soft clothes.\n\n65% responded.") == Weight.MATERIAL


def test_any_new_words_in_a_title_are_material() -> None:
    found = list(compare_texts("title", "On the day of your visit", "Before your visit"))
    assert [difference.weight for difference in found] == [Weight.MATERIAL]


@pytest.mark.django_db
def test_another_reviewer_or_main_treatment_is_material() -> None:
    article = articles.draft(main_treatment=articles.treatment())
    first = article.revisions.latest()
    again = article.save_revision(None, **first.fields())
    assert weight(first, again) == Weight.NEUTRAL
    for name, value in (("reviewer", articles.person()), ("main_treatment", None)):
        other = article.save_revision(None, **first.fields() | {name: value})
        assert [found.field for found in differences(first, other)] == [name]
        assert weight(first, other) == Weight.MATERIAL


@pytest.mark.django_db
def test_treatment_that_is_named_no_more_is_material_and_one_more_is_not() -> None:
    article, drug = articles.draft(), articles.treatment()
    first = article.revisions.latest()
    more = article.save_revision(None, other_treatments=[drug], **first.fields())
    assert weight(first, more) == Weight.NEUTRAL
    assert weight(more, first) == Weight.MATERIAL
