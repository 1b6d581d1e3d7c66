"""Staff's page for the record of a treatment, from which every page prints its status."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Person, Reference, Treatment
from clinic.models import User

LONG_TEXTS = ("approved_for", "statement", "risks")


class NamesField(forms.CharField):
    """A list of names, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = (super().to_python(value) or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class SourcesField(forms.ModelMultipleChoiceField):
    """The references its status was read in, each with its title beside its key."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.key}: {obj.title}"


class TreatmentForm(forms.ModelForm):
    sources = SourcesField(
        Reference.objects.all(),
        label=_("Sources"),
        required=False,
        help_text=_("Tick those that its status was read in."),
    )
    other_names = NamesField(
        label=_("Other names it goes by"),
        required=False,
        help_text=_(
            "One a line. A text that uses one of them must declare the treatment to be published."
        ),
    )

    class Meta:
        model = Treatment
        fields = [
            "slug", "name", "other_names", "status", "approved_for", "statement", "risks",
            "sources", "as_of", "verified_by", "verified_on",
        ]  # fmt: skip
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in LONG_TEXTS}


class TreatmentAdmin(admin.ModelAdmin):
    """The status of each treatment. Every page prints it from here."""

    list_display = ["name", "status", "as_of", "verified_by", "verified_on", "again_by"]
    form = TreatmentForm
    readonly_fields = ["again_by", "used_in"]
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: old revisions still name it."""
        return False

    @admin.display(description=_("verify again by"), ordering="verify_again_by")
    def again_by(self, treatment: Treatment) -> str:
        if treatment.verify_again_by is None:
            return str(_("Not verified yet"))
        day = date_format(treatment.verify_again_by)
        return str(_("%(day)s: overdue") % {"day": day}) if treatment.is_overdue else day

    @admin.display(description=_("pages that print it"))
    def used_in(self, treatment: Treatment) -> SafeString | str:
        articles = [
            (reverse("admin:articles_article_change", args=[article.pk]), article.slug)
            for article in Article.objects.naming(treatment)
        ]
        services = [
            (service.get_absolute_url(), service.name) for service in treatment.services.all()
        ]
        rows = [*articles, *services]
        return format_html_join("", '<p><a href="{}">{}</a></p>', rows) or "—"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.verify)
        own = [path("<int:pk>/verify/", view, name="articles_treatment_verify")]
        return own + super().get_urls()

    def verify(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The record was held against its sources today, and nothing has changed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        treatment = get_object_or_404(Treatment, pk=pk)
        treatment.verify(name_of(request.user))  # type: ignore[arg-type]
        self.log_change(request, treatment, "Verified, no change.")
        self.message_user(request, _("Verified today, with your name."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_treatment_change", args=[pk]))


def name_of(user: User) -> str:
    """Who verified it: with credentials, where the account is a person's that readers know."""
    person = Person.objects.filter(user=user).first()
    return str(person or user.display_name)
