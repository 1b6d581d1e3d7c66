"""Where an article that was brought along came from, and where its readers still look for it."""

from urllib.parse import unquote

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_PATH = 400


class Origin(models.Model):
    """What an article was on the site it came from, so that bringing it again finds it again."""

    article = models.OneToOneField(
        "articles.Article", on_delete=models.CASCADE, related_name="origin"
    )
    site = models.CharField(max_length=200)
    """The address of that site, without a slash at its end."""
    post = models.CharField(max_length=40)
    """The number that the post had there."""
    revision = models.PositiveIntegerField()
    """The last revision that was brought along; a later one is somebody's work."""

    class Meta:
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        constraints = [
            models.UniqueConstraint(fields=["site", "post"], name="origin_of_one_article")
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.post}"


class FormerPath(models.Model):
    """A path of the former site, from where readers are sent on to the article."""

    path = models.CharField(max_length=LONGEST_PATH, unique=True)
    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="former_paths"
    )

    class Meta:
        verbose_name = _("former path")
        verbose_name_plural = _("former paths")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


def normalised(path: str) -> str:
    """As it is kept: /2019/05/my-post, however it was written in a link."""
    return f"/{unquote(path).strip('/').lower()}"
