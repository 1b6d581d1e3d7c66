"""What the clinics offer, and what is confirmed about it at each of them."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from locations.clinics import Location


class ServiceQuerySet(models.QuerySet["Service"]):
    def listed(self) -> "ServiceQuerySet":
        return self.filter(is_listed=True).order_by("position", "name")

    def with_offers(self) -> "ServiceQuerySet":
        """With the treatment record and, as `offered_at`, the clinics visitors see."""
        offered_at = Prefetch("locations", Location.objects.listed(), to_attr="offered_at")
        return self.select_related("treatment").prefetch_related(offered_at)

    def with_facts(self) -> "ServiceQuerySet":
        """With what is confirmed about each, at any clinic, as `confirmed`."""
        showing = ServiceFact.objects.showing()
        return self.prefetch_related(Prefetch("facts", showing, to_attr="confirmed"))

    def touch(self) -> None:
        """Says that their pages changed, though their own rows did not: what is confirmed did."""
        self.update(changed_at=timezone.now())


class Service(models.Model):
    """What the clinics offer. Its regulatory status is printed from the treatment record."""

    slug = models.SlugField(_("address on the site"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(
        _("description"),
        max_length=160,
        validators=[MinLengthValidator(50)],
        help_text=_("Write one sentence of 50 to 160 characters."),
    )
    body = models.TextField(_("what it is"), help_text=_("Write Markdown. Headings begin with ##."))
    treatment = models.ForeignKey(
        "articles.Treatment",
        verbose_name=_("treatment"),
        on_delete=models.PROTECT,
        related_name="services",
        null=True,
        blank=True,
    )
    locations = models.ManyToManyField(
        Location,
        verbose_name=_("offered at"),
        related_name="services",
        blank=True,
        help_text=_("If no clinic is chosen, the page says to ask."),
    )
    is_listed = models.BooleanField(_("listed"), default=True)
    position = models.PositiveSmallIntegerField(_("order in lists"), default=0)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("services:detail", args=[self.slug])

    def related_articles(self) -> QuerySet[Article]:
        """What readers can see about this service's treatment, newest first."""
        published = Article.objects.published().with_revisions()
        if self.treatment_id is None:
            return published.none()
        return published.filter(live_revision__main_treatment=self.treatment_id)


class ServiceFactQuerySet(models.QuerySet["ServiceFact"]):
    def showing(self, today: dt.date | None = None) -> "ServiceFactQuerySet":
        """What visitors may read: confirmed, not expired, of a listed service still offered there.

        A day begins and ends in the site's own zone (settings.TIME_ZONE).
        """
        today = today or timezone.localdate()
        return self.filter(
            confirmed_on__lte=today,
            expires_on__gte=today,
            service__is_listed=True,
            service__locations=F("location"),
            location__in=Location.objects.listed().order_by(),
        ).order_by("service__position", "service_id", "location__position", "location_id", "pk")

    def about(self, treatment_id: int) -> "ServiceFactQuerySet":
        """Of the services that give this treatment."""
        return self.filter(service__treatment_id=treatment_id)


class ServiceFact(models.Model):
    """One thing that patients ask about a service at one clinic. Shown only while confirmed.

    Nobody at the desk should have to remember to take an old price down: it goes by itself.
    """

    class Kind(models.TextChoices):
        LENGTH = "length", _("Length of a visit")
        ESCORT = "escort", _("Getting home")
        FASTING = "fasting", _("Eating and drinking before")
        PRICE = "price", _("Price")
        COVERAGE = "coverage", _("Insurance")

    service = models.ForeignKey(
        Service, verbose_name=_("service"), on_delete=models.CASCADE, related_name="facts"
    )
    location = models.ForeignKey(
        Location, verbose_name=_("clinic"), on_delete=models.CASCADE, related_name="facts"
    )
    kind = models.CharField(_("about"), max_length=10, choices=Kind.choices)
    text = models.CharField(
        _("in words"),
        max_length=300,
        help_text=_("Printed as you write it, for example: Plan for two hours."),
    )
    confirmed_by = models.CharField(
        _("confirmed by"),
        max_length=120,
        blank=True,
        help_text=_("Printed. A name or a post, for example: the clinic manager."),
    )
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    expires_on = models.DateField(
        _("shown until"), null=True, blank=True, help_text=_("After this day it hides by itself.")
    )

    objects = ServiceFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["service", "location", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "location", "kind"],
                name="service_fact_once",
                violation_error_message=_(
                    "This clinic already has a line about that for this service: change that one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["length", "escort", "fasting", "price", "coverage"]),
                name="service_fact_kind_known",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="service_fact_says_something"),
            models.CheckConstraint(
                condition=Q(confirmed_by="", confirmed_on__isnull=True, expires_on__isnull=True)
                | (
                    ~Q(confirmed_by="")
                    & Q(confirmed_on__isnull=False, expires_on__isnull=False)
                    & Q(expires_on__gte=F("confirmed_on"))
                ),
                name="service_fact_confirmed_in_full",
                violation_error_message=_(
                    "Say who confirmed it, on which day, and until when it is shown (that day or "
                    "later), or leave all three blank: then it is not shown."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.location} · {self.get_kind_display()}"

    def clean(self) -> None:
        if self.confirmed_on and self.confirmed_on > timezone.localdate():
            raise ValidationError(
                {"confirmed_on": _("Nobody has confirmed it yet on that day: give today's date.")}
            )
