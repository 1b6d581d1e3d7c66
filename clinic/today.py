"""What the staff home shows: each clinic's desk, the mail, the worker, samples, approvals."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles import reviews
from articles.models import Article, Person, Treatment
from clinic.models import User
from consults import clock, rounds, spam
from consults.models import SEALED_COLUMNS, ConsultRequest, Outbox
from consults.reports import DeskCounts, desk_counts
from locations.calendar import Calendar, federal_holiday
from locations.models import Location, OpeningHours, SpecialDay
from locations.workplaces import my_clinics

WORKER_IS_LATE_AFTER = dt.timedelta(minutes=5)


HOLIDAYS_AHEAD = 30  # days


@dataclass(frozen=True)
class Holiday:
    """A federal holiday soon, and the clinics that have not said whether they open."""

    day: dt.date
    name: str
    clinics: list[Location]


@dataclass
class Today:
    """Each part is None or empty for those whom it does not concern."""

    desks: list[DeskCounts] = field(default_factory=list)
    mail: dict[str, int] | None = None
    shows_worker: bool = False
    worker_seen: dt.datetime | None = None
    held_by_surge: int = 0
    # What the last verification of the events found (consults.rounds); None before the first.
    events: dict[str, Any] | None = None
    # Promises that today's opening hours no longer allow.
    promises: list[ConsultRequest] = field(default_factory=list)
    holidays: list["Holiday"] = field(default_factory=list)
    may_erase_person: bool = False
    samples: list[str | Promise] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    # Records of treatments that nobody has verified, or not for too long.
    treatments: list[Treatment] = field(default_factory=list)
    # How many live texts are overdue for review, and how many are due soon.
    reviews: dict[str, int] | None = None

    @property
    def worker_is_late(self) -> bool:
        return self.worker_seen is None or timezone.now() - self.worker_seen > WORKER_IS_LATE_AFTER


def of(request: HttpRequest) -> Today:
    user = cast(User, request.user)
    today = Today(samples=live_samples())
    if user.has_perm("consults.view_consultrequest"):
        today.desks = desk_counts(user, my_clinics(request))
        if any(desk.quarantined for desk in today.desks):
            today.held_by_surge = spam.held_by_surge(user)
    if today.desks or user.has_perm("clinic.change_user"):
        today.mail = Outbox.objects.counts()
        today.shows_worker, today.worker_seen = True, worker_seen()
        today.events = rounds.last_verdict()
        today.may_erase_person = user.has_perm("consults.erase_person")
    if today.desks:
        clinics = list(Location.objects.worked_at_by(user).with_calendar().order_by("position"))
        today.promises = promises_at_risk(user, clinics)
        today.holidays = undecided_holidays(clinics)
    if user.has_perm("articles.approve_revision") or user.has_perm("articles.change_article"):
        today.articles = list(Article.objects.for_desk().awaiting_approval())
        today.treatments = list(Treatment.objects.overdue())
        today.reviews = reviews.counts()
    return today


MOST_PROMISES = 200


def undecided_holidays(clinics: list[Location]) -> list[Holiday]:
    """Federal holidays of the next days, each clinic counting from its own today."""
    found: dict[dt.date, list[Location]] = defaultdict(list)
    for clinic in clinics:
        today, calendar = timezone.localdate(timezone=clinic.zone), Calendar.of(clinic)
        for day in (today + dt.timedelta(days=number) for number in range(HOLIDAYS_AHEAD + 1)):
            if calendar.is_undecided(day):
                found[day].append(clinic)
    return [Holiday(day, federal_holiday(day), found[day]) for day in sorted(found)]


def promises_at_risk(user: User, clinics: list[Location]) -> list[ConsultRequest]:
    """What was promised for a time that the clinic's hours, changed since, no longer give.

    `clinics` come with their calendars: one for all of a clinic's rows.
    """
    by_key = {clinic.pk: clinic for clinic in clinics}
    rows = ConsultRequest.objects.visible_to(user).promised().order_by("promised_by")
    found = list(rows.defer(*SEALED_COLUMNS)[:MOST_PROMISES])
    for row in found:
        row.location = by_key[row.location_id]
    return clock.promises_at_risk(found)


def heartbeat() -> Path:
    """The file that the worker touches on every round."""
    return settings.VAR_DIR / "worker.json"


def worker_seen() -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(heartbeat().stat().st_mtime, tz=dt.UTC)
    except OSError:
        return None


def live_samples() -> list[str | Promise]:
    """Which invented values visitors or staff may take for real."""
    hours = OpeningHours.objects.filter(is_sample=True).exists()
    days = SpecialDay.objects.filter(is_sample=True).exists()
    found = {
        _("opening hours"): hours or days,
        _("authors and reviewers"): Person.objects.filter(is_sample=True).exists(),
        _("demo accounts"): User.objects.filter(is_sample=True).exists(),
    }
    return [name for name, is_live in found.items() if is_live]
