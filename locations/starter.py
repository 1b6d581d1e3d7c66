"""The clinics and services that a new site starts with."""

from pathlib import Path

import yaml

from articles.models import Treatment
from locations.models import Location, Service

STARTER = Path(__file__).with_name("starter.yaml")


def load_starter() -> int:
    """Adds the starter clinics and services that are missing, and says how many.

    A row with the same address on the site is left as staff have it. A service whose treatment
    record is missing is added without one.
    """
    content = yaml.safe_load(STARTER.read_text("utf-8"))
    added = [add_location(**values) for values in content["locations"]]
    added += [add_service(**values) for values in content["services"]]
    return sum(added)


def add_location(slug: str, **values: object) -> bool:
    # Staff may have chosen another clinic for requests that name none: there is only one.
    if Location.objects.filter(is_default=True).exists():
        values["is_default"] = False
    return Location.objects.get_or_create(slug=slug, defaults=values)[1]


def add_service(slug: str, treatment: str, **values: object) -> bool:
    values["treatment"] = Treatment.objects.filter(slug=treatment).first()
    return Service.objects.get_or_create(slug=slug, defaults=values)[1]
