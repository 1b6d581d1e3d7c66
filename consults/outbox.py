"""The mail that is owed (templates and sending are in notifications.py)."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from consults.models import ConsultRequest


NO_RECIPIENT = "no-recipient"


class OutboxQuerySet(models.QuerySet["Outbox"]):
    def owe(self, kind: str, request: "ConsultRequest") -> "Outbox":
        """Notes that this mail is owed, once however often it is asked."""
        once = {"sent_at": None, "parked_at": None} if kind in Outbox.BY_HAND else {}
        row, _created = self.get_or_create(kind=kind, request=request, **once)
        return row

    def due(self) -> "OutboxQuerySet":
        now = timezone.now()
        return self.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lt=now),
            sent_at__isnull=True,
            parked_at__isnull=True,
            due_at__lte=now,
        ).order_by("due_at")

    def waiting(self) -> "OutboxQuerySet":
        return self.filter(sent_at__isnull=True, parked_at__isnull=True)

    def parked(self) -> "OutboxQuerySet":
        return self.filter(parked_at__isnull=False)

    def try_again(self) -> int:
        """Gives what was given up all its attempts back; how many mails that are."""
        return self.parked().update(
            parked_at=None, attempts=0, due_at=timezone.now(), last_error=""
        )

    def look_again_for_recipients(self) -> int:
        """Puts back what was parked because a clinic had named nobody; it may have by now."""
        nobody = self.parked().filter(last_error=NO_RECIPIENT)
        return nobody.update(parked_at=None, due_at=timezone.now())

    def counts(self) -> dict[str, int]:
        """How many mails wait and how many were given up, in one query."""
        unsent = self.filter(sent_at__isnull=True)
        is_parked = Q(parked_at__isnull=False)
        return unsent.aggregate(
            waiting=models.Count("pk", filter=~is_parked),
            parked=models.Count("pk", filter=is_parked),
        )


ATTEMPTS = 10
LEASE = dt.timedelta(minutes=2)


class Outbox(models.Model):
    """A mail that is owed: its kind and its subject. Address and text are worked out when sent.

    Most are about a request; mail about texts is owed here too, so that there is one sender.
    """

    class Kind(models.TextChoices):
        STAFF_NOTICE = "staff_notice", _("Notice to staff")
        CONFIRMATION = "confirmation", _("Confirmation to the person")
        TRIED = "tried", _("We tried to reach you")
        VISIT = "visit", _("Your visit")
        CLOSING = "closing", _("We have closed your request")
        OVERDUE = "overdue", _("Overdue and unclaimed, to leads")
        DIGEST = "digest", _("Digest of the day")
        HELD = "held", _("Count of what is held, once a day")
        SURGE = "surge", _("More came than anyone could read")
        REVIEW_ASKED = "review_asked", _("Please review a text")
        REVIEW_APPROVED = "review_approved", _("A text was approved")
        REVIEW_CHANGES = "review_changes", _("Changes to a text were asked for")
        REVIEW_DIGEST = "review_digest", _("Reviews of texts that are due, once a week")

    # What the person gets. Withdrawing ends these; the first three are sent by a button.
    TO_PERSON = (Kind.TRIED, Kind.VISIT, Kind.CLOSING, Kind.CONFIRMATION)
    BY_HAND = TO_PERSON[:3]
    # What a clinic gets, each at most once a day.
    OF_THE_DAY = (Kind.DIGEST, Kind.HELD, Kind.SURGE)
    # What editors and medical reviewers get, each about one word on one revision.
    ON_A_TEXT = (Kind.REVIEW_ASKED, Kind.REVIEW_APPROVED, Kind.REVIEW_CHANGES)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # What it is about: one request, a clinic on one of its days, one word on a text, or a week.
    request = models.ForeignKey(
        "consults.ConsultRequest", on_delete=models.CASCADE, null=True, related_name="outbox"
    )
    location = models.ForeignKey(
        "locations.Location", on_delete=models.CASCADE, null=True, related_name="+"
    )
    approval = models.ForeignKey(
        "articles.Approval", on_delete=models.CASCADE, null=True, related_name="+"
    )
    day = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    # One worker has the row until then; after a crash another takes it.
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=60, blank=True)  # a class name or SMTP code

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outbox")
        default_permissions = ("view",)
        ordering = ["created_at"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=Q(sent_at__isnull=True, parked_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "request"],
                condition=Q(kind__in=["staff_notice", "confirmation", "overdue"]),
                name="outbox_once",
            ),
            # Mail sent by hand may go again, once the last one has gone.
            models.UniqueConstraint(
                fields=["kind", "request"],
                condition=Q(kind__in=["tried", "visit", "closing"], sent_at=None, parked_at=None),
                name="outbox_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["kind", "location", "day"], name="outbox_once_a_day_and_clinic"
            ),
            models.UniqueConstraint(fields=["approval"], name="outbox_once_a_word"),
            models.UniqueConstraint(
                fields=["day"],
                condition=Q(kind="review_digest"),
                name="outbox_one_review_digest_a_week",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "staff_notice",
                        "confirmation",
                        "tried",
                        "visit",
                        "closing",
                        "overdue",
                        "digest",
                        "held",
                        "surge",
                        "review_asked",
                        "review_approved",
                        "review_changes",
                        "review_digest",
                    ]
                ),
                name="outbox_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["digest", "held", "surge"])
                & Q(location__isnull=False, day__isnull=False, request=None, approval=None)
                | Q(kind__in=["review_asked", "review_approved", "review_changes"])
                & Q(approval__isnull=False, request=None, location=None, day=None)
                | Q(kind="review_digest")
                & Q(day__isnull=False, request=None, location=None, approval=None)
                | Q(
                    kind__in=[
                        "staff_notice",
                        "confirmation",
                        "tried",
                        "visit",
                        "closing",
                        "overdue",
                    ]
                )
                & Q(request__isnull=False, location=None, day=None, approval=None),
                name="outbox_about_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.kind

    def lease(self) -> bool:
        """Takes the row for sending. False when another worker was faster.

        An attempt counts from here, so that a mail which kills its worker is given up in the end.
        """
        leased_until = timezone.now() + LEASE
        mine = Outbox.objects.due().filter(pk=self.pk, attempts=self.attempts)
        self.attempts += 1
        if not mine.update(leased_until=leased_until, attempts=self.attempts):
            return False
        if self.attempts > ATTEMPTS:
            self.park("worker-died")
            return False
        return True

    def mark_sent(self) -> None:
        self._settle(sent_at=timezone.now(), last_error="")

    def put_off(self, code: str) -> None:
        """Tries again after 1, 2, 4 … minutes, at most an hour; gives up after the last attempt."""
        if self.attempts >= ATTEMPTS:
            self.park(code)
            return
        minutes = min(2 ** (self.attempts - 1), 60)
        self._settle(due_at=timezone.now() + dt.timedelta(minutes=minutes), last_error=code)

    def park(self, code: str) -> None:
        """Gives the mail up until a person looks at it. `code` holds no text of a mail server."""
        self._settle(parked_at=timezone.now(), last_error=code)

    def _settle(self, **values: Any) -> None:
        for name, value in (values | {"leased_until": None}).items():
            setattr(self, name, value)
        self.save(update_fields=[*values, "leased_until"])
