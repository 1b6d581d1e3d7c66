"""Where the person who asks works, and with whom."""

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest

from clinic.models import User
from locations.models import Location


def my_clinics(request: HttpRequest) -> list[Location]:
    """The clinics where the signed-in person works; read once a request."""
    page: Any = request
    if not hasattr(page, "my_clinics"):
        clinics = Location.objects.worked_at_by(cast(User, request.user))
        page.my_clinics = list(clinics.order_by("position", "name"))
    return cast("list[Location]", page.my_clinics)


def colleagues(clinics: Iterable[Location]) -> "QuerySet[User]":
    """Who works at any of these clinics and may sign in, by name."""
    people = User.objects.filter(is_active=True, is_staff=True, memberships__location__in=clinics)
    return people.order_by("first_name", "last_name", "username").distinct()
