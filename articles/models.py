"""What the clinics publish, and which revision of it readers see from which moment on."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles import gate, index
from articles.addresses import RESERVED_SLUGS, OldAddress, validate_slug_is_free
from articles.decisions import Approval
from articles.drafts import DraftComment, DraftLink
from articles.judgements import Judgement
from articles.library import Person, Reference, Topic, Treatment
from articles.origins import FormerPath, Origin, normalised
from articles.pictures import Picture
from articles.publications import Publication
from articles.revisions import Revision
from clinic.models import User
from clinic.rows import beside

__all__ = [
    "Approval",
    "Article",
    "DraftComment",
    "DraftLink",
    "FormerPath",
    "Judgement",
    "OldAddress",
    "Origin",
    "Person",
    "Picture",
    "Publication",
    "Reference",
    "Revision",
    "StaleBase",
    "Topic",
    "Treatment",
]


# What _other_statuses.html prints of each.
PRINTED_OF_A_TREATMENT = ("name", "status", "statement", "risks", "as_of")


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, now: dt.datetime | None = None) -> "ArticleQuerySet":
        """What the public may see at `now`, newest first. The clock alone brings it live.

        List, topic, feed, sitemap, search, related articles and home all ask this.
        """
        return self.filter(
            live_revision__isnull=False, live_from__lte=now or timezone.now()
        ).order_by("-published_at", "-pk")

    def indexed(self) -> "ArticleQuerySet":
        """What readers see, now or once its moment comes, the oldest first, for the search."""
        shown = self.filter(live_revision__isnull=False)
        return shown.select_related("live_revision", "next_revision").order_by("published_at", "pk")

    def never_published(self) -> "ArticleQuerySet":
        """Neither live nor scheduled, now or before."""
        return self.filter(live_revision__isnull=True, published_at__isnull=True)

    def with_revisions(self) -> "ArticleQuerySet":
        """Everything that printing an article needs, in one query."""
        joins = [
            f"{pointer}__{person}"
            for pointer in ("live_revision", "next_revision")
            for person in ("author", "reviewer", "main_treatment")
        ]
        return self.select_related("topic", *joins)

    def formerly_at(self, path: str) -> "ArticleQuerySet":
        """The article that the site we came from had at this path."""
        return self.filter(former_paths__path=normalised(path))

    def for_readers(self) -> "ArticleQuerySet":
        """with_revisions(), and beside it what else an article's page prints of other tables.

        The other treatments that the text names and its corrections, without a query of their own.
        """
        due = models.Case(
            models.When(next_from__lte=timezone.now(), then="next_revision"),
            default="live_revision",
        )
        others = Treatment.objects.filter(
            pk__in=Revision.other_treatments.through.objects.filter(
                revision=OuterRef(OuterRef("shown"))
            ).values("treatment")
        )
        corrections = Publication.objects.filter(article=OuterRef("pk")).corrections()
        return (
            self.with_revisions()
            .alias(shown=due)
            .annotate(
                others_beside=beside(others.order_by("name"), PRINTED_OF_A_TREATMENT),
                corrections_beside=beside(corrections, ("takes_effect", "because")),
            )
        )

    def by_person(self, person: Person | OuterRef) -> "ArticleQuerySet":
        """Published articles whose visible revision names this author or reviewer."""
        now = timezone.now()
        due = Q(next_from__lte=now)
        live = Q(live_revision__author=person) | Q(live_revision__reviewer=person)
        following = Q(next_revision__author=person) | Q(next_revision__reviewer=person)
        not_due = Q(next_from__isnull=True) | Q(next_from__gt=now)
        return self.published(now).filter((not_due & live) | (due & following))

    def naming(self, treatment: Treatment) -> "ArticleQuerySet":
        """Articles whose public or waiting text names this treatment."""
        named = Revision.objects.filter(
            Q(main_treatment=treatment) | Q(other_treatments=treatment)
        ).values("pk")
        return self.filter(Q(live_revision__in=named) | Q(next_revision__in=named))

    def for_desk(self) -> "ArticleQuerySet":
        """With what the staff list says of the newest revision: title, who, review step."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        steps = Approval.objects.filter(revision__article=OuterRef("pk"))
        return self.select_related("topic").annotate(
            newest_id=Subquery(newest.values("pk")[:1]),
            newest_title=Subquery(newest.values("title")[:1]),
            newest_saved_at=Subquery(newest.values("saved_at")[:1]),
            newest_saved_by=Subquery(newest.values("saved_by__username")[:1]),
            newest_step=Subquery(
                steps.filter(revision=OuterRef("newest_id")).order_by("-pk").values("decision")[:1]
            ),
        )

    def awaiting_approval(self) -> "ArticleQuerySet":
        """Articles whose newest revision was sent to the medical reviewers; after for_desk()."""
        return self.filter(newest_step=Approval.Decision.ASKED).order_by("newest_saved_at")

    def related_to(self, article: "Article") -> "ArticleQuerySet":
        """Other published articles: of its topic, then naming a treatment it names, then newest.

        Both sides count as readers see them now.
        """
        shares = self._showing(Revision.objects.sharing_treatment_with(article.visible_id))
        nearness = models.Case(
            models.When(topic=article.topic_id, then=0),
            models.When(shares, then=1),
            default=2,
            output_field=models.IntegerField(),
        )
        return (
            self.published()
            .exclude(pk=article.pk)
            .annotate(nearness=nearness)
            .order_by("nearness", "-published_at", "-pk")
        )

    def _showing(self, revisions: models.QuerySet["Revision"]) -> Q:
        """Whether what readers see of an article now is one of these revisions."""
        now, found = timezone.now(), revisions.values("pk")
        due = Q(next_from__lte=now)
        not_due = Q(next_from__isnull=True) | Q(next_from__gt=now)
        return (not_due & Q(live_revision__in=found)) | (due & Q(next_revision__in=found))


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

    def clean(self) -> None:
        """Raises ValidationError when another article was once at this address."""
        OldAddress.objects.require_free(self.slug, self)

    def pointer_at(self, now: dt.datetime | None = None) -> str | None:
        """Which of the two pointers readers are sent along at `now`, or None."""
        now = now or timezone.now()
        if self.live_from is None or self.live_from > now:
            return None
        is_due = self.next_from is not None and self.next_from <= now
        return "next_revision" if is_due else "live_revision"

    def revision_at(self, now: dt.datetime | None = None) -> "Revision | None":
        """The revision readers see at `now`, or None."""
        pointer = self.pointer_at(now)
        return getattr(self, pointer) if pointer else None

    @property
    def visible_id(self) -> int | None:
        """The key of the revision readers see now, without reading it."""
        pointer = self.pointer_at()
        return getattr(self, f"{pointer}_id") if pointer else None

    @property
    def scheduled_for(self) -> dt.datetime | None:
        """When a revision that waits goes live, or None."""
        moment = self.next_from or self.live_from
        return moment if moment is not None and moment > timezone.now() else None

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
        return self.next_from if self.pointer_at() == "next_revision" else self.live_from

    @property
    def was_updated(self) -> bool:
        """Whether what readers see went live on a later day than the first publication."""
        if self.published_at is None or self.updated_at is None:
            return False
        return timezone.localdate(self.updated_at) > timezone.localdate(self.published_at)

    def save_revision(
        self,
        by: User | None,
        *,
        base: int | None = None,
        other_treatments: Sequence[Treatment] = (),
        **fields: Any,
    ) -> "Revision":
        """Saves the next revision, a draft until it is published.

        `base` is the number of the revision that was edited. Raises StaleBase when another was
        saved since, and ValidationError, by field, for what the editor must mend.
        """
        with transaction.atomic():
            self._lock()
            newest = self.revisions.first()
            if base is not None and newest is not None and newest.number != base:
                raise StaleBase(newest)
            number = newest.number + 1 if newest else 1
            revision = Revision(article=self, number=number, saved_by=by, **fields)
            revision.clean_and_render()
            revision.save()
            revision.other_treatments.set(other_treatments)
        return revision

    def move_to(self, slug: str) -> None:
        """Gives the article another address; from the one readers knew, they are sent on.

        Raises ValidationError when another article is or was there.
        """
        with transaction.atomic():
            self._lock()
            OldAddress.objects.require_free(slug, self)
            old, self.slug = self.slug, slug
            if old == slug:
                return
            self.full_clean()
            self.save(update_fields=["slug"])
            self.old_addresses.filter(slug=slug).delete()
            if self.published_at is not None:
                self.old_addresses.create(slug=old)
            index.move(self, old)

    def publish(
        self,
        revision: "Revision",
        by: User,
        at: dt.datetime | None = None,
        *,
        because: str = "",
    ) -> None:
        """Makes a revision live that passes the gate, now or at a future moment.

        Publishing now drops what was scheduled; scheduling over something live keeps it live until
        then. `because` tells readers why a text changed that they may have read. Raises
        ValidationError with a sentence for each thing that is missing.
        """
        with transaction.atomic():
            now = self._lock()
            moment = at if at is not None and at > now else now
            gate.require(self, revision, because)
            revision.take_over_review()
            kind = Publication.Kind.SCHEDULED if moment > now else Publication.Kind.PUBLISHED
            self._point_to(revision, moment, now)
            self._record(kind, revision, by, moment, because)

    def correct(self, revision: "Revision", by: User, because: str) -> None:
        """Takes a claim back at once, before anybody has approved it, and asks for approval.

        The page carries no review until then. Raises ValidationError when the revision does
        anything else than take back or make smaller.
        """
        with transaction.atomic():
            now = self._lock()
            gate.require_correction(self, revision, because)
            # Due at once: nobody has reviewed this text.
            revision.set_review(None, timezone.localdate())
            self._point_to(revision, now, now)
            self._record(Publication.Kind.CORRECTED, revision, by, now, because)
            revision.submit(by)

    def roll_back(self, to_revision: "Revision", by: User, *, because: str = "") -> None:
        """Makes an earlier revision that readers saw live at once; drops what was scheduled."""
        with transaction.atomic():
            now = self._lock()
            if not self.publications.reached(now).filter(revision=to_revision).exists():
                raise ValidationError(
                    _("Readers have never seen this revision: publish it instead of going back.")
                )
            gate.require_not_refused(self, to_revision)
            self._point_to(to_revision, now, now)
            self._record(Publication.Kind.ROLLED_BACK, to_revision, by, now, because)

    def withdraw(self, by: User) -> None:
        """Takes the article off the site at once, with what was scheduled.

        Raises ValidationError when there is nothing to withdraw.
        """
        with transaction.atomic():
            now = self._lock()
            if self.live_revision is None:
                raise ValidationError(_("This article is neither live nor scheduled."))
            revision = self.next_revision or self.live_revision
            self.live_revision = self.next_revision = self.live_from = self.next_from = None
            if self.published_at is not None and self.published_at > now:
                self.published_at = None
            self.save()
            index.put(self)
            self._record(Publication.Kind.WITHDRAWN, revision, by, now)

    def _lock(self) -> dt.datetime:
        """Holds this article until the transaction ends, reads it again, and says what time it is.

        A scheduled revision whose moment has come becomes the live one. SQLite ignores the row
        lock: there, every transaction that writes waits for the one before it.
        """
        now = timezone.now()
        self.refresh_from_db(from_queryset=Article.objects.select_for_update())
        if self.next_from is not None and self.next_from <= now:
            self.live_revision, self.live_from = self.next_revision, self.next_from
            self.next_revision = self.next_from = None
        return now

    def _point_to(self, revision: "Revision", moment: dt.datetime, now: dt.datetime) -> None:
        if moment > now and self.live_from is not None and self.live_from <= now:
            self.next_revision, self.next_from = revision, moment
        else:
            self.live_revision, self.live_from = revision, moment
            self.next_revision = self.next_from = None
        if self.published_at is None or self.published_at > now:
            self.published_at = moment
        self.save()
        index.put(self)

    def _record(
        self, kind: str, revision: "Revision", by: User, moment: dt.datetime, because: str = ""
    ) -> None:
        self.publications.create(
            kind=kind, revision=revision, by=by, takes_effect=moment, because=because.strip()
        )


class StaleBase(Exception):
    """Another revision was saved while this one was being written."""

    def __init__(self, newest: "Revision") -> None:
        super().__init__("a newer revision was saved")
        self.newest = newest
