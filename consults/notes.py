"""What staff wrote about a request: sealed, apart from the events, which hold codes only."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.crypto import sealed


class Note(models.Model):
    """Something staff wrote about a request. Sealed; added, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Null for the reason of something that concerns many requests, such as an export.
    request = models.ForeignKey(
        "consults.ConsultRequest", on_delete=models.CASCADE, null=True, related_name="notes"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    body_sealed = models.BinaryField(null=True)

    body = sealed("body_sealed")

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        default_permissions = ()
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
