"""Sign-in, the second factor, the staff home, and the admin of users and site texts."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic import today
from clinic.models import SiteText, User
from consults.models import ConsultRequest
from locations.models import Membership
from tests import build
from tests.consults.build import consult, held_by

HOME = reverse("admin:index")
LOGIN = reverse("account_login")
PASSWORD = "a-long-test-password"

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def sign_in(client: Client, username: str, password: str = PASSWORD, **data: str) -> HttpResponse:
    return client.post(LOGIN, {"login": username, "password": password, **data})  # type: ignore[return-value]


def code_for(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


# --- Signing in -----------------------------------------------------------------------------------


def test_sign_in_leads_to_where_the_person_was_going() -> None:
    build.user("Editor", username="ed")
    client = Client()
    sent = client.get(HOME, follow=True)
    assert sent.redirect_chain[-1][0] == f"{LOGIN}?next=%2Fadmin%2F"

    assert sign_in(client, "ed", next=HOME).headers["Location"] == HOME
    assert client.get(HOME).status_code == 200


def test_sign_in_leads_nowhere_else() -> None:
    build.user("Editor", username="ed")
    client = Client()

    sent = client.get(reverse("admin:login"), {"next": "https://elsewhere.example.com/"})

    assert sent.headers["Location"] == f"{LOGIN}?next=%2Fadmin%2F"
    answer = sign_in(client, "ed", next="https://elsewhere.example.com/")
    assert answer.headers["Location"] == HOME


def test_wrong_password_says_so_and_keeps_the_name() -> None:
    build.user(username="ed")

    response = sign_in(Client(), "ed", "wrong-password-here")

    html = response.content.decode()
    assert "There is a problem" in html
    assert 'value="ed"' in html
    assert "wrong-password-here" not in html


def test_sign_in_is_throttled() -> None:
    build.user(username="ed")
    client = Client()

    pages = [text_of(sign_in(client, "ed", f"wrong-{n}")) for n in range(6)]

    assert "Too many failed login attempts" not in pages[4]
    assert "Too many failed login attempts" in pages[5]
    assert "Too many failed login attempts" in text_of(sign_in(client, "ed"))


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "password/set/",
        "login/code/confirm/",
    ],
)
def test_what_this_site_does_not_offer_answers_404(path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404


def test_an_account_without_staff_access_is_refused_and_not_sent_in_circles() -> None:
    client = Client()
    client.force_login(build.user(is_staff=False))

    assert client.get(HOME, follow=True).status_code == 403


def test_signing_out_ends_the_session() -> None:
    client = Client()
    client.force_login(build.user("Editor"))

    assert client.post(reverse("account_logout")).headers["Location"] == LOGIN
    assert client.get(HOME).status_code == 302


PAGES = ["account_login", "account_reset_password"]
OWN_PAGES = [
    "mfa_index",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_activate_totp",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
]


@pytest.mark.parametrize("name", PAGES + OWN_PAGES)
def test_sign_in_pages_carry_no_inline_style_script_or_data_address(name: str) -> None:
    build.site_text(name="Porch Clinics")
    client = Client()
    if name in OWN_PAGES:
        build.user(username="ed")
        sign_in(client, "ed")

    response = client.get(reverse(name))

    html = response.content.decode()
    assert response.status_code == 200
    assert "Porch Clinics" in html
    assert re.findall(r'<style|\sstyle=|\son\w+=|"data:|javascript:', html) == []
    scripts = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", html)
    assert [script for script in scripts if 'type="application/json"' not in script] == []


# --- The second factor ----------------------------------------------------------------------------


@pytest.fixture
def _second_factor_required(settings: Any) -> None:
    settings.REQUIRE_MFA = True


@pytest.mark.usefixtures("_second_factor_required")
def test_without_a_second_factor_no_admin_page_opens() -> None:
    where = build.location()
    person = build.member(where, username="ana")
    row = consult(where)
    client = Client()
    sign_in(client, "ana")

    for path in (
        HOME,
        reverse("admin:consults_consultrequest_changelist"),
        reverse("admin:consults_consultrequest_change", args=[row.pk]),
        reverse("admin:jsi18n"),
    ):
        response = client.get(path, follow=True)
        assert response.redirect_chain[-1][0] == reverse("mfa_index")
        assert row.reference not in response.content.decode()
    find = client.post(reverse("admin:consults_consultrequest_find"), {"words": "Jordan"})
    assert find.status_code == 302
    assert find.headers["Location"].startswith(reverse("admin:login"))
    assert Authenticator.objects.filter(user=person).count() == 0
    assert row.events.count() == 0


@pytest.mark.usefixtures("_second_factor_required")
def test_enrolling_a_code_app_opens_the_door_and_is_asked_for_the_next_time() -> None:
    build.user("Editor", username="ed")
    client = Client()
    sign_in(client, "ed")
    setup = client.get(reverse("mfa_activate_totp"))
    assert setup.content.count(b"<svg") == 2  # the site's mark and the code
    assert b"<?xml" not in setup.content
    secret = setup.context["form"].secret

    done = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}, follow=True)

    assert done.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    assert len(re.findall(r"<li>\d{8}</li>", done.content.decode())) == 10
    assert client.get(HOME).status_code == 200

    again = Client()
    assert sign_in(again, "ed").headers["Location"] == reverse("mfa_authenticate")
    assert again.get(HOME).status_code == 302
    refused = again.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "There is a problem" in text_of(refused)
    # A code works once: forget that it was used for enrolment.
    cache.clear()
    opened = again.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert opened.headers["Location"] == HOME
    assert again.get(HOME).status_code == 200


@pytest.mark.usefixtures("_second_factor_required")
def test_a_recovery_code_opens_the_door_once() -> None:
    person = build.user("Editor", username="ed")
    client = Client()
    sign_in(client, "ed")
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    codes = Authenticator.objects.get(user=person, type="recovery_codes").wrap()
    code = codes.get_unused_codes()[0]

    first, second = Client(), Client()
    sign_in(first, "ed")
    first.post(reverse("mfa_authenticate"), {"code": code})
    sign_in(second, "ed")
    second.post(reverse("mfa_authenticate"), {"code": code})

    assert first.get(HOME).status_code == 200
    assert second.get(HOME).status_code == 302


def test_a_session_that_is_not_fresh_asks_for_the_password_before_security_changes() -> None:
    build.user("Editor", username="ed")
    client = Client()
    sign_in(client, "ed")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        response = client.get(reverse("mfa_activate_totp"))

    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))


# --- The staff home -------------------------------------------------------------------------------


def home(user: User) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(HOME)


def test_home_takes_as_many_queries_for_three_clinics_as_for_one() -> None:
    person, counts = build.member(build.location()), []
    for more in (0, 2):
        for _clinic in range(more):
            where = build.location()
            Membership.objects.create(user=person, location=where)
            consult(where)
        client = Client()
        client.force_login(person)
        client.get(HOME)
        with CaptureQueriesContext(connection) as queries:
            client.get(HOME)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_home_of_an_editor_shows_no_desk_and_no_machine() -> None:
    where = build.location(name="Vestavia Hills")
    consult(where)

    words = text_of(home(build.user("Editor")))

    assert "Waiting for approval" not in words
    for absent in ("Vestavia Hills", "Overdue", "Mail and worker", "Open the queue"):
        assert absent not in words


def test_home_says_when_the_worker_was_last_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat = tmp_path / "worker.json"
    monkeypatch.setattr(today, "heartbeat", lambda: beat)
    person = build.member(build.location())
    assert "Worker last seen not seen" in text_of(home(person))

    beat.write_text("{}")

    assert "Worker last seen 0 min ago" in text_of(home(person))


def test_home_warns_of_sample_values() -> None:
    where = build.location()
    person = build.member(where)
    assert "Sample values are live" not in text_of(home(person))

    where.opening_hours.create(weekday=0, opens="09:00", closes="17:00", is_sample=True)
    build.user(is_sample=True)

    assert "Sample values are live: opening hours, demo accounts." in text_of(home(person))


@pytest.mark.parametrize(
    ("group", "seen"),
    [
        ("Intake staff", {"consults"}),
        ("Intake lead", {"consults", "locations"}),
        ("Editor", {"articles", "clinic"}),
        ("Medical reviewer", {"articles"}),
        ("Site administrator", {"clinic", "locations"}),
    ],
)
def test_each_group_sees_only_what_concerns_it(group: str, seen: set[str]) -> None:
    apps = {app["app_label"] for app in home(build.user(group)).context["app_list"]}

    assert apps == seen


# --- Users ----------------------------------------------------------------------------------------


def admin_client() -> Client:
    client = Client()
    client.force_login(build.user("Site administrator", username="root"))
    return client


def user_form(person: User, **values: Any) -> dict[str, Any]:
    return {
        "username": person.username,
        "time_zone": person.time_zone,
        "is_staff": "on",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    } | values


def test_closing_an_account_gives_back_what_it_held() -> None:
    where = build.location()
    person = build.member(where)
    row = held_by(person, where)
    Membership.objects.all().delete()

    url = reverse("admin:clinic_user_change", args=[person.pk])
    response = admin_client().post(url, user_form(person))

    assert response.status_code == 302
    person.refresh_from_db()
    assert person.is_active is False
    assert ConsultRequest.objects.get(pk=row.pk).assignee is None


def test_no_account_gives_itself_every_permission() -> None:
    client = admin_client()
    person = User.objects.get(username="root")
    url = reverse("admin:clinic_user_change", args=[person.pk])
    assert "is_superuser" not in client.get(url).content.decode()

    client.post(url, user_form(person, is_active="on", is_superuser="on", user_permissions="1"))

    person.refresh_from_db()
    assert (person.is_superuser, person.user_permissions.count()) == (False, 0)


def test_accounts_are_never_deleted() -> None:
    person = build.user()
    root = build.user(is_superuser=True)
    client = Client()
    client.force_login(root)

    url = reverse("admin:clinic_user_delete", args=[person.pk])

    assert client.post(url, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_resetting_a_second_factor_stays_on_file() -> None:
    person, other = build.user(), build.user()
    for each in (person, other):
        Authenticator.objects.create(user=each, type="totp", data={"secret": "x"})
    data = {"action": "reset_second_factor", "_selected_action": str(person.pk)}

    admin_client().post(reverse("admin:clinic_user_changelist"), data)

    assert [left.user for left in Authenticator.objects.all()] == [other]
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id) == ("root", str(person.pk))


def test_no_admin_page_shows_the_secrets_of_second_factors() -> None:
    assert not admin.site.is_registered(Authenticator)
    assert not admin.site.is_registered(EmailAddress)


# --- Site texts -----------------------------------------------------------------------------------


def test_changing_the_site_texts_adds_a_revision() -> None:
    first = build.site_text(name="Porch Clinics", tagline="Always on")
    client = admin_client()
    url = reverse("admin:clinic_sitetext_change", args=[first.pk])

    client.post(url, {"name": "Porch Clinics", "tagline": "", "mail_sender": "Front desk"})

    newest, oldest = SiteText.objects.order_by("-pk")
    assert (oldest.tagline, newest.tagline) == ("Always on", "")
    assert newest.saved_by == User.objects.get(username="root")
    history = text_of(client.get(reverse("admin:clinic_sitetext_changelist")))
    assert history.count("Porch Clinics") >= 2


def test_an_old_revision_of_the_site_texts_is_not_built_on() -> None:
    first = build.site_text(name="Old")
    build.site_text(name="New")
    client = admin_client()
    url = reverse("admin:clinic_sitetext_change", args=[first.pk])

    response = client.post(url, {"name": "Old again", "mail_sender": "Front desk"})

    assert "Somebody saved these texts after you opened them." in text_of(response)
    assert "Old again" in response.content.decode()
    assert SiteText.objects.current().name == "New"
    assert "Save" not in text_of(client.get(url)).split("mail comes from")[-1]


def test_sessions_hold_messages_and_cookies_do_not() -> None:
    assert settings.MESSAGE_STORAGE == "django.contrib.messages.storage.session.SessionStorage"
