"""Every page of the staff site, read from the URLconf, so that a new one cannot escape a sweep."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from articles import gate
from articles.models import Article, Judgement
from clinic.models import SearchMiss, User
from locations.models import Location, Membership, SiteNotice
from tests.addresses import STAFF, patterns
from tests.articles import build as articles


def administrator() -> Client:
    """A client of someone who may open everything, with a role at every clinic and every factor.

    Makes as well the kinds of rows that the demo has none of.
    """
    SiteNotice.objects.create(
        text="Closed for snow.", ends_at=timezone.now() + dt.timedelta(days=1)
    )
    judge()
    articles.picture()
    SearchMiss.objects.create(day=timezone.localdate(), words="fee", count=3)
    account = User.objects.get(username="admin")
    for where in Location.objects.all():
        Membership.objects.create(user=account, location=where, role=Membership.Role.LEAD)
    client = signed_in("admin")
    TOTP.activate(account, generate_totp_secret())
    RecoveryCodes.activate(account)
    WebAuthn.add(account, "Desk key", passkey())
    return client


def judge() -> None:
    """Makes a sentence that a reviewer lets stand, in an article of its own."""
    article = articles.draft(body="It is a cure.")
    found = gate.findings(article.revisions.latest())[0]
    reviewer = User.objects.get(username="reviewer")
    Judgement.objects.override(article, found, reviewer, "It quotes the old label.")


def signed_in(username: str) -> Client:
    """A client that has only just given its password, so that nothing asks for it again."""
    client = Client()
    credentials = {"login": username, "password": settings.DEMO_PASSWORD}
    assert client.post(reverse("account_login"), credentials).status_code == 302
    return client


def passkey() -> dict[str, Any]:
    """What a browser sends when someone adds a passkey."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attested = AttestedCredentialData.create(Aaguid.NONE, b"desk-key", key)
    seen = AuthenticatorData.create(bytes(32), flags, 0, attested)
    answer = AuthenticatorAttestationResponse(
        client_data=CollectedClientData.create("webauthn.create", b"asked", "http://localhost"),
        attestation_object=AttestationObject.create("none", seen, {}),
    )
    return dict(RegistrationResponse(raw_id=b"desk-key", response=answer))


# Views that answer neither a page nor a refusal (403, or 405 for what is only pressed).
NOT_PAGES = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email",
    "account_email_verification_sent",
    "account_login",  # for someone who is not signed in: see sign_in_stops
    "account_set_password",
    "account_signup",
    "admin:consults_consultrequest_history",
    "admin:jsi18n",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:view_on_site",
    "mfa_activate_totp",  # for someone who has none: see newcomer_stops
    "mfa_authenticate",  # half signed in: see sign_in_stops
    "mfa_download_recovery_codes",
    "mfa_login_webauthn",
}


def published() -> Article:
    return Article.objects.published()[0]


def key_of_passkey() -> object:
    return Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN).pk


# What else an address is filled with. A new one fails the sweep until it is here.
FILLED: dict[str, Callable[[], list[object]]] = {
    "account_confirm_email": lambda: ["key"],
    "account_reset_password_from_key": lambda: ["1", "set-password"],
    "admin:app_list": lambda: ["locations"],
    "admin:articles_article_confirm": lambda: [published().pk, 1],
    "admin:articles_article_correct": lambda: [published().pk, 1],
    "admin:articles_article_findings": lambda: [published().pk, 1],
    "admin:articles_article_compare": lambda: [published().pk],
    "admin:articles_article_make_link": lambda: [published().pk, 1],
    "admin:articles_article_notes": lambda: [published().pk, 1],
    "admin:articles_article_publish": lambda: [published().pk, 1],
    "admin:articles_article_read": lambda: [published().pk, 1],
    "admin:articles_article_restore": lambda: [published().pk, 1],
    "admin:articles_article_review": lambda: [published().pk, 1],
    "admin:articles_article_revoke_link": lambda: [articles.link(published().revision).pk],
    "admin:articles_article_roll_back": lambda: [published().pk, 1],
    "admin:articles_article_submit": lambda: [published().pk, 1],
    "admin:articles_article_withdraw": lambda: [published().pk],
    "admin:auth_user_password_change": lambda: [User.objects.all()[0].pk],
    "admin:locations_location_close_today": lambda: [1],
    "admin:locations_location_remove_day": lambda: [1],
    "admin:locations_location_reopen": lambda: [1],
    "admin:view_on_site": lambda: [1, 1],
    "mfa_edit_webauthn": lambda: [key_of_passkey()],
    "mfa_remove_webauthn": lambda: [key_of_passkey()],
}


def staff_addresses() -> dict[str, str]:
    """Name and address of every view of the staff site."""
    return {name: address_of(name) for name in names()}


def staff_pages(client: Client) -> dict[str, str]:
    """Name and address of every page that the client's user may open; fails for an unknown rest."""
    pages, others = {}, set()
    for name, address in staff_addresses().items():
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            pages[name] = address
        elif answer.status_code not in {403, 405}:
            others.add(name)
    assert others == NOT_PAGES, sorted(others ^ NOT_PAGES)
    return pages


def names() -> list[str]:
    """The names of all views of the staff site; the few without one only redirect or refuse."""
    found = {name for route, name in patterns() if route.startswith(STAFF)}
    return sorted(name for name in found if not name.endswith("None"))


def address_of(name: str) -> str:
    """Filled from FILLED; else, where it needs something, with a row of the admin's own model."""
    if name in FILLED:
        return reverse(name, args=FILLED[name]())
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[row_of(name).pk])


def row_of(name: str) -> Model:
    for model in admin.site._registry:
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            row = model._default_manager.first()
            assert row, f"Make a {model._meta.verbose_name} in administrator()"
            return row
    raise AssertionError(f"Say in FILLED what {name} is filled with")
