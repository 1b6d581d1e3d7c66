"""What stands in the way of publishing, and what does not."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.test import Client

from articles import gate
from articles.models import Approval, Article, Judgement, Publication, Revision
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
WHY = "a larger study did not find the same."
BODY = "## What is known\n\nIt helps many people [@fda2023].\n\nBring a blanket."


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def missing(**values: Any) -> list[tuple[str, str]]:
    """What an approved text lacks, as field and message."""
    article = articles.approved(**values)
    return [(item.field, item.message) for item in gate.missing(article.revisions.latest())]


def fields(**values: Any) -> list[str]:
    return [field for field, _message in missing(**values)]


def revised(article: Article, **values: Any) -> Revision:
    """The newest text again, with `values` written over it; nobody has approved it."""
    newest = article.revisions.latest()
    return article.save_revision(build.user("Editor"), **newest.fields() | values)


def live(**values: Any) -> Article:
    drug = articles.treatment(risks="Sleepiness.")
    return articles.published(**{"body": BODY, "main_treatment": drug} | values)


# --- The whole gate -----------------------------------------------------------------------------


def test_complete_text_lacks_nothing() -> None:
    assert missing() == []


def test_draft_lacks_the_reviewers_approval() -> None:
    newest = articles.draft().revisions.latest()
    assert gate.missing(newest) == [
        gate.Missing("", "A medical reviewer must approve this revision first.")
    ]


def test_author_and_reviewer_are_named_with_credentials_and_differ() -> None:
    assert missing(author=None) == [("author", "Name the author.")]
    assert missing(reviewer=None) == [("reviewer", "Name the medical reviewer.")]
    assert missing(author=articles.person(name="Ann Example", credentials=" ")) == [
        ("author", "Give the credentials of Ann Example.")
    ]
    both = articles.person()
    assert missing(author=both, reviewer=both) == [
        ("reviewer", "Name a medical reviewer who is not the author.")
    ]


def test_author_does_not_approve_and_nobody_approves_their_own_text() -> None:
    user = build.user("Medical reviewer")
    by_author = articles.draft(author=articles.person(user=user)).revisions.latest()
    own = articles.draft(user).revisions.latest()
    for revision in (by_author, own):
        with pytest.raises(ValidationError, match="another medical reviewer"):
            revision.approve(user)
        assert (revision.reviewed_on, revision.is_approved()) == (None, False)


def test_summary_citation_and_alt_text_are_asked_for() -> None:
    assert fields(summary="Words.", body="Words.") == ["body"]
    article = articles.approved()
    Revision.objects.filter(article=article).update(summary=" ", body="![](chair) Words.")
    assert [item.field for item in gate.missing(article.revisions.get())] == ["summary", "body"]


@pytest.mark.parametrize("name", ["IV ketamine", "Ketalar", "ketamine infusions"])
def test_treatment_that_the_text_names_is_declared(name: str) -> None:
    drug = articles.treatment(name="IV ketamine", other_names=["Ketalar", "ketamine infusion"])
    body = f"## A\n\nAbout {name} [@fda2023]."
    assert [field for field in fields(body=body) if field != "main_treatment"] == [
        "other_treatments"
    ]
    assert "other_treatments" not in fields(body=body, main_treatment=drug)


def test_off_label_box_and_risks_are_asked_for_where_a_benefit_is_claimed() -> None:
    body = "## A\n\nKetamine may ease depression in some people [@fda2023]."
    found = missing(summary="Words.", body=body)
    assert [field for field, _message in found] == ["main_treatment", "main_treatment", "body"]
    assert "off-label" in found[0][1]
    assert "risks" in found[2][1]
    box = articles.treatment(
        name="IV ketamine",
        statement="It is off-label: it is not approved for depression.",
        risks="Sleepiness.",
    )
    assert missing(summary="Words.", body=body, main_treatment=box) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "A miracle"),
        ("description", "It is a cure for everyone who has waited for it for so long."),
        ("summary", "It is a cure [@fda2023]."),
        ("body", "## A\n\nIt is a cure [@fda2023]."),
        ("questions", [{"question": "Is it?", "answer": "It is a cure."}]),
    ],
)
def test_finding_that_blocks_stands_in_the_way_in_every_field(field: str, text: Any) -> None:
    assert field in fields(**{field: text})


def test_claim_without_a_source_stands_in_the_way_and_a_warning_does_not() -> None:
    drug = articles.treatment()
    uncited = "## A\n\nA trial [@fda2023].\n\nAbout 70% responded."
    assert fields(body=uncited, main_treatment=drug) == ["body"]
    cited = "## A\n\nA trial [@fda2023].\n\nAbout 70% responded [@fda2023]."
    assert fields(body=cited, main_treatment=drug) == []
    assert fields(body="## A\n\nWe ask $400 [@fda2023].") == []


def test_start_of_a_finding_in_the_answers_is_its_place_in_the_text_of_the_form() -> None:
    pairs = [{"question": "Why?", "answer": "Ask."}, {"question": "Is it?", "answer": "A cure."}]
    article = articles.draft(questions=pairs)
    (found,) = gate.findings(article.revisions.latest())
    text = "## Why?\n\nAsk.\n\n## Is it?\n\nA cure."
    assert (found.field, text[found.start : found.end]) == ("questions", "cure")


# --- The dates of the review --------------------------------------------------------------------


def test_approval_sets_the_dates_of_the_review() -> None:
    revision = articles.draft().revisions.latest()
    revision.approve(build.user("Medical reviewer"))
    revision.refresh_from_db()
    assert (revision.reviewed_on, revision.review_due) == (TODAY, dt.date(2027, 3, 4))


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"reviewed_on": TODAY + DAY}, "reviewed_on"),
        ({"review_due": dt.date(2028, 3, 5)}, "review_due"),
        ({"review_due": TODAY}, "review_due"),
    ],
)
def test_approval_with_dates_that_cannot_be_is_refused(dates: Any, field: str) -> None:
    revision = articles.draft().revisions.latest()
    with pytest.raises(ValidationError) as caught:
        revision.approve(build.user("Medical reviewer"), **dates)
    assert list(caught.value.message_dict) == [field]
    assert not revision.is_approved()


def test_review_is_due_24_months_later_at_the_latest() -> None:
    revision = articles.draft().revisions.latest()
    revision.approve(build.user("Medical reviewer"), review_due=dt.date(2028, 3, 4))
    assert gate.missing(revision) == []
    revision.set_review(TODAY + DAY, None)
    assert [item.field for item in gate.missing(revision)] == ["reviewed_on"]


def test_editor_cannot_set_the_dates_of_the_review() -> None:
    article = articles.draft(slug="one")
    client = Client()
    client.force_login(build.user("Editor"))
    page = client.get(f"/admin/articles/article/{article.pk}/change/").content.decode()
    assert 'name="reviewed_on"' not in page
    assert article.revisions.latest().reviewed_on is None


# --- Judged findings ----------------------------------------------------------------------------

REASON = "It quotes the old label."


def finding(article: Article, level: str) -> gate.Finding:
    return next(
        found for found in gate.findings(article.revisions.latest()) if found.level == level
    )


def test_override_lets_that_sentence_stand_and_no_other() -> None:
    article = articles.approved(body="## A\n\nIt is a cure [@fda2023].")
    reviewer = build.user("Medical reviewer")
    Judgement.objects.override(article, finding(article, "block"), reviewer, REASON)
    assert gate.missing(article.revisions.latest()) == []
    other = revised(article, body="## A\n\nIt is a cure for all [@fda2023].")
    assert "body" in [item.field for item in gate.missing(other)]
    elsewhere = articles.approved(body="## A\n\nIt is a cure [@fda2023].")
    assert [item.field for item in gate.missing(elsewhere.revisions.latest())] == ["body"]


def test_only_a_medical_reviewer_overrides_and_only_with_a_reason() -> None:
    article = articles.approved(body="## A\n\nIt is a cure [@fda2023].")
    found = finding(article, "block")
    with pytest.raises(PermissionDenied):
        Judgement.objects.override(article, found, build.user("Editor"), REASON)
    with pytest.raises(ValidationError, match="20 characters"):
        Judgement.objects.override(article, found, build.user("Medical reviewer"), "Too short.   ")
    assert not Judgement.objects.exists()


def test_override_without_a_reason_is_refused_by_the_database() -> None:
    article = articles.draft()
    with pytest.raises(IntegrityError):
        Judgement.objects.create(
            article=article, fingerprint="x", rule="cure", level="block", sentence="A cure.",
            kind="overridden", reason="Short.", by=build.user(),
        )  # fmt: skip


def test_read_warning_keeps_the_first_name_and_settles_nothing_that_blocks() -> None:
    article = articles.draft(body="## A\n\nIt is a cure. We ask $400 [@fda2023].")
    found = gate.findings(article.revisions.latest())
    first, second = build.user("Editor"), build.user("Editor")
    Judgement.objects.mark_read(article, found, first)
    Judgement.objects.mark_read(article, found, second)
    row = Judgement.objects.get()
    assert (row.level, row.kind, row.by) == ("warn", "read", first)
    assert finding(article, "block").stands_in_the_way


# --- Editing what is live -----------------------------------------------------------------------


def test_neutral_edit_is_published_without_a_review_and_keeps_its_dates(clock: Any) -> None:
    article = live()
    clock.shift(5 * DAY)
    edit = revised(article, body=BODY.replace("a blanket", "a warm blanket"))
    assert gate.missing(edit) == []
    article.publish(edit, build.user("Editor"))
    edit.refresh_from_db()
    assert (article.visible_id, edit.reviewed_on) == (edit.pk, TODAY)
    assert list(article.publications.corrections()) == []


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace("many people", "most people"),
        BODY.replace("many people", "some people"),
        BODY + "\n\nIt can harm the bladder.",
        BODY + "\n\nAbout 3 in 10 felt better [@fda2023].",
        BODY.replace("blanket.", "blanket [@fda2023]."),
    ],
)
def test_edit_of_a_claim_number_risk_or_source_waits_for_approval(body: str) -> None:
    article = live()
    edit = revised(article, body=body)
    with pytest.raises(ValidationError, match="must approve"):
        article.publish(edit, build.user("Editor"), because=WHY)
    articles.approve(edit)
    article.publish(edit, build.user("Editor"), because=WHY)
    assert article.visible_id == edit.pk


def test_neutral_edit_of_what_is_not_live_waits_for_approval() -> None:
    article = live()
    article.withdraw(build.user("Editor"))
    edit = revised(article, body=BODY.replace("a blanket", "a warm blanket"))
    assert [item.field for item in gate.missing(edit)] == [""]


def test_neutral_edit_in_which_a_reviewer_asked_for_changes_waits() -> None:
    article = live()
    edit = revised(article, body=BODY.replace("a blanket", "a warm blanket"))
    edit.ask_for_changes(build.user("Medical reviewer"), "No blankets.")
    assert [item.field for item in gate.missing(edit)] == [""]


def test_many_neutral_edits_do_not_add_up_to_a_material_one() -> None:
    """Each is held against the last approved text, not against the one before it."""
    article = live()
    first = revised(article, body=BODY.replace("Bring a blanket.", "Bring a book."))
    article.publish(first, build.user("Editor"))
    Revision.objects.filter(pk=first.pk).update(body=BODY.replace("many", "most"))
    second = revised(article, body=BODY.replace("many", "most"))
    assert [item.field for item in gate.missing(second)] == [""]


def test_material_change_needs_a_reason_that_readers_see() -> None:
    article = live(slug="one")
    edit = revised(article, body=BODY.replace("many people", "most people"))
    articles.approve(edit)
    with pytest.raises(ValidationError, match="why the text has changed"):
        article.publish(edit, build.user("Editor"))
    with pytest.raises(ValidationError, match="miracle"):
        article.publish(edit, build.user("Editor"), because="it is a miracle.")
    article.publish(edit, build.user("Editor"), because=WHY)
    page = Client().get("/articles/one/").content.decode()
    assert "Corrected on" in page
    assert f"because {WHY}" in page
    assert "March 4, 2026" in page


def test_reason_of_a_scheduled_change_is_told_when_its_moment_has_come(clock: Any) -> None:
    article = live(slug="one")
    edit = revised(article, body=BODY.replace("many people", "most people"))
    articles.approve(edit)
    article.publish(edit, build.user("Editor"), NOW + DAY, because=WHY)
    assert WHY not in Client().get("/articles/one/").content.decode()
    clock.move_to(NOW + DAY)
    assert WHY in Client().get("/articles/one/").content.decode()


# --- Urgent corrections -------------------------------------------------------------------------


def corrected() -> tuple[Article, Revision]:
    article = live(slug="one", reviewer=articles.person(name="Rae Reviewer"))
    edit = revised(article, body=BODY.replace("many people", "some people"))
    article.correct(edit, build.user("Editor"), WHY)
    return article, edit


def test_urgent_correction_is_live_at_once_without_the_badge_and_asks_the_reviewers() -> None:
    article, edit = corrected()
    page = Client().get("/articles/one/").content.decode()
    assert "some people" in page
    assert f"because {WHY}" in page
    assert "Medically reviewed" not in page
    assert "reviewedBy" not in page
    assert edit.approvals.get().decision == Approval.Decision.ASKED
    assert (edit.reviewed_on, edit.review_due) == (None, TODAY)
    assert list(Article.objects.for_desk().awaiting_approval()) == [article]
    assert article.publications.first().kind == Publication.Kind.CORRECTED  # type: ignore[union-attr]


def test_badge_is_back_once_the_correction_is_approved() -> None:
    _article, edit = corrected()
    edit.approve(build.user("Medical reviewer"))
    page = Client().get("/articles/one/").content.decode()
    assert "Medically reviewed" in page
    assert "Rae Reviewer" in page


@pytest.mark.parametrize(
    "body",
    [BODY.replace("many", "most"), BODY + "\n\nIt eases pain.", BODY.replace("2023", "2019")],
)
def test_edit_that_claims_more_or_moves_a_source_is_no_urgent_correction(body: str) -> None:
    articles.reference("fda2019")
    article = live()
    with pytest.raises(ValidationError, match="Ask for approval instead"):
        article.correct(revised(article, body=body), build.user("Editor"), WHY)
    assert article.publications.count() == 1


def test_urgent_correction_needs_a_reason_and_something_live() -> None:
    article = live()
    edit = revised(article, body=BODY.replace("many people", "some people"))
    with pytest.raises(ValidationError, match="why the text has changed"):
        article.correct(edit, build.user("Editor"), " ")
    article.withdraw(build.user("Editor"))
    with pytest.raises(ValidationError, match="readers see now"):
        article.correct(edit, build.user("Editor"), WHY)


def test_claim_that_was_taken_back_does_not_come_back_without_approval() -> None:
    article, _edit = corrected()
    again = revised(article, body=BODY)
    assert [item.field for item in gate.missing(again)] == [""]


# --- Roll-back ----------------------------------------------------------------------------------


def test_roll_back_to_a_neutral_edit_that_readers_saw() -> None:
    article = live()
    edit = revised(article, body=BODY.replace("a blanket", "a warm blanket"))
    article.publish(edit, build.user("Editor"))
    article.roll_back(article.revisions.get(number=1), build.user("Editor"))
    article.roll_back(edit, build.user("Editor"))
    assert article.visible_id == edit.pk


def test_roll_back_to_what_a_reviewer_asked_to_change_is_refused() -> None:
    article = live()
    edit = revised(article, body=BODY.replace("a blanket", "a warm blanket"))
    article.publish(edit, build.user("Editor"))
    first = article.revisions.get(number=1)
    first.ask_for_changes(build.user("Medical reviewer"), "The rate is wrong.")
    with pytest.raises(ValidationError, match="asked for changes"):
        article.roll_back(first, build.user("Editor"))
