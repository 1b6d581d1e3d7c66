"""Whose session opens what: second factors set up elsewhere, accounts above one's own, mail."""

import smtplib
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from clinic.models import User
from tests import build
from tests.clinic.test_staff import HOME, admin_client, code_for, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def _second_factor_required(settings: Any) -> None:
    settings.REQUIRE_MFA = True


def signed_in(username: str) -> Client:
    client = Client()
    sign_in(client, username)
    return client


@pytest.mark.usefixtures("_second_factor_required")
def test_a_session_from_before_enrolment_ends_with_it(
    django_capture_on_commit_callbacks: Any,
) -> None:
    build.user("Editor", username="ed")
    build.user("Editor", username="other")
    waiting, enrolling, other = signed_in("ed"), signed_in("ed"), signed_in("other")
    secret = enrolling.get(reverse("mfa_activate_totp")).context["form"].secret

    with django_capture_on_commit_callbacks(execute=True):
        enrolling.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})

    assert enrolling.get(HOME).status_code == 200
    left_alone = waiting.get(reverse("mfa_index"))
    assert left_alone.status_code == 302
    assert left_alone.headers["Location"].startswith(reverse("account_login"))
    assert other.get(reverse("mfa_index")).status_code == 200


@pytest.mark.usefixtures("_second_factor_required")
def test_resetting_a_second_factor_ends_the_sessions_of_that_person(settings: Any) -> None:
    person = build.user("Editor", username="ed")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get(HOME).status_code == 200

    settings.REQUIRE_MFA = False  # who resets it is not what this test is about
    data = {"action": "reset_second_factor", "_selected_action": str(person.pk)}
    admin_client().post(reverse("admin:clinic_user_changelist"), data)

    settings.REQUIRE_MFA = True
    assert theirs.get(HOME).status_code == 302


def test_an_administrator_cannot_take_over_an_account_above_their_own() -> None:
    above = build.user(is_superuser=True)
    Authenticator.objects.create(user=above, type="totp", data={"secret": "x"})
    before, client = above.password, admin_client()
    new = {"password1": "porch-lamp-at-night", "password2": "porch-lamp-at-night"}

    password = reverse("admin:auth_user_password_change", args=[above.pk])
    assert client.post(password, new).status_code == 403
    change = reverse("admin:clinic_user_change", args=[above.pk])
    assert client.post(change, {"username": "taken-over"}).status_code == 403
    reset = {"action": "reset_second_factor", "_selected_action": str(above.pk)}
    client.post(reverse("admin:clinic_user_changelist"), reset)

    above.refresh_from_db()
    assert above.password == before
    assert Authenticator.objects.filter(user=above).count() == 1


def ask_for_a_new_password(email: str) -> Any:
    return Client().post(reverse("account_reset_password"), {"email": email})


def test_mail_of_sign_in_comes_from_the_neutral_name() -> None:
    build.site_text(mail_sender="Front desk")
    build.user(email="ed@example.com", username="ed")
    ask_for_a_new_password("ed@example.com")
    (sent,) = mail.outbox
    assert sent.from_email == "Front desk <front-desk@example.com>"
    assert "[" not in sent.subject


def test_new_password_asked_for_while_mail_is_down_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(message: EmailMessage, **_options: object) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailMessage, "send", refuse)
    build.user(email="ed@example.com")
    known = ask_for_a_new_password("ed@example.com")
    unknown = ask_for_a_new_password("nobody@example.com")
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_closed_door_says_so_and_leads_to_the_staff_home(client: Client) -> None:
    client.force_login(build.user("Editor"))
    response = client.get(reverse("admin:consults_consultrequest_changelist"))
    page = response.content.decode()
    assert response.status_code == 403
    assert "Your account may not open this" in page
    assert f'href="{HOME}"' in page
    assert User.objects.count() == 1
