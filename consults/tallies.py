"""How often something happened, counted together by all processes and all machines."""

import datetime as dt

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto import lookup_hash
from clinic.index import without_waiting_for_the_disk

ONE_MORE = """
INSERT INTO consults_tally ("key", "count", "until") VALUES (%s, 1, %s)
ON CONFLICT ("key") DO UPDATE SET "count" = consults_tally."count" + 1 RETURNING "count"
"""


class TallyQuerySet(models.QuerySet["Tally"]):
    def add(self, kind: str, value: str, lasts: dt.timedelta) -> int:
        """Counts one more; returns how many that are. A new tally is forgotten after `lasts`.

        Not inside another transaction: it would not wait for the disk either.
        """
        until = connection.ops.adapt_datetimefield_value(timezone.now() + lasts)
        # One statement: a flood that counts on one row holds it for no longer than that.
        with without_waiting_for_the_disk(), connection.cursor() as cursor:
            cursor.execute(ONE_MORE, [lookup_hash(kind, value), until])
            (count,) = cursor.fetchone()
        return int(count)

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
