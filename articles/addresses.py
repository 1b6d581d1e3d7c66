"""Where articles are, and where they once were."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from articles.models import Article

RESERVED_SLUGS = frozenset({"feed", "topics", "people", "draft"})


def validate_slug_is_free(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(slug)s” is an address of the site itself: choose another."), params={"slug": slug}
        )


class OldAddressQuerySet(models.QuerySet["OldAddress"]):
    def require_free(self, slug: str, article: "Article") -> None:
        """Raises ValidationError when readers of another article may still come to this address."""
        if self.filter(slug=slug).exclude(article=article.pk).exists():
            message = _(
                "Another article was at “%(slug)s”, and its readers are sent on from there: "
                "choose another address."
            )
            raise ValidationError({"slug": ValidationError(message, params={"slug": slug})})


class OldAddress(models.Model):
    """An address that an article had while readers could know it. It leads to the article's own.

    Each leads to the article, not to its next address, so a chain of moves is one step.
    """

    slug = models.SlugField(max_length=120, unique=True)
    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="old_addresses"
    )
    left_at = models.DateTimeField(auto_now_add=True)

    objects = OldAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        ordering = ["-left_at", "-pk"]

    def __str__(self) -> str:
        return self.slug
