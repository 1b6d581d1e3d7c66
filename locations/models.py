"""Where the clinics are, when they are open, who works there and what they offer."""

from locations.clinics import Location, LocationQuerySet, Membership
from locations.notices import SiteNotice
from locations.opening import OpeningHours, SpecialDay
from locations.services import Service, ServiceFact

__all__ = [
    "Location",
    "LocationQuerySet",
    "Membership",
    "OpeningHours",
    "Service",
    "ServiceFact",
    "SiteNotice",
    "SpecialDay",
]
