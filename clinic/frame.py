"""What stands around every page: name, texts, notices and clinics, in one query.

The clinics' phones are also kept in a small file, for the pages that are shown while the database
is away.
"""

import datetime as dt
import json
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db.models import QuerySet, Value
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from phonenumber_field.phonenumber import PhoneNumber

from clinic.http import treatment_of
from clinic.models import SiteText
from locations import facts
from locations.models import Location, ServiceFact, SiteNotice

log = logging.getLogger("clinic.frame")

TEXTS = ("name", "tagline", "description", "hero_title", "hero_text")
CLINIC_FIELDS = (
    "slug", "name", "practice_name", "area", "street", "city", "region", "postal_code", "state",
    "phone", "position", "paused_until", "time_zone",
)  # fmt: skip


@dataclass(frozen=True)
class Clinic:
    """A clinic as the header, footer and error pages name it."""

    slug: str
    name: str
    practice_name: str
    area: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    state: str = "open"
    phone: str = ""  # E.164
    position: int = 0
    paused_until: str | None = None  # ISO 8601
    time_zone: str = settings.TIME_ZONE

    @property
    def is_paused(self) -> bool:
        return self._as_row().is_paused()

    @property
    def takes_requests(self) -> bool:
        return self._as_row().takes_requests()

    def _as_row(self) -> Location:
        """What the rule about pauses asks of a clinic; the rule itself is the model's."""
        last_day = self.paused_until and dt.date.fromisoformat(self.paused_until)
        return Location(state=self.state, time_zone=self.time_zone, paused_until=last_day or None)

    @property
    def phone_display(self) -> str:
        return PhoneNumber.from_string(self.phone).as_national if self.phone else ""

    def get_absolute_url(self) -> str:
        return f"/locations/{self.slug}/"


@dataclass(frozen=True)
class Notice:
    text: str
    clinic_name: str


@dataclass
class Site:
    """The site's texts, notices and clinics, as `site` in every template."""

    name: str = ""
    tagline: str = ""
    description: str = ""
    hero_title: str = ""
    hero_text: str = ""
    url: str = ""
    notices: list[Notice] = field(default_factory=list)
    clinics: list[Clinic] = field(default_factory=list)
    # What the clinics confirmed about the treatment that the page is about.
    offers: list[facts.Offer] = field(default_factory=list)

    def with_texts(self, texts: SiteText) -> "Site":
        """The same frame around other texts, which need not be saved."""
        return replace(self, **{name: getattr(texts, name) for name in TEXTS})


def load_site(treatment_id: int | None = None) -> Site:
    """Reads the frame in one query: the newest texts, the notices showing now, the clinics.

    For a page about a treatment also what the clinics confirmed about it.
    """
    newest = SiteText.objects.order_by("-pk").values("pk")[:1]
    texts = SiteText.objects.filter(pk__in=newest)
    notices = SiteNotice.objects.showing()
    parts = [
        _part("notice", notices, {"text": "text", "clinic_name": "location__name"}),
        _part("clinic", Location.objects.listed(), {name: name for name in CLINIC_FIELDS}),
    ]
    if treatment_id:
        confirmed = ServiceFact.objects.showing().about(treatment_id)
        parts.append(_part("fact", confirmed, facts.FIELDS))
    rows = _part("text", texts, {name: name for name in TEXTS}).union(*parts, all=True)
    return site_out_of(rows)


def site_out_of(rows: Iterable[tuple[str, Any]]) -> Site:
    """The frame out of its parts, which a union gives in any order."""
    site = Site(url=settings.SITE_URL)
    confirmed = []
    for kind, data in rows:
        if kind == "text":
            vars(site).update(data)
        elif kind == "notice":
            site.notices.append(Notice(data["text"], data["clinic_name"] or ""))
        elif kind == "fact":
            confirmed.append(data)
        else:
            site.clinics.append(Clinic(**data))
    site.clinics.sort(key=lambda clinic: (clinic.position, clinic.name))
    site.offers = facts.offers_out_of(confirmed)
    return site


def _part(kind: str, rows: QuerySet[Any], fields: dict[str, str]) -> QuerySet[Any, Any]:
    """One part of the union, in no order: a union keeps none."""
    named = rows.order_by().annotate(part=Value(kind), data=JSONObject(**fields))
    return named.values_list("part", "data")


def remember_phones() -> None:
    """Writes the clinics' phones to the file that error pages read while the database is away."""
    remember(load_site().clinics)


def remember(clinics: list[Clinic]) -> None:
    """Writes the file in one step: several processes may do so at once. Raises OSError."""
    path = phones_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    fresh.write_text(json.dumps([asdict(clinic) for clinic in clinics]), encoding="utf-8")
    fresh.replace(path)


def phones_file() -> Path:
    return settings.VAR_DIR / "phones.json"


def remembered_site() -> Site:
    """The frame without the database: the last known clinics, no texts."""
    try:
        clinics = [Clinic(**clinic) for clinic in json.loads(phones_file().read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        clinics = []
    return Site(url=settings.SITE_URL, clinics=clinics)


def site_or_remembered() -> Site:
    """The frame for error pages: from the database if it answers, else what was last known."""
    try:
        return load_site()
    except DatabaseFault:
        return remembered_site()


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor: `site`, read once and only where a template prints it.

    Also as `frame`, because allauth's views put something else under `site`.
    """
    lazy = SimpleLazyObject(lambda: load_and_remember(treatment_of(request)))
    return {"site": lazy, "frame": lazy}


# What this process last saw in the file, or put there.
last_remembered: list[Clinic] = []


def load_and_remember(treatment_id: int | None = None) -> Site:
    """The frame, and the file brought up to date: a clinic may have been changed elsewhere."""
    site = load_site(treatment_id)
    if site.clinics != last_remembered:
        try:
            remember(site.clinics)
        except OSError as error:  # a full disk must not cost the page
            log.error("phones not kept", extra={"kind": type(error).__name__})
        last_remembered[:] = site.clinics
    return site
