"""The immutable revisions of an article, and what medical reviewers say to each."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import markdown
from articles.decisions import Approval
from articles.library import Person, Reference, Treatment, months_after
from articles.mistakes import Library, Mistake
from articles.pictures import Picture
from clinic.models import User

no_figures = RegexValidator(
    r"\d",
    _("Leave figures out: a number needs its comparison and source, which do not fit here."),
    inverse_match=True,
)
one_line = RegexValidator(r"[\r\n\t]", _("Write this on one line."), inverse_match=True)


# Months from one medical review to the next: as proposed, and at most.
REVIEW_AFTER = 12
REVIEW_AT_LATEST = 24

# What an editor writes, besides the other treatments. A new revision starts from the last one's.
EDITED_FIELDS = (
    "title", "short_title", "description", "summary", "body", "questions", "main_treatment",
    "author", "reviewer",
)  # fmt: skip


def library() -> Library:
    """What a text may name."""
    return Library(
        references=Reference.objects.by_key,
        pictures=Picture.objects.by_key,
        nearest_reference=Reference.objects.nearest,
        nearest_picture=Picture.objects.nearest,
    )


class RevisionQuerySet(models.QuerySet["Revision"]):
    def with_article(self) -> "RevisionQuerySet":
        """Everything that printing one revision needs, in one query."""
        return self.select_related("article__topic", "author", "reviewer", "main_treatment")

    def with_history(self) -> "RevisionQuerySet":
        """With who saved each, and every word of its reviewers, newest first."""
        words = Prefetch("approvals", Approval.objects.select_related("by"))
        return self.select_related("saved_by").prefetch_related(words)

    def sharing_treatment_with(self, pk: int | None) -> "RevisionQuerySet":
        """Revisions that name a treatment, main or other, which revision `pk` names too."""
        if pk is None:
            return self.none()
        one = self.model.objects.filter(pk=pk)
        main, others = one.values("main_treatment"), one.values("other_treatments")
        named = Treatment.objects.filter(Q(pk__in=main) | Q(pk__in=others)).values("pk")
        return self.filter(Q(main_treatment__in=named) | Q(other_treatments__in=named))

    def citing(self, reference: Reference) -> "RevisionQuerySet":
        mention = f"@{reference.key}"
        return self.filter(
            Q(summary__contains=mention)
            | Q(body__contains=mention)
            | Q(questions__icontains=mention)
        )

    def review_counts(self) -> dict[str, int]:
        """How many are overdue for review, and how many more are due within 30 days."""
        today = timezone.localdate()
        soon = today + dt.timedelta(days=30)
        return self.aggregate(
            overdue=Count("pk", filter=Q(review_due__isnull=True) | Q(review_due__lt=today)),
            soon=Count("pk", filter=Q(review_due__gte=today, review_due__lte=soon)),
        )

    def print_again(self) -> None:
        """Makes `rendered` anew, after a reference was completed. What was written stays."""
        for revision in self:
            self.filter(pk=revision.pk).update(rendered=revision.print())

    def approved_before(self, revision: "Revision") -> "Revision | None":
        """The last revision before this one that its reviewers' last word approves."""
        last_word = Approval.objects.filter(revision=OuterRef("pk")).values("decision")[:1]
        earlier = self.filter(article=revision.article_id, number__lt=revision.number)
        approved = earlier.alias(last_word=Subquery(last_word)).filter(last_word__in=Approval.YES)
        return approved.order_by("-number").first()

    def shown(self, now: dt.datetime | None = None) -> "RevisionQuerySet":
        """What readers see at `now`: one revision of each published article."""
        now = now or timezone.now()
        has_next = Q(article__next_from__isnull=False, article__next_from__lte=now)
        shown = (has_next & Q(pk=F("article__next_revision"))) | (
            ~has_next & Q(pk=F("article__live_revision"))
        )
        return self.filter(shown, article__live_from__lte=now)

    def review_due_by(self, day: dt.date) -> "RevisionQuerySet":
        """Those whose medical review is over or runs out by `day`, the longest overdue first."""
        due = self.filter(Q(review_due__isnull=True) | Q(review_due__lte=day))
        return due.order_by(F("review_due").asc(nulls_first=True), "pk")


