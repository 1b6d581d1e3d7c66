"""Builds rows for tests: plain functions with sensible values, each overridable by name.

People are invented: 555-01xx phones and example.com mail only.
"""

import itertools
from typing import Any

from django.contrib.auth.models import Group

from clinic import staff
from clinic.models import SiteText, User
from locations.models import Location, Membership, OpeningHours

_numbers = itertools.count(1)


def user(*groups: str, **values: Any) -> User:
    """A staff account that is a member of the named groups (clinic.staff.GROUPS)."""
    number = next(_numbers)
    defaults: dict[str, Any] = {"username": f"person{number}", "is_staff": True}
    account = User.objects.create_user(**(defaults | values), password="a-long-test-password")
    if groups:
        if not Group.objects.exists():
            staff.sync_groups()
        account.groups.set(Group.objects.filter(name__in=groups))
    return account


def location(**values: Any) -> Location:
    number = next(_numbers)
    defaults = {
        "slug": f"town-{number}",
        "name": f"Town {number}",
        "practice_name": "Sample Practice",
        "city": f"Town {number}",
        "region": "AL",
        "phone": "+12055550134",
        "time_zone": "America/Chicago",
        "position": number,
    }
    return Location.objects.create(**(defaults | values))


def weekday_hours(where: Location, opens: str = "09:00", closes: str = "17:00") -> None:
    """Monday to Friday, the same stretch each day."""
    OpeningHours.objects.bulk_create(
        OpeningHours(location=where, weekday=day, opens=opens, closes=closes) for day in range(5)
    )


def member(where: Location, role: str = Membership.Role.STAFF, **values: Any) -> User:
    """Someone of the intake staff (or lead) at one clinic."""
    group = "Intake lead" if role == Membership.Role.LEAD else "Intake staff"
    account = user(group, **values)
    Membership.objects.create(user=account, location=where, role=role)
    return account


def site_text(**values: Any) -> SiteText:
    return SiteText.objects.create(**({"name": "Sample Clinics"} | values))
