"""JSON-LD for a clinic's page: what the page shows, and nothing it does not show."""

from typing import Any

from clinic.seo import absolute, organization_id
from locations.calendar import Calendar
from locations.models import Location

SCHEMA_DAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def clinic_node(location: Location, site_name: str) -> dict[str, Any] | None:
    """The clinic wherever it is named; None while its address is not known in full.

    It belongs to the site's organization only where the name on its door is the site's own.
    """
    if not (location.street and location.postal_code):
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


def medical_clinic(location: Location, calendar: Calendar, site_name: str) -> dict[str, Any] | None:
    """The clinic on its own page, which shows its hours as well."""
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
