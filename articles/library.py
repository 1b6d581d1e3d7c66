"""What articles rest on: topics, people, sources, and the status of each treatment."""

import calendar
import datetime as dt
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Months after which the status of a treatment is held against its sources again.
VERIFIED_FOR = 6


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last day: six months after August 31 is February 28."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return dt.date(years, month + 1, min(day.day, last))


class TopicQuerySet(models.QuerySet["Topic"]):
    def with_published(self) -> "TopicQuerySet":
        """Topics that readers can find something under, with `article_count` and `newest_at`."""
        # Which articles are public is said in one place only; asked by name, as it is below us.
        published = apps.get_model("articles", "Article").objects.published().order_by()
        of_topic = published.filter(topic=OuterRef("pk")).values("topic")
        return self.annotate(
            article_count=Subquery(of_topic.annotate(n=Count("pk")).values("n")),
            newest_at=Subquery(of_topic.annotate(at=Max("published_at")).values("at")),
        ).filter(article_count__gt=0)


class Topic(models.Model):
    slug = models.SlugField(_("address on the site"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(
        _("description"), max_length=160, help_text=_("One sentence of 50 to 160 characters.")
    )
    position = models.PositiveSmallIntegerField(_("order in lists"), default=0)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])


class PersonQuerySet(models.QuerySet["Person"]):
    def with_published(self) -> "PersonQuerySet":
        """People whom a public article names, with `newest_at`."""
        articles = apps.get_model("articles", "Article").objects.by_person(OuterRef("pk"))
        return self.annotate(newest_at=Subquery(articles.values("published_at")[:1])).filter(
            newest_at__isnull=False
        )


class Person(models.Model):
    """An author or a medical reviewer, as readers see them."""

    slug = models.SlugField(_("address on the site"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    credentials = models.CharField(
        _("credentials"),
        max_length=160,
        help_text=_("As they stand on the licence: MD, psychiatry."),
    )
    bio = models.TextField(_("about"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
    )
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}"

    def get_absolute_url(self) -> str:
        return reverse("articles:person", args=[self.slug])


def nearest_key(key: str, keys: Iterable[str]) -> str:
    """The one most like `key` but for capitals, or nothing when none is like it."""
    by_folded = {one.lower(): one for one in keys}
    found = get_close_matches(key.lower(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def by_key(self, keys: Collection[str]) -> dict[str, "Reference"]:
        return {reference.key: reference for reference in self.filter(key__in=keys)}

    def nearest(self, key: str) -> str:
        """The key most like one that is not there, or nothing."""
        return nearest_key(key, self.values_list("key", flat=True))


class Reference(models.Model):
    """A source that articles cite as [@key]. Only confirmed details are printed."""

    key = models.SlugField(_("key"), unique=True, help_text=_("Cited as [@key]."))
    authors = models.TextField(_("authors"))
    title = models.TextField(_("title"))
    journal = models.CharField(_("journal or publisher"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("year"))
    volume = models.CharField(_("volume"), max_length=40, blank=True)
    pages = models.CharField(_("pages"), max_length=80, blank=True)
    doi = models.CharField(_("DOI"), max_length=120, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    design = models.TextField(_("design"), blank=True)
    finding = models.TextField(_("finding"), blank=True)
    to_confirm = models.TextField(
        _("still to be confirmed"),
        blank=True,
        help_text=_("Details that nobody has seen in the source itself. Never printed."),
    )
    seen_at = models.TextField(
        _("where the figure was read"), blank=True, help_text=_("For editors. Never printed.")
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

    @property
    def address(self) -> str:
        """Where readers find the source, or nothing."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def when(self) -> str:
        """Year, volume and pages as a citation prints them: 2013;170(10):1134-1142."""
        volume = f";{self.volume}" if self.volume else ""
        pages = f"{':' if self.volume else ', '}{self.pages}" if self.pages else ""
        return f"{self.year}{volume}{pages}"


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def overdue(self) -> "TreatmentQuerySet":
        """Records that nobody has verified, or not for too long."""
        today = timezone.localdate()
        return self.filter(Q(verified_on__isnull=True) | Q(verify_again_by__lt=today))


class Treatment(models.Model):
    """The regulatory status of one treatment, written once; every page prints it from here."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("Approved for the uses named")
        OFF_LABEL = "off_label", _("Off-label")
        COMPOUNDED = "compounded", _("Compounded, not approved")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    other_names = models.JSONField(_("other names it goes by"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    approved_for = models.TextField(_("approved for"), blank=True)
    statement = models.TextField(
        _("plain sentence"), help_text=_("Printed on every page that names this treatment.")
    )
    risks = models.TextField(_("risks in one sentence"))
    sources = models.ManyToManyField(Reference, verbose_name=_("sources"), blank=True)
    as_of = models.DateField(_("status as of"), null=True, blank=True)
    verified_by = models.CharField(
        _("verified by"),
        max_length=120,
        blank=True,
        help_text=_("Who held the record against its sources: Ann Example, MD."),
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verify_again_by = models.DateField(
        _("verify again by"),
        null=True,
        blank=True,
        help_text=_("Six months after it was verified. Then nothing new may name it."),
    )

    objects = TreatmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["approved", "off_label", "compounded"]),
                name="treatment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(verified_by="", verified_on__isnull=True)
                | (~Q(verified_by="") & Q(verified_on__isnull=False)),
                name="treatment_verified_by_and_on_together",
                violation_error_message=_("Give both who verified it and when, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A record is verified for six months."""
        on = self.verified_on
        self.verify_again_by = months_after(on, VERIFIED_FOR) if on else None
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.verified_on is not None and self.verified_on > timezone.localdate():
            raise ValidationError({"verified_on": _("That day is still to come.")})

    @property
    def is_overdue(self) -> bool:
        return self.verify_again_by is None or self.verify_again_by < timezone.localdate()

    def verify(self, by: str) -> None:
        """Someone held the record against its sources today and found nothing to change."""
        self.verified_by, self.verified_on = by, timezone.localdate()
        self.save()
