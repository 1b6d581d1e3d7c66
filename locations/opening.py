"""The rows that locations.calendar reads: the usual week, and the days that differ from it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from locations.clinics import Location

BEFORE = _("The opening time must be before the closing time, for example 9 a.m. and 5 p.m.")


class OpeningHours(models.Model):
    """One stretch of one weekday in the clinic's own time; a split day has two."""

    location = models.ForeignKey(
        Location, verbose_name=_("clinic"), on_delete=models.CASCADE, related_name="opening_hours"
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=[
            (0, _("Monday")),
            (1, _("Tuesday")),
            (2, _("Wednesday")),
            (3, _("Thursday")),
            (4, _("Friday")),
            (5, _("Saturday")),
            (6, _("Sunday")),
        ],
    )
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    by_appointment = models.BooleanField(
        _("by appointment"),
        default=False,
        help_text=_("The page says so; the response clock counts the day as closed."),
    )
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday"),
            models.CheckConstraint(
                condition=Q(by_appointment=True, opens__isnull=True, closes__isnull=True)
                | Q(
                    by_appointment=False,
                    opens__isnull=False,
                    closes__isnull=False,
                    opens__lt=models.F("closes"),
                ),
                name="opening_hours_opens_before_it_closes",
                violation_error_message=BEFORE,
            ),
            models.UniqueConstraint(
                fields=["location", "weekday", "opens"], name="opening_hours_once"
            ),
        ]

    def __str__(self) -> str:
        times = f"{self.opens:%H:%M}" if self.opens else ""
        return f"{self.get_weekday_display()} {times}".strip()

    def clean(self) -> None:
        if self.by_appointment and (self.opens or self.closes):
            raise ValidationError(
                {"by_appointment": _("Leave both times blank for a day by appointment.")}
            )
        if not self.by_appointment and not (self.opens and self.closes):
            raise ValidationError(
                {"opens": _("Give both times, for example 9 a.m. and 5 p.m., or tick the box.")}
            )


@dataclass(frozen=True)
class Decision:
    """What staff say of a run of days. Kind: closed, usual or hours (then with both times)."""

    first_day: dt.date
    last_day: dt.date
    kind: str
    opens: dt.time | None = None
    closes: dt.time | None = None
    label: str = ""


class SpecialDayQuerySet(models.QuerySet["SpecialDay"]):
    def from_day(self, day: dt.date) -> "SpecialDayQuerySet":
        """Those that are not over on this day, in order."""
        return self.filter(last_day__gte=day).order_by("first_day", "location__position", "opens")

    def of_clinics(self, clinics: Iterable[Location]) -> "SpecialDayQuerySet":
        return self.filter(location__in=list(clinics)).select_related("location")

    def touching(self, first_day: dt.date, last_day: dt.date) -> "SpecialDayQuerySet":
        return self.filter(first_day__lte=last_day, last_day__gte=first_day)

    @transaction.atomic
    def decide(self, clinics: Iterable[Location], decision: Decision) -> None:
        """Says what holds at these clinics on these days, in place of what was said before.

        A longer run that covers them keeps its other days.
        """
        # Two people who decide at once wait for each other.
        held = Location.objects.select_for_update().filter(pk__in=[one.pk for one in clinics])
        for clinic in held.order_by("pk"):
            before = self.filter(location=clinic)
            for row in before.touching(decision.first_day, decision.last_day):
                row.give_way(decision)
            self.create(location=clinic, **vars(decision))
        held.touch()


class SpecialDay(models.Model):
    """Days that differ from the week: closed, or open at other hours (in the clinic's own time)."""

    location = models.ForeignKey(
        Location, verbose_name=_("clinic"), on_delete=models.CASCADE, related_name="special_days"
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    kind = models.CharField(
        _("on these days"),
        max_length=10,
        choices=[
            ("closed", _("closed")),
            ("usual", _("open as usual")),
            ("hours", _("other hours")),
        ],
        default="closed",
    )
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    label = models.CharField(
        _("shown as"), max_length=80, blank=True, help_text=_("For example Thanksgiving Day.")
    )
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["first_day", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=models.F("last_day")),
                name="special_day_ends_after_it_begins",
                violation_error_message=_(
                    "The last day must not be before the first. For one day, give it twice."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["closed", "usual"], opens__isnull=True, closes__isnull=True)
                | Q(
                    kind="hours",
                    opens__isnull=False,
                    closes__isnull=False,
                    opens__lt=models.F("closes"),
                ),
                name="special_day_hours_only_with_other_hours",
                violation_error_message=BEFORE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} {self.label}".strip()

    def clean(self) -> None:
        if self.kind != "hours" and (self.opens or self.closes):
            raise ValidationError({"kind": _("Choose “other hours”, or leave both times blank.")})
        if self.kind == "hours" and not (self.opens and self.closes):
            raise ValidationError({"opens": _("Give both times, for example 9 a.m. and noon.")})

    @transaction.atomic
    def take_back(self) -> None:
        """The usual week holds again on these days, and a federal holiday is closed again."""
        self.delete()
        Location.objects.filter(pk=self.location_id).touch()

    def give_way(self, to: Decision) -> None:
        """Keeps only the days outside the decision: none, one run or two."""
        a_day = dt.timedelta(days=1)
        before = (self.first_day, min(self.last_day, to.first_day - a_day))
        after = (max(self.first_day, to.last_day + a_day), self.last_day)
        self.delete()
        for first_day, last_day in (before, after):
            if first_day <= last_day:
                self.pk = None
                self._state.adding = True
                self.first_day, self.last_day = first_day, last_day
                self.save()
