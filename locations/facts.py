"""What is confirmed about a service at each clinic, grouped as pages print it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from articles.models import Treatment
from locations.models import Location, Service, ServiceFact

IN_ORDER = ServiceFact.Kind.values


@dataclass(frozen=True)
class Confirmed:
    """Facts that one person confirmed on one day."""

    by: str
    on: dt.date
    facts: list[ServiceFact]


@dataclass(frozen=True)
class Offer:
    """A service at one clinic, with what is confirmed about it; that may be nothing."""

    service: Service
    clinic: Location
    confirmed: list[Confirmed] = field(default_factory=list)


def facts_for(treatment: Treatment | None) -> list[Offer]:
    """What articles print about a treatment: each clinic with something confirmed. One query."""
    facts = ServiceFact.objects.showing().about(treatment).select_related("service", "location")
    return [
        Offer(service, clinic, confirmed(group))
        for (service, clinic), group in groupby(facts, lambda fact: (fact.service, fact.location))
    ]


def offers_of(service: Service) -> list[Offer]:
    """Every clinic that offers it; of a service out of `with_offers().with_facts()`."""
    return [offer_at(service, clinic) for clinic in service.offered_at]  # type: ignore[attr-defined]


def offer_at(service: Service, clinic: Location) -> Offer:
    """The service at this clinic; of a service out of `with_facts()`."""
    known: list[ServiceFact] = service.confirmed  # type: ignore[attr-defined]
    return Offer(service, clinic, confirmed(f for f in known if f.location_id == clinic.pk))


def confirmed(facts: Iterable[ServiceFact]) -> list[Confirmed]:
    """In the order of a visit, the newest confirmation first."""
    whole = [fact for fact in facts if fact.confirmed_on]
    whole.sort(key=lambda fact: IN_ORDER.index(fact.kind))
    whole.sort(key=_who_and_when, reverse=True)
    return [Confirmed(by, on, list(rows)) for (on, by), rows in groupby(whole, _who_and_when)]


def _who_and_when(fact: ServiceFact) -> tuple[dt.date, str]:
    return fact.confirmed_on or dt.date.min, fact.confirmed_by
