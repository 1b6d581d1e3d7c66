"""JSON-LD for a clinic's page: what the page shows, and nothing it does not show."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from clinic.seo import absolute, organization_id
from locations.calendar import Calendar
from locations.hours import OtherDay
from locations.models import Location

SCHEMA_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
# As search engines read “closed all day”.
CLOSED = ((dt.time(0), dt.time(0)),)


def clinic_node(location: Location, site_name: str) -> dict[str, Any] | None:
    """The clinic wherever it is named; None before it opens or while its address is not whole.

    It belongs to the site's organization only where the name on its door is the site's own.
    """
    is_coming = location.state == Location.State.COMING
    if is_coming or not (location.street and location.postal_code):
        return None
    url = absolute(location.get_absolute_url())
    node: dict[str, Any] = {
        "@type": "MedicalClinic",
        "@id": f"{url}#clinic",
        "url": url,
        "name": location.practice_name,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": location.street,
            "addressLocality": location.city,
            "addressRegion": location.region,
            "postalCode": location.postal_code,
            "addressCountry": "US",
        },
    }
    if location.phone:
        node["telephone"] = location.phone.as_e164
    if location.practice_name == site_name:
        node["parentOrganization"] = {"@id": organization_id()}
    return node


def medical_clinic(
    location: Location, calendar: Calendar, days: Iterable[OtherDay], site_name: str
) -> dict[str, Any] | None:
    """The clinic on its own page, which shows its hours and the days that differ as well."""
    node = clinic_node(location, site_name)
    if node is None:
        return None
    if location.latitude is not None and location.longitude is not None:
        node["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": float(location.latitude),
            "longitude": float(location.longitude),
        }
    if calendar.has_known_hours:
        node["openingHoursSpecification"] = opening_hours(calendar)
    if special := special_hours(days):
        node["specialOpeningHoursSpecification"] = special
    if "parentOrganization" in node:
        # In full, as the organization's own node stands on the home page.
        node["parentOrganization"] |= {
            "@type": "MedicalOrganization",
            "name": site_name,
            "url": absolute("/"),
        }
    return node


def opening_hours(calendar: Calendar) -> list[dict[str, str]]:
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"https://schema.org/{SCHEMA_DAYS[weekday]}",
            "opens": f"{opens:%H:%M}",
            "closes": f"{closes:%H:%M}",
        }
        for weekday, spans in enumerate(calendar.week)
        for opens, closes in spans
    ]


def special_hours(days: Iterable[OtherDay]) -> list[dict[str, str]]:
    """The announced days. On one that is open as usual the week holds, which is there already."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "validFrom": f"{day.first_day:%Y-%m-%d}",
            "validThrough": f"{day.last_day:%Y-%m-%d}",
            "opens": f"{opens:%H:%M}",
            "closes": f"{closes:%H:%M}",
        }
        for day in days
        for opens, closes in (CLOSED if day.kind == "closed" else day.spans)
    ]
