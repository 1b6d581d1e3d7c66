import pytest
from django.test import override_settings

from clinic import checks
from locations.models import Location
from tests import build

pytestmark = pytest.mark.django_db

SILENT = {"phone": "", "notice_email": ""}


@override_settings(PRODUCTION=True)
def test_clinic_without_phone_and_mailbox_is_an_error() -> None:
    build.location(name="Silent", **SILENT)
    build.location(name="With phone", notice_email="")
    build.location(name="With mailbox", phone="", notice_email="desk@example.com")
    build.location(name="Closed", state=Location.State.CLOSED, **SILENT)
    found = checks.clinics_can_be_reached(databases=["default"])
    assert [message.msg.partition(" takes")[0] for message in found] == ["Silent"]


@override_settings(PRODUCTION=True)
def test_clinic_with_nobody_to_tell_is_a_warning() -> None:
    build.location(name="With mailbox", notice_email="desk@example.com")
    told = build.location(name="With a person", notice_email="")
    build.member(told, email="ana@example.com").memberships.update(wants_notices=True)
    untold = build.location(name="Untold", notice_email="")
    build.member(untold, email="ben@example.com")
    found = checks.clinics_have_somebody_to_tell(databases=["default"])
    assert [message.msg for message in found] == [
        "Nobody gets a mail when a request comes in for Untold."
    ]


def test_development_is_not_checked() -> None:
    build.location(**SILENT)
    build.user(is_sample=True)
    assert checks.clinics_can_be_reached(databases=["default"]) == []
    assert checks.no_sample_values_are_live(databases=["default"]) == []


@override_settings(PRODUCTION=True)
def test_sample_values_are_a_warning_that_counts_them() -> None:
    build.user()
    build.user(is_sample=True)
    build.user(is_sample=True)
    found = checks.no_sample_values_are_live(databases=["default"])
    assert [message.msg for message in found] == ["2 sample users are live."]
