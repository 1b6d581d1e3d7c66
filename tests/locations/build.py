"""Rows of this app for tests; the shared basics are in tests.build."""

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from articles.models import Treatment
from locations.models import Location, Service, ServiceFact, SpecialDay
from tests.articles import build as articles

_numbers = itertools.count(1)


def service(*offered_at: Location, **values: Any) -> Service:
    number = next(_numbers)
    defaults = {
        "slug": f"service-{number}",
        "name": f"Service {number}",
        "description": "A sentence that says what this service is, for people who search.",
        "body": "What it is.",
        "position": number,
    }
    made = Service.objects.create(**(defaults | values))
    made.locations.set(offered_at)
    return made


def treatment(**values: Any) -> Treatment:
    defaults = {
        "name": "Sample treatment",
        "statement": "This treatment is approved for something else.",
        "risks": "It has risks.",
    }
    return articles.treatment(**(defaults | values))


def special_day(where: Location, first: dt.date, **values: Any) -> SpecialDay:
    return SpecialDay.objects.create(
        location=where, **({"first_day": first, "last_day": first} | values)
    )


def fact(of: Service, where: Location, **values: Any) -> ServiceFact:
    """Confirmed today and shown for thirty days, unless said otherwise."""
    today = timezone.localdate()
    defaults = {
        "kind": ServiceFact.Kind.LENGTH,
        "text": "Plan for two hours.",
        "confirmed_by": "the clinic manager",
        "confirmed_on": today,
        "expires_on": today + dt.timedelta(days=30),
    }
    return ServiceFact.objects.create(service=of, location=where, **(defaults | values))
