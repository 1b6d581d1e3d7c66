"""What people said to a finding of the claim rules: read it, or let the sentence stand.

A judgement belongs to one article and to the very words of a sentence (its fingerprint): a sentence
that is changed is a new finding.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from clinic.models import User

if TYPE_CHECKING:
    from articles.findings import Finding
    from articles.models import Article

SHORTEST_REASON = 20


class JudgementQuerySet(models.QuerySet["Judgement"]):
    def overridden(self) -> "JudgementQuerySet":
        return self.filter(kind=Judgement.Kind.OVERRIDDEN)

    def mark_read(self, article: "Article", found: Iterable["Finding"], by: User) -> None:
        """An editor has read these warnings. Those that were read before keep their first name."""
        for finding in found:
            if finding.level == "warn":
                self.get_or_create(
                    article=article,
                    fingerprint=finding.fingerprint,
                    defaults={**copied(finding), "kind": Judgement.Kind.READ, "by": by},
                )

    def override(
        self, article: "Article", finding: "Finding", by: User, reason: str
    ) -> "Judgement":
        """A medical reviewer lets a sentence stand, and says why.

        Raises PermissionDenied for anyone else, and ValidationError for a reason that is too short.
        """
        if not by.has_perm("articles.approve_revision"):
            raise PermissionDenied
        if len(reason.strip()) < SHORTEST_REASON:
            raise ValidationError(
                {"reason": _("Say why the sentence may stand, in at least 20 characters.")}
            )
        said = {"kind": Judgement.Kind.OVERRIDDEN, "by": by, "reason": reason.strip()}
        return self.update_or_create(
            article=article, fingerprint=finding.fingerprint, defaults={**copied(finding), **said}
        )[0]


def copied(finding: "Finding") -> dict[str, str]:
    return {"rule": finding.rule, "level": finding.level, "sentence": finding.sentence}


class Judgement(models.Model):
    class Kind(models.TextChoices):
        READ = "read", _("Read")
        OVERRIDDEN = "overridden", _("Overridden")

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="judgements"
    )
    fingerprint = models.CharField(max_length=24, editable=False)
    rule = models.CharField(_("rule"), max_length=40)
    level = models.CharField(_("level"), max_length=5)
    sentence = models.TextField(_("sentence"))
    kind = models.CharField(_("what was said"), max_length=10, choices=Kind.choices)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        verbose_name = _("judged finding")
        verbose_name_plural = _("judged findings")
        default_permissions = ("view",)
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "fingerprint"], name="judgement_once_for_each_sentence"
            ),
            models.CheckConstraint(
                condition=Q(kind="read")
                | Q(GreaterThanOrEqual(Length("reason"), SHORTEST_REASON), kind="overridden"),
                name="judgement_override_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_kind_display()}"
