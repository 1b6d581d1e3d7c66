"""The forms editors and medical reviewers fill in."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from articles import pictures
from articles.fields import (
    TALL,
    LinesField,
    QuestionsField,
    pairs_in,
    with_plain_lines,
)
from articles.models import Article, Picture, Revision, Topic, Treatment
from articles.revisions import EDITED_FIELDS

WIDE = {"class": "article-line"}


def tall(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={**TALL, "rows": rows})


def field_of(name: str, **options: Any) -> forms.Field:
    """The form field of a column of Revision."""
    column = cast("models.Field[Any, Any]", Revision._meta.get_field(name))
    return cast(forms.Field, column.formfield(**options))


class ArticleForm(forms.ModelForm):
    """An article and its newest text. Saving changed text saves a new revision."""

    slug = forms.SlugField(
        label=_("Address on the site"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=WIDE),
        help_text=_(
            "The last part of its address. Left empty, it is made from the title. When readers "
            "know the old one already, they are sent on to the new one."
        ),
    )
    topic = forms.ModelChoiceField(Topic.objects.all(), label=_("Topic"))
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = field_of("title", widget=forms.TextInput(attrs=WIDE))
    short_title = field_of("short_title", widget=forms.TextInput(attrs=WIDE))
    description = field_of("description", widget=tall(rows=3))
    summary = field_of(
        "summary", form_class=LinesField, widget=forms.Textarea(attrs={**TALL, "rows": 8})
    )
    body = field_of(
        "body", form_class=LinesField, widget=forms.Textarea(attrs={**TALL, "rows": 36})
    )
    questions = QuestionsField(
        label=_("Questions and answers"),
        required=False,
        help_text=_(
            "Write each question on a line of its own that begins with ##, "
            "and its answer under it. For example: ## Will I be asleep?"
        ),
    )
    main_treatment = field_of("main_treatment")
    other_treatments = forms.ModelMultipleChoiceField(
        Treatment.objects.all(),
        label=_("Other treatments mentioned"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    author = field_of("author")
    reviewer = field_of("reviewer")
    note = field_of("note", widget=forms.TextInput(attrs=WIDE))

    class Meta:
        model = Article
        fields = ["slug", "topic"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.newest: Revision | None = None
        self.conflict: Revision | None = None
        if self.instance.pk is None:
            return
        self.newest = self.instance.revisions.first()
        if self.newest is not None:
            self.initial = {
                **self.initial,
                **self.newest.fields(),
                "base": self.newest.number,
                "other_treatments": self.newest.others(),
            }

    @property
    def text_changed(self) -> bool:
        return bool({*EDITED_FIELDS, "other_treatments"} & set(self.changed_data))

    def revision_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*EDITED_FIELDS, "note")}

    def clean(self) -> None:
        """Finds out everything that saving would refuse, so that it is said beside its field."""
        super().clean()
        self.cleaned_data["slug"] = self.cleaned_data.get("slug") or self.usual_slug()
        self.refuse_stale_base()
        if self.errors:
            return
        candidate = Revision(article=self.instance, number=0, **self.revision_fields())
        try:
            candidate.clean_and_render(exclude=["article"])
        except ValidationError as error:
            self.add_error(None, error)

    def usual_slug(self) -> str:
        """The one it has, or for a new article one made from its title."""
        known = cast(str, self.initial.get("slug", ""))
        return known or slugify(self.cleaned_data.get("title", ""))[:120].strip("-")

    def refuse_stale_base(self) -> None:
        """Stops a save over somebody's newer text once; saving again is then a decision."""
        base = self.cleaned_data.get("base")
        if self.newest is None or base == self.newest.number:
            return
        self.conflict = self.newest
        self.data = MultiValueDict(
            {**dict(cast(QueryDict, self.data).lists()), "base": [str(self.newest.number)]}
        )
        self.add_error(
            None,
            _(
                "Somebody saved revision %(number)s while you were writing. What they changed is "
                "shown below, and your own text is still in the form. Put together what should "
                "stay, then save again."
            )
            % {"number": self.newest.number},
        )


class UnsavedForm(ArticleForm):
    """The same form while it is being filled in: takes whatever can be read."""

    def clean(self) -> None:
        """Nothing is refused."""

    def texts(self) -> dict[str, str]:
        """What stands in each field of text, at the places where the editor has it."""
        names = [name for name in EDITED_FIELDS if isinstance(self.fields[name], forms.CharField)]
        return {name: with_plain_lines(self.data.get(name, "")) for name in names}

    def others(self) -> list[Treatment]:
        """The treatments that are ticked."""
        return list(self.cleaned_data.get("other_treatments", ()))

    def revision(self) -> Revision:
        """Unsaved and unprinted."""
        self.full_clean()
        values: dict[str, Any] = self.texts()
        values["questions"] = pairs_in(values["questions"])[1]
        for name in ("title", "short_title", "description"):
            values[name] = values[name].strip()
        for name in ("main_treatment", "author", "reviewer"):
            values[name] = self.cleaned_data.get(name)
        number = self.newest.number + 1 if self.newest else 1
        article = self.instance
        article.slug = self.cleaned_data.get("slug") or self.usual_slug() or "address"
        article.topic = self.cleaned_data.get("topic") or Topic(slug="topic")
        return Revision(article=article, number=number, **values)


class CompareForm(forms.Form):
    """Two revisions of one article."""

    old = forms.ChoiceField(label=_("From"))
    new = forms.ChoiceField(label=_("To"))

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revisions = {row.number: row for row in article.revisions.select_related("saved_by")}
        choices = [(number, self.name(row)) for number, row in self.revisions.items()]
        for name in ("old", "new"):
            cast(forms.ChoiceField, self.fields[name]).choices = choices

    def name(self, revision: Revision) -> str:
        day = date_format(timezone.localtime(revision.saved_at), "SHORT_DATETIME_FORMAT")
        who = revision.saved_by.display_name if revision.saved_by else ""
        return " ".join(part for part in (f"{revision.number}:", day, who, revision.note) if part)

    def pair(self) -> tuple[Revision, Revision]:
        """The two, the earlier first."""
        numbers = sorted(int(self.cleaned_data[name]) for name in ("old", "new"))
        return self.revisions[numbers[0]], self.revisions[numbers[1]]


class PictureForm(forms.ModelForm):
    """A new picture, with what it shows. The picture itself stays as it came in."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_(
            "A JPEG, PNG or WebP of at most 12 MB. Where and with what it was taken is not kept."
        ),
    )

    class Meta:
        model = Picture
        fields = ["key", "alt"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            del self.fields["file"]

    def clean_file(self) -> Any:
        """The pixels, and nothing else of the file."""
        return pictures.read(self.cleaned_data["file"])


class DecisionForm(forms.Form):
    """A medical reviewer's word on one revision."""

    decision = forms.ChoiceField(
        choices=[("approve", _("Approve")), ("changes", _("Ask for changes"))]
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Needed when you ask for changes. It stays with this revision."),
    )
    reviewed_on = forms.DateField(
        label=_("Reviewed on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Printed with the reviewer's name. Left empty, it is today."),
    )
    review_due = forms.DateField(
        label=_("Next review due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At most 24 months later. Left empty, it is 12 months later."),
    )

    @property
    def dates(self) -> list[forms.BoundField]:
        return [self["reviewed_on"], self["review_due"]]
