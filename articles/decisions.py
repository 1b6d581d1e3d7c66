"""The steps of a medical review: an editor asks, a medical reviewer answers."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from articles.publications import Publication


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def to_tell(self) -> "ApprovalQuerySet":
        """The last word on each revision, as long as somebody still has to act on it.

        Nobody is told of a yes to what has been published since.
        """
        later = Approval.objects.filter(revision=OuterRef("revision"), pk__gt=OuterRef("pk"))
        published = Publication.objects.filter(
            revision=OuterRef("revision"), at__gte=OuterRef("at")
        )
        return (
            self.filter(~Exists(later))
            .exclude(decision=Approval.Decision.CONFIRMED)
            .exclude(Q(decision=Approval.Decision.APPROVED) & Exists(published))
        )


class Approval(models.Model):
    """One step of a review: an editor asks, a medical reviewer answers. The last one counts."""

    class Decision(models.TextChoices):
        ASKED = "asked", _("Approval asked for")
        APPROVED = "approved", _("Approved")
        CHANGES = "changes", _("Changes asked for")
        CONFIRMED = "confirmed", _("Reviewed, no change")

    YES = (Decision.APPROVED, Decision.CONFIRMED)

    revision = models.ForeignKey(
        "articles.Revision", on_delete=models.CASCADE, related_name="approvals"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    comment = models.TextField(_("comment"), blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["asked", "approved", "changes", "confirmed"]),
                name="approval_decision_known",
            )
        ]

    def __str__(self) -> str:
        return self.get_decision_display()