class Revision(models.Model):
    """One saved state of an article's text. Never changed; `rendered` is made from it at save.

    The two dates of its medical review are no part of the text: an approval writes them.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("revision"))
    saved_at = models.DateTimeField(_("saved"), auto_now_add=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.CharField(
        _("what changed"), max_length=200, blank=True, help_text=_("A few words for the history.")
    )
    title = models.CharField(_("title"), max_length=140, validators=[one_line])
    short_title = models.CharField(
        _("short title"),
        max_length=60,
        validators=[no_figures, one_line],
        help_text=_("For search results: at most 60 characters, no figures."),
    )
    description = models.CharField(
        _("description"),
        max_length=160,
        validators=[MinLengthValidator(50), no_figures, one_line],
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

    objects = RevisionQuerySet.as_manager()

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

    def fields(self) -> dict[str, Any]:
        """What an editor wrote, by name, for the next revision to start from."""
        return {name: getattr(self, name) for name in EDITED_FIELDS}

    def others(self) -> list[Treatment]:
        """The treatments it names besides the main one; none before it is saved."""
        return list(self.other_treatments.all()) if self.pk else []

    def declared(self) -> list[Treatment]:
        """Every treatment it is declared to name, the main one first."""
        main = [self.main_treatment] if self.main_treatment else []
        return [*main, *(row for row in self.others() if row not in main)]

    def restore(self, by: User) -> "Revision":
        """Saves this text once more, as the newest draft. Raises as Article.save_revision does."""
        return self.article.save_revision(
            by,
            note=gettext("Restored from revision %(number)s") % {"number": self.number},
            other_treatments=self.others(),
            **self.fields(),
        )

    def clean_and_render(self, exclude: Sequence[str] = ()) -> None:
        """Checks every field and makes `rendered`. Raises ValidationError, by field."""
        self.full_clean(exclude=["rendered", *exclude])
        self.rendered = self.print()

    def print(self) -> dict[str, Any]:
        """What readers get. Raises ValidationError, by field, as markdown.render does."""
        return markdown.render(self.summary, self.body, self.questions, library())

    def print_draft(self) -> list[Mistake]:
        """Makes `rendered` from a text that is still being written; gives what must be mended."""
        self.rendered, mistakes = markdown.draft(self.summary, self.body, self.questions, library())
        return mistakes

    def is_approved(self) -> bool:
        """True when the last word on this very revision is a medical reviewer's yes."""
        last = self.approvals.first()
        return last is not None and last.decision in Approval.YES

    def is_refused(self) -> bool:
        """True when a reviewer's last word on it asks for changes."""
        last = self.approvals.first()
        return last is not None and last.decision == Approval.Decision.CHANGES

    def take_over_review(self) -> None:
        """Gives a text that was not approved itself the dates of the one it stands for."""
        basis = None if self.is_approved() else Revision.objects.approved_before(self)
        if basis is not None:
            self.set_review(basis.reviewed_on, basis.review_due)

    @property
    def can_be_confirmed(self) -> bool:
        """Whether it was reviewed before, and no word since asks for more than another look."""
        words = list(self.approvals.all())
        return self.reviewed_on is not None and (not words or words[0].decision in Approval.YES)

    @property
    def was_refused(self) -> bool:
        """As is_refused, from the words that `with_history` has read already."""
        words = list(self.approvals.all())
        return bool(words) and words[0].decision == Approval.Decision.CHANGES

    @property
    def was_approved(self) -> bool:
        """As is_approved, from the words that `with_history` has read already."""
        words = list(self.approvals.all())
        return bool(words) and words[0].decision in Approval.YES

    def submit(self, by: User) -> "Approval":
        """Asks the medical reviewers for their word. Raises ValidationError when it was given."""
        if self.is_approved():
            raise ValidationError(_("This revision is approved already: publish it."))
        return self.approvals.create(by=by, decision=Approval.Decision.ASKED)

    def approve(
        self,
        by: User,
        comment: str = "",
        *,
        reviewed_on: dt.date | None = None,
        review_due: dt.date | None = None,
    ) -> "Approval":
        """A medical reviewer's yes to this revision, and to no other, with the dates it holds.

        Reviewed today and due in a year unless said otherwise. Raises PermissionDenied for anyone
        else, and ValidationError for one's own revision and for dates that cannot be.
        """
        reviewed_on = reviewed_on or timezone.localdate()
        review_due = review_due or months_after(reviewed_on, REVIEW_AFTER)
        errors = dict(date_errors(reviewed_on, review_due))
        if errors:
            raise ValidationError(errors)
        with transaction.atomic():
            approval = self._decide(by, Approval.Decision.APPROVED, comment)
            self.set_review(reviewed_on, review_due)
        return approval

    def confirm(self, by: User) -> "Approval":
        """A medical reviewer read the live text again today, and nothing in it has to change.

        The next review is due in a year. Raises as `approve` does, and ValidationError for a text
        that readers do not see or that was not approved before.
        """
        if self.article.visible_id != self.pk:
            raise ValidationError(_("Readers do not see this revision, so nothing was due."))
        if not self.can_be_confirmed:
            raise ValidationError(_("This text waits for approval: look at what changed first."))
        today = timezone.localdate()
        with transaction.atomic():
            word = self._decide(by, Approval.Decision.CONFIRMED, "")
            self.set_review(today, months_after(today, REVIEW_AFTER))
        return word

    def set_review(self, reviewed_on: dt.date | None, review_due: dt.date | None) -> None:
        self.reviewed_on, self.review_due = reviewed_on, review_due
        type(self).objects.filter(pk=self.pk).update(reviewed_on=reviewed_on, review_due=review_due)

    def ask_for_changes(self, by: User, comment: str) -> "Approval":
        """A medical reviewer's no, with what should change. Raises as `approve` does."""
        if not comment.strip():
            raise ValidationError(
                {"comment": _("Say what should change, for example: name the comparison.")}
            )
        return self._decide(by, Approval.Decision.CHANGES, comment)

    def _decide(self, by: User, decision: str, comment: str) -> "Approval":
        if not by.has_perm("articles.approve_revision"):
            raise PermissionDenied
        if self.saved_by_id == by.pk:
            raise ValidationError(
                _("You saved this revision, so another medical reviewer must look at it.")
            )
        if self.author is not None and self.author.user_id == by.pk:
            raise ValidationError(
                _("You are its author, so another medical reviewer must look at it.")
            )
        if (
            decision in Approval.YES
            and self.reviewer
            and self.reviewer.user_id not in {None, by.pk}
        ):
            raise ValidationError(
                _("Readers are told that %(name)s reviewed this, so only they can say yes to it.")
                % {"name": self.reviewer.name}
            )
        return self.approvals.create(by=by, decision=decision, comment=comment.strip())


def date_errors(
    reviewed_on: dt.date | None, review_due: dt.date | None
) -> Iterator[tuple[str, str | Promise]]:
    """What is wrong with the dates of a medical review, by field."""
    if reviewed_on is None:
        yield "reviewed_on", _("A medical reviewer gives the day of the review by approving it.")
    elif reviewed_on > timezone.localdate():
        yield "reviewed_on", _("The day of the medical review is in the future.")
    elif review_due is None:
        yield "review_due", _("Say when the next medical review is due.")
    elif not reviewed_on < review_due <= months_after(reviewed_on, REVIEW_AT_LATEST):
        yield (
            "review_due",
            _("The next medical review is due after this one, at most 24 months later."),
        )
