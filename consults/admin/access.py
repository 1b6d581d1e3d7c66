"""Who may do what is for leads only, and with which clinics."""

from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from clinic.models import User
from consults.admin.queue import staff
from consults.models import ConsultRequest, EventKind
from consults.states import record
from locations.models import Location, LocationQuerySet


def refuse(request: HttpRequest, row: ConsultRequest | None = None) -> NoReturn:
    """Answers 403 and leaves word of it."""
    record(EventKind.REFUSED, row, staff(request))
    raise PermissionDenied


def led_by(user: User) -> LocationQuerySet:
    """The clinics where the person is a lead; being a lead elsewhere opens nothing here."""
    return Location.objects.led_by(user).order_by("position", "name")


def lead_or_403(request: HttpRequest) -> tuple[User, LocationQuerySet]:
    """The signed-in lead and their clinics."""
    user = staff(request)
    clinics = led_by(user)
    if not user.has_perm("consults.view_consultrequest") or not clinics.exists():
        refuse(request)
    return user, clinics
