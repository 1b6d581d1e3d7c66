"""A phone number or address that turned out otherwise: beside what was written, never over it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto import sealed


class Correction(models.Model):
    """Sealed, filed under its keyed hash, and erased with its request."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone number")
        EMAIL = "email", _("Email address")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(
        "consults.ConsultRequest", on_delete=models.CASCADE, related_name="corrections"
    )
    kind = models.CharField(max_length=5, choices=Kind.choices)
    value_sealed = models.BinaryField(null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    is_wrong = models.BooleanField(default=False)  # somebody else's after all: struck out too

    value = sealed("value_sealed")

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        default_permissions = ()
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["phone", "email"]), name="correction_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.kind
