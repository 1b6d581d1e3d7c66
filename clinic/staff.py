"""The staff site: who may come in, with what, and what they may open."""

import logging
import time
from collections.abc import Iterable
from email.utils import formataddr, parseaddr
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _

from clinic import today
from clinic.http import client_address
from clinic.models import SiteText, User
from locations.workplaces import my_clinics

log = logging.getLogger("clinic.mail")


class StaffAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: a lead or an administrator makes the account."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **parts: Any) -> bool:
        """Having signed in a moment ago counts: enrolment does not ask for the password twice."""
        records = get_authentication_records(self.request, self.request.user)
        oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        if any(record.get("at", 0) > oldest for record in records):
            return False
        return bool(super().is_reauthentication_required(app=app, **parts))

    def send_notification_mail(
        self, template_prefix: str, user: Any, *args: Any, **kw: Any
    ) -> None:
        """Ends every other session of someone who set up a second factor: none began with it."""
        if template_prefix in ENROLMENTS:
            end_sessions([user], keep=self.request.session.session_key)
        super().send_notification_mail(template_prefix, user, *args, **kw)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends under the neutral name. A mail server that is away must not tell who works here."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's own errors are OSErrors too
            log.error("mail not sent", extra={"kind": type(error).__name__})

    def get_from_email(self) -> str:
        address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        return formataddr((SiteText.objects.current().mail_sender, address))

    def format_email_subject(self, subject: str) -> str:
        """As it is: a host's name in front would say where somebody works."""
        return subject

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that sign-in is throttled by; only trusted proxies may speak for it."""
        return client_address(request)


# What allauth calls its notices of a second factor that was just set up.
ENROLMENTS = frozenset({"mfa/email/totp_activated", "mfa/email/webauthn_added"})


def end_sessions(people: Iterable[User], keep: str | None = None) -> None:
    """Signs these people out everywhere, but for the session `keep`."""
    keys = {str(person.pk) for person in people}
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=keep):
        if session.get_decoded().get(SESSION_KEY) in keys:
            session.delete()


class StaffMFAAdapter(DefaultMFAAdapter):
    def build_totp_svg(self, url: str) -> str:
        """The QR code as SVG that stands inside a page: without the XML prolog."""
        svg: str = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]


def closed(request: HttpRequest, *parts: str) -> HttpResponse:
    """What allauth offers and this site does not: signing up, managing addresses."""
    raise Http404


class StaffSite(AdminSite):
    """Django's admin behind our sign-in and a second factor."""

    site_title = _("Staff")
    site_header = _("Front desk")
    index_title = _("Today")
    index_template = "admin/today.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sends people to the one sign-in page, or to set up the second factor they still lack."""
        target = own_address(request)
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': target})}")
        if not super().has_permission(request):
            # Sending an account without access to sign in would send it round in a circle.
            raise PermissionDenied
        if not has_second_factor(request):
            return redirect("mfa_index")
        return HttpResponseRedirect(target)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            context["my_clinics"] = my_clinics(request)
        return context

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {"today": today.of(request), **(extra_context or {})})


def own_address(request: HttpRequest) -> str:
    """Where the person was going, if that is a page of ours; else the staff home."""
    target = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return reverse("admin:index")


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the user has set one up; allauth asks for it at every sign-in from then on."""
    return not settings.REQUIRE_MFA or is_mfa_enabled(request.user)


# Opening hours, special days and confirmed facts of the clinics that a person may change.
HOURS = [
    f"locations.{verb}_{model}"
    for model in ("openinghours", "specialday", "servicefact")
    for verb in ("view", "add", "change", "delete")
]

# What each group may do, as app.codename. Whose requests they see is decided by Membership alone.
GROUPS: dict[str, list[str]] = {
    "Intake staff": ["consults.view_consultrequest", "consults.change_consultrequest"],
    "Intake lead": [
        "consults.view_consultrequest",
        "consults.change_consultrequest",
        "locations.view_location",
        "locations.change_location",
        *HOURS,
    ],
    "Editor": [
        "articles.view_article",
        "articles.add_article",
        "articles.change_article",
        "articles.publish_article",
        "articles.view_topic",
        "articles.add_topic",
        "articles.change_topic",
        "articles.view_person",
        "articles.add_person",
        "articles.change_person",
        "articles.view_reference",
        "articles.add_reference",
        "articles.change_reference",
        "articles.view_picture",
        "articles.add_picture",
        "articles.change_picture",
        "articles.view_treatment",
        "articles.view_judgement",
        "clinic.view_searchmiss",
    ],
    "Medical reviewer": [
        "articles.view_article",
        "articles.view_judgement",
        "articles.approve_revision",
        "articles.view_reference",
        "articles.view_treatment",
        "articles.change_treatment",
    ],
    "Site administrator": [
        "consults.erase_person",
        "clinic.view_user",
        "clinic.add_user",
        "clinic.change_user",
        "clinic.view_sitetext",
        "clinic.add_sitetext",
        "clinic.change_sitetext",
        "locations.view_location",
        "locations.add_location",
        "locations.change_location",
        *HOURS,
        "locations.view_membership",
        "locations.add_membership",
        "locations.change_membership",
        "locations.delete_membership",
        "locations.view_service",
        "locations.add_service",
        "locations.change_service",
        "locations.view_sitenotice",
        "locations.add_sitenotice",
        "locations.change_sitenotice",
        "locations.delete_sitenotice",
    ],
}


def sync_groups() -> None:
    """Makes the groups and gives each exactly the permissions listed above."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, codes in GROUPS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([known[code] for code in codes])
