"""How often something happened, counted together by all processes and all machines."""

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto import lookup_hash
from clinic.index import without_waiting_for_the_disk


class TallyQuerySet(models.QuerySet["Tally"]):
    def add(self, kind: str, value: str, lasts: dt.timedelta) -> int:
        """Counts one more; returns how many that are. A new tally is forgotten after `lasts`.

        Not inside another transaction: it would not wait for the disk either.
        """
        key, until = lookup_hash(kind, value), timezone.now() + lasts
        one_more = {"count": models.F("count") + 1}
        # A flood that counts on one row must not wait in line for it, nor for the disk.
        with without_waiting_for_the_disk():
            if not self.filter(key=key).update(**one_more):
                _row, is_new = self.get_or_create(key=key, defaults={"count": 1, "until": until})
                if not is_new:  # another was faster
                    self.filter(key=key).update(**one_more)
            return self.of(kind, value)

    def of(self, kind: str, value: str) -> int:
        return sum(self.filter(key=lookup_hash(kind, value)).values_list("count", flat=True))

    def forget_old(self) -> int:
        return self.filter(until__lt=timezone.now()).delete()[0]


class Tally(models.Model):
    """A count under a keyed hash: whose or what it counts stands nowhere."""

    key = models.CharField(max_length=40, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.count)
