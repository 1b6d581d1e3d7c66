"""Whom nobody may contact: phone numbers and addresses of people who asked us to stop."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from consults.models import ConsultRequest


class StopQuerySet(models.QuerySet["Stop"]):
    def note(self, row: "ConsultRequest") -> None:
        """Ends contact at every number and address of this request, in other requests too."""
        now = timezone.now()
        for digest in row.contact_digests():
            self.update_or_create(digest=digest, defaults={"at": now})

    def lift(self, row: "ConsultRequest") -> None:
        """The person wrote again, with this request: what they asked before it is over."""
        self.filter(digest__in=row.contact_digests(), at__lt=row.received_at).delete()

    def since(self, row: "ConsultRequest") -> dt.datetime | None:
        """Since when nobody may use a number or address of this request; None where one may.

        What was written after the stop stands: they want to be contacted again.
        """
        stops = self.filter(digest__in=row.contact_keys().values("digest"), at__gte=row.received_at)
        return stops.aggregate(first=models.Min("at"))["first"]

    def forget(self, digests: list[str]) -> None:
        """Drops what no request needs any more."""
        from consults.models import SearchKey

        needed = SearchKey.objects.filter(digest__in=digests).values("digest")
        self.filter(digest__in=digests).exclude(digest__in=needed).delete()


class Stop(models.Model):
    """A keyed hash of SearchKey's kind; kept while a request with that number or address is."""

    digest = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    objects = StopQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
