"""The record of a treatment: verified for six months, printed on every page that names it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from articles import gate
from articles.library import months_after
from articles.models import Article, Treatment
from locations.models import Service
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 4, 18, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
WHY = "a larger study did not find the same."


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    build.site_text()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def signed_in(*groups: str, **values: Any) -> Client:
    client = Client()
    client.force_login(build.user(*groups, **values))
    return client


def url(name: str, treatment: Treatment) -> str:
    return reverse(f"admin:articles_treatment_{name}", args=[treatment.pk])


def overdue(**values: Any) -> Treatment:
    return articles.treatment(verified_on=dt.date(2025, 9, 3), **values)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (dt.date(2026, 3, 4), 6, dt.date(2026, 9, 4)),
        (dt.date(2026, 8, 31), 6, dt.date(2027, 2, 28)),
        (dt.date(2026, 12, 1), 12, dt.date(2027, 12, 1)),
        (dt.date(2024, 2, 29), 24, dt.date(2026, 2, 28)),
    ],
)
def test_months_after(day: dt.date, months: int, later: dt.date) -> None:
    assert months_after(day, months) == later


def test_record_is_verified_for_six_months(clock: Any) -> None:
    treatment = articles.treatment(verified_by="", verified_on=None)
    assert (treatment.is_overdue, treatment.verify_again_by) == (True, None)
    treatment.verify("Ann Example, MD")
    assert treatment.verify_again_by == dt.date(2026, 9, 4)
    clock.move_to(dt.datetime(2026, 9, 4, 18, 0, tzinfo=dt.UTC))
    assert (treatment.is_overdue, list(Treatment.objects.overdue())) == (False, [])
    clock.shift(dt.timedelta(days=1))
    assert (treatment.is_overdue, list(Treatment.objects.overdue())) == (True, [treatment])


def test_record_is_not_verified_tomorrow() -> None:
    treatment = articles.treatment()
    treatment.verified_on = TODAY + dt.timedelta(days=1)
    with pytest.raises(ValidationError, match="still to come"):
        treatment.full_clean()


# --- What an overdue record blocks --------------------------------------------------------------


@pytest.mark.parametrize("role", ["main", "other"])
def test_overdue_record_blocks_new_publishing_that_names_it(role: str) -> None:
    drug = overdue()
    article = articles.draft()
    named = {"main_treatment": drug} if role == "main" else {}
    others = [] if role == "main" else [drug]
    revision = article.save_revision(None, other_treatments=others, **articles.text(**named))
    articles.approve(revision)
    with pytest.raises(ValidationError, match="is not verified"):
        article.publish(revision, build.user("Editor"))
    drug.verify("Ann Example, MD")
    article.publish(revision, build.user("Editor"))
    assert article.visible_id == revision.pk


def test_overdue_record_blocks_no_correction_no_unpublish_and_no_roll_back(clock: Any) -> None:
    body = "## A\n\nIt helps many people [@fda2023]."
    article, editor = (
        articles.published(body=body, main_treatment=articles.treatment()),
        build.user("Editor"),
    )
    clock.shift(dt.timedelta(days=300))
    assert Treatment.objects.overdue().count() == 1
    newest = article.revisions.latest()
    softer = article.save_revision(
        editor, **newest.fields() | {"body": body.replace("many", "some")}
    )
    article.correct(softer, editor, WHY)
    larger = article.save_revision(
        editor, **newest.fields() | {"body": body.replace("many", "most")}
    )
    articles.approve(larger)
    article.publish(larger, editor, because=WHY)
    article.roll_back(newest, editor)
    article.withdraw(editor)
    assert article.publications.count() == 5
    assert "main_treatment" in [item.field for item in gate.missing(larger)]


# --- What readers see ---------------------------------------------------------------------------


def test_edited_record_changes_every_page_and_its_etag() -> None:
    main, other = articles.treatment(), articles.treatment()
    article = articles.draft(slug="one")
    revision = article.save_revision(
        None, other_treatments=[other], **articles.text(main_treatment=main)
    )
    articles.approve(revision)
    article.publish(revision, build.user("Editor"))
    first = Client().get("/articles/one/")
    for row in (main, other):
        row.statement = f"Restated {row.slug}."
        row.risks = f"New risk {row.slug}."
        row.as_of = dt.date(2026, 2, 1)
        row.save()
    second = Client().get("/articles/one/", headers={"If-None-Match": first["ETag"]})
    page = second.content.decode()
    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]
    for row in (main, other):
        assert f"Restated {row.slug}." in page
        assert f"New risk {row.slug}." in page
    assert page.count("Status as of February 1, 2026") == 2


# --- Staff --------------------------------------------------------------------------------------


def test_reviewer_verifies_in_one_step_with_name_and_credentials() -> None:
    drug = overdue()
    client = signed_in("Medical reviewer", username="rae")
    articles.person(name="Rae Reviewer", user_id=client.session["_auth_user_id"])
    assert "To be verified" in client.get(url("change", drug)).content.decode()
    assert client.get(url("verify", drug)).status_code == 405
    assert client.post(url("verify", drug))["Location"] == url("change", drug)
    drug.refresh_from_db()
    assert (drug.verified_by, drug.verified_on) == ("Rae Reviewer, MD", TODAY)
    assert "again by September 4, 2026" in client.get(url("change", drug)).content.decode()


def test_editor_cannot_verify() -> None:
    drug = overdue()
    client = signed_in("Editor")
    assert client.post(url("verify", drug)).status_code == 403
    assert "is not verified" in client.get(url("change", drug)).content.decode()
    drug.refresh_from_db()
    assert drug.is_overdue


@pytest.mark.parametrize(("group", "is_told"), [
    ("Editor", True), ("Medical reviewer", True), ("Intake staff", False),
])  # fmt: skip
def test_overdue_record_is_on_the_staff_home_of_those_who_publish(
    group: str, is_told: bool
) -> None:
    overdue(name="Old record")
    articles.treatment(name="Fresh record")
    page = signed_in(group).get("/admin/").content.decode()
    assert ("Old record" in page, "Fresh record" in page) == (is_told, False)


def test_record_lists_the_pages_that_print_it() -> None:
    drug = articles.treatment()
    articles.published(slug="names-it", main_treatment=drug)
    Service.objects.create(
        slug="drip", name="The drip", description="A" * 60, body="Text.", treatment=drug
    )
    page = signed_in("Medical reviewer").get(url("change", drug)).content.decode()
    assert "names-it" in page
    assert "/services/drip/" in page


def test_record_is_never_deleted() -> None:
    drug = articles.treatment()
    client = signed_in(is_superuser=True)
    assert client.post(url("delete", drug), {"post": "yes"}).status_code == 403
    assert Article.objects.count() == 0
    assert Treatment.objects.count() == 1


def test_other_names_are_written_one_a_line() -> None:
    drug = articles.treatment(other_names=["Ketalar", "ketamine infusion"])
    client = signed_in("Medical reviewer")
    assert (
        "Ketalar\nketamine infusion</textarea>" in client.get(url("change", drug)).content.decode()
    )
    data = {name: getattr(drug, name) for name in ("slug", "name", "status", "statement", "risks")}
    client.post(url("change", drug), data | {"other_names": " Ketalar \r\n\r\nIV drip"})
    drug.refresh_from_db()
    assert drug.other_names == ["Ketalar", "IV drip"]
