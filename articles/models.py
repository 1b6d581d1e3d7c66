"""What the clinics publish: articles, their immutable revisions, and what they rest on."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

RESERVED_SLUGS = frozenset({"feed", "topics", "people", "draft"})


def validate_slug_is_free(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(slug)s” is an address of the site itself: choose another."), params={"slug": slug}
        )


class Topic(models.Model):
    slug = models.SlugField(_("address on the site"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(
        _("description"), max_length=160, help_text=_("One sentence of 50 to 160 characters.")
    )
    position = models.PositiveSmallIntegerField(_("order in lists"), default=0)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])


class Person(models.Model):
    """An author or a medical reviewer, as readers see them."""

    slug = models.SlugField(_("address on the site"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    credentials = models.CharField(
        _("credentials"),
        max_length=160,
        help_text=_("As they stand on the licence: MD, psychiatry."),
    )
    bio = models.TextField(_("about"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
    )
    is_sample = models.BooleanField(_("sample"), default=False, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}"

    def get_absolute_url(self) -> str:
        return reverse("articles:person", args=[self.slug])


class Reference(models.Model):
    """A source that articles cite as [@key]. Only confirmed details are printed."""

    key = models.SlugField(_("key"), unique=True, help_text=_("Cited as [@key]."))
    authors = models.TextField(_("authors"))
    title = models.TextField(_("title"))
    journal = models.CharField(_("journal or publisher"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("year"))
    volume = models.CharField(_("volume"), max_length=40, blank=True)
    pages = models.CharField(_("pages"), max_length=80, blank=True)
    doi = models.CharField(_("DOI"), max_length=120, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    design = models.TextField(_("design"), blank=True)
    finding = models.TextField(_("finding"), blank=True)
    to_confirm = models.TextField(
        _("still to be confirmed"),
        blank=True,
        help_text=_("Details that nobody has seen in the source itself. Never printed."),
    )
    seen_at = models.TextField(
        _("where the figure was read"), blank=True, help_text=_("For editors. Never printed.")
    )

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class Treatment(models.Model):
    """The regulatory status of one treatment, written once; every page prints it from here."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("Approved for the uses named")
        OFF_LABEL = "off_label", _("Off-label")
        COMPOUNDED = "compounded", _("Compounded, not approved")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    other_names = models.JSONField(_("other names it goes by"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    approved_for = models.TextField(_("approved for"), blank=True)
    statement = models.TextField(
        _("plain sentence"), help_text=_("Printed on every page that names this treatment.")
    )
    risks = models.TextField(_("risks in one sentence"))
    sources = models.ManyToManyField(Reference, verbose_name=_("sources"), blank=True)
    as_of = models.DateField(_("status as of"), null=True, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=120, blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verify_again_by = models.DateField(_("verify again by"), null=True, blank=True)

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["approved", "off_label", "compounded"]),
                name="treatment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(verified_by="", verified_on__isnull=True)
                | (~Q(verified_by="") & Q(verified_on__isnull=False)),
                name="treatment_verified_by_and_on_together",
                violation_error_message=_("Give both who verified it and when, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, now: dt.datetime | None = None) -> "ArticleQuerySet":
        """What the public may see at `now`, newest first. The clock alone brings it live.

        List, topic, feed, sitemap, search, related articles and home all ask this.
        """
        return self.filter(
            live_revision__isnull=False, live_from__lte=now or timezone.now()
        ).order_by("-published_at", "-pk")

    def with_revisions(self) -> "ArticleQuerySet":
        """Everything that printing an article needs, in one query."""
        joins = [
            f"{pointer}__{person}"
            for pointer in ("live_revision", "next_revision")
            for person in ("author", "reviewer", "main_treatment")
        ]
        return self.select_related("topic", *joins)

    def related_to(self, article: "Article") -> "ArticleQuerySet":
        """Other published articles: those of the same topic first, then the newest."""
        same_topic = models.Case(
            models.When(topic=article.topic_id, then=0),
            default=1,
            output_field=models.IntegerField(),
        )
        return (
            self.published()
            .exclude(pk=article.pk)
            .annotate(other_topic=same_topic)
            .order_by("other_topic", "-published_at", "-pk")
        )


class Article(models.Model):
    """An address, and a pointer to the revision that is live there from a moment on.

    `live_revision` is live from `live_from`. While something is live, the next revision may wait in
    `next_revision` until `next_from`. Which one readers see is worked out from the clock, never
    from a job that has to run.
    """

    slug = models.SlugField(
        _("address on the site"), max_length=120, unique=True, validators=[validate_slug_is_free]
    )
    topic = models.ForeignKey(
        Topic, verbose_name=_("topic"), on_delete=models.PROTECT, related_name="articles"
    )
    live_revision = models.ForeignKey(
        "Revision", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    live_from = models.DateTimeField(null=True, editable=False)
    next_revision = models.ForeignKey(
        "Revision", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    next_from = models.DateTimeField(null=True, editable=False)
    published_at = models.DateTimeField(
        _("first published"), null=True, editable=False, db_index=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["slug"]
        permissions = [
            ("publish_article", _("Can publish, schedule and withdraw articles")),
            ("approve_revision", _("Can approve a revision as medical reviewer")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(live_revision__isnull=True, live_from__isnull=True)
                | Q(live_revision__isnull=False, live_from__isnull=False),
                name="article_live_revision_with_moment",
            ),
            models.CheckConstraint(
                condition=Q(next_revision__isnull=True, next_from__isnull=True)
                | Q(next_from__gt=F("live_from"), next_revision__isnull=False),
                name="article_next_revision_after_live",
            ),
            models.CheckConstraint(
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)), name="article_slug_not_reserved"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("articles:detail", args=[self.slug])

    def revision_at(self, now: dt.datetime | None = None) -> "Revision | None":
        """The revision readers see at `now`, or None."""
        now = now or timezone.now()
        if self.live_from is None or self.live_from > now:
            return None
        if self.next_from is not None and self.next_from <= now:
            return self.next_revision
        return self.live_revision

    @property
    def revision(self) -> "Revision":
        """The revision readers see now, of an article out of `published()`."""
        current = self.revision_at()
        if current is None:
            raise Revision.DoesNotExist("This article is not live.")
        return current

    @property
    def updated_at(self) -> dt.datetime | None:
        """When the revision that readers see went live."""
        return self.next_from if self.revision_at() == self.next_revision else self.live_from


class Revision(models.Model):
    """One saved state of an article's text. Never changed; `rendered` is made from it at save."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("revision"))
    saved_at = models.DateTimeField(_("saved"), auto_now_add=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.CharField(
        _("what changed"), max_length=200, blank=True, help_text=_("A few words for the history.")
    )
    title = models.CharField(_("title"), max_length=140)
    short_title = models.CharField(
        _("short title"),
        max_length=60,
        help_text=_("For search results: at most 60 characters, no figures."),
    )
    description = models.CharField(
        _("description"),
        max_length=160,
        help_text=_("For search results: 50 to 160 characters, no figures."),
    )
    summary = models.TextField(_("plain summary"), help_text=_("Markdown. May carry citations."))
    body = models.TextField(
        _("text"), help_text=_("Markdown. Headings ## and ###. Cite a source as [@key].")
    )
    questions = models.JSONField(
        _("questions and answers"), default=list, blank=True
    )  # [{"question": str, "answer": Markdown}]
    main_treatment = models.ForeignKey(
        Treatment,
        verbose_name=_("main treatment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Its status is printed in the box at the top."),
    )
    other_treatments = models.ManyToManyField(
        Treatment, verbose_name=_("other treatments mentioned"), blank=True, related_name="+"
    )
    author = models.ForeignKey(
        Person,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="written",
    )
    reviewer = models.ForeignKey(
        Person,
        verbose_name=_("medical reviewer"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reviewed",
    )
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)
    review_due = models.DateField(_("review due"), null=True, blank=True)
    rendered = models.JSONField(editable=False, default=dict)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        get_latest_by = "number"
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="revision_numbered_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValueError on an attempt to change a saved revision."""
        if self.pk is not None:
            raise ValueError("A revision is never changed: save a new one.")
        super().save(*args, **kwargs)

    def is_approved(self) -> bool:
        """True when the last word of a medical reviewer on this very revision is yes."""
        last = self.approvals.order_by("-pk").first()
        return last is not None and last.decision == Approval.Decision.APPROVED


class Approval(models.Model):
    """A medical reviewer's word on one revision."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("Approved")
        CHANGES = "changes", _("Changes asked for")

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="approvals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["approved", "changes"]), name="approval_decision_known"
            )
        ]

    def __str__(self) -> str:
        return self.get_decision_display()
