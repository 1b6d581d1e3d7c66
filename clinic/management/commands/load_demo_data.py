"""Makes the site look lived in: accounts, sample hours, published articles, invented requests."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import articles.importers.starter
from clinic.models import User
from clinic.search.rebuild import rebuild
from consults import demo as demo_requests
from consults.models import ConsultRequest
from locations.models import Location, Membership, OpeningHours

STAFF, LEAD = Membership.Role.STAFF, Membership.Role.LEAD
EVERY_CLINIC = ("vestavia-hills", "opelika", "alexandria")

# User name: full name, group, role and clinics.
ACCOUNTS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "admin": ("Sample Administrator", "Site administrator", "", ()),
    "lead": ("Sample Lead", "Intake lead", LEAD, EVERY_CLINIC),
    "staff-vestavia": ("Sample Staff Vestavia", "Intake staff", STAFF, ("vestavia-hills",)),
    "staff-opelika": ("Sample Staff Opelika", "Intake staff", STAFF, ("opelika",)),
    "staff-alexandria": ("Sample Staff Alexandria", "Intake staff", STAFF, ("alexandria",)),
    "editor": ("Sample Editor", "Editor", "", ()),
    "reviewer": ("Sample Reviewer", "Medical reviewer", "", ()),
}


class Command(BaseCommand):
    help = (
        "Add demo accounts, sample hours and invented requests. Refused in production, and in a "
        "database that holds an account or a request that is not demo."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_in_production()
        if User.objects.filter(is_sample=True).exists():
            return
        refuse_beside_real_data()
        accounts = {username: make_account(username) for username in ACCOUNTS}
        make_hours()
        make_mailboxes()
        articles.importers.starter.publish_samples(
            editor=accounts["editor"], reviewer=accounts["reviewer"]
        )
        rebuild()
        requests = demo_requests.make_requests(accounts)
        self.stdout.write(f"Added {len(accounts)} demo accounts and {requests} invented requests.")


def refuse_in_production() -> None:
    if settings.PRODUCTION:
        raise CommandError("Demo data is not for production.")


def refuse_beside_real_data() -> None:
    """Raises CommandError where there is anything that is not demo."""
    real_users = User.objects.filter(is_sample=False).count()
    real_requests = ConsultRequest.objects.filter(is_sample=False).count()
    if real_users or real_requests:
        raise CommandError(
            f"This database holds {real_users} accounts and {real_requests} requests that are not "
            "demo: demo data stays out."
        )


def make_account(username: str) -> User:
    full_name, group, role, clinics = ACCOUNTS[username]
    first, _space, last = full_name.partition(" ")
    account = User(
        username=username,
        first_name=first,
        last_name=last,
        email=f"{username}@example.com",
        is_staff=True,
        is_superuser=username == "admin",
        is_sample=True,
        time_zone="America/New_York" if clinics == ("alexandria",) else "America/Chicago",
    )
    account.set_password(settings.DEMO_PASSWORD)
    account.save()
    account.groups.add(Group.objects.get(name=group))
    for slug in clinics:
        where = Location.objects.get(slug=slug)
        Membership.objects.create(user=account, location=where, role=role)
    return account


def make_mailboxes() -> None:
    """A mailbox for notices at each clinic, so that the worker has somebody to write to."""
    for where in Location.objects.filter(notice_email=""):
        where.notice_email = f"desk-{where.slug}@example.com"
        where.save()


def make_hours() -> None:
    """Sample hours, marked as such, for clinics whose hours are not known."""
    split = [(dt.time(9), dt.time(12)), (dt.time(13), dt.time(17))]
    weeks = {
        "vestavia-hills": [(dt.time(9), dt.time(17))],
        "opelika": split,
        "alexandria": [(dt.time(8, 30), dt.time(16, 30))],
    }
    OpeningHours.objects.bulk_create(
        OpeningHours(location=where, weekday=weekday, opens=opens, closes=closes, is_sample=True)
        for where in Location.objects.filter(slug__in=weeks, opening_hours__isnull=True)
        for weekday in range(5)
        for opens, closes in weeks[where.slug]
    )
