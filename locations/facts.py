"""What is confirmed about a service at each clinic, grouped as pages print it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from locations.models import Location, Service, ServiceFact

IN_ORDER = ServiceFact.Kind.values
# What an article needs of a fact, as the page frame reads it: a name and where it stands.
FIELDS = {
    name: name
    for name in (
        "pk", "kind", "text", "confirmed_by", "confirmed_on",
        "service__pk", "service__slug", "service__name", "service__position",
        "location__pk", "location__slug", "location__name", "location__position",
    )
}  # fmt: skip


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


def offers_out_of(rows: Iterable[Mapping[str, Any]]) -> list[Offer]:
    """What articles print: each service at each clinic, out of rows of FIELDS in any order."""
    facts = sorted(map(fact_of, rows), key=_place)
    return [
        Offer(service, clinic, confirmed(group))
        for (service, clinic), group in groupby(facts, lambda fact: (fact.service, fact.location))
    ]


def fact_of(row: Mapping[str, Any]) -> ServiceFact:
    """A fact, its service and its clinic out of JSON, only to be printed: most of each is blank."""
    return ServiceFact(
        pk=row["pk"],
        kind=row["kind"],
        text=row["text"],
        confirmed_by=row["confirmed_by"],
        confirmed_on=dt.date.fromisoformat(row["confirmed_on"]),
        service=Service(**_own(row, "service")),
        location=Location(**_own(row, "location")),
    )


def _own(row: Mapping[str, Any], of: str) -> dict[str, Any]:
    return {name: row[f"{of}__{name}"] for name in ("pk", "slug", "name", "position")}


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


def _place(fact: ServiceFact) -> tuple[int, ...]:
    service, clinic = fact.service, fact.location
    return service.position, service.pk, clinic.position, clinic.pk, fact.pk
