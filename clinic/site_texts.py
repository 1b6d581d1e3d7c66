"""The words of the site in the admin: previewed before they are saved, every revision kept."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from clinic import frame, views
from clinic.models import SiteText, User

# Each page that shows these texts: the name of its view, its template, its text, and its title.
TEXT_PAGES = {
    "about": ("pages/about.html", "about", gettext_lazy("About us")),
    "privacy": (
        "pages/privacy.html",
        "privacy_practices",
        gettext_lazy("How we protect your privacy"),
    ),
    "accessibility": ("pages/accessibility.html", "accessibility", gettext_lazy("Accessibility")),
    "nondiscrimination": (
        "pages/nondiscrimination.html",
        "nondiscrimination",
        gettext_lazy("Nondiscrimination"),
    ),
}

SHORTEST_DESCRIPTION = 50


class SiteTextForm(forms.ModelForm):
    """Refuses to build on an old revision: what somebody saved meanwhile would be lost."""

    def clean_description(self) -> str:
        description: str = self.cleaned_data["description"]
        if description and len(description) < SHORTEST_DESCRIPTION:
            raise ValidationError(
                _(
                    "Write a whole sentence of at least 50 characters, for example: Three clinics "
                    "in Alabama and Virginia, and plain facts about ketamine care."
                )
            )
        return description

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.instance.pk and self.instance.pk != SiteText.objects.current().pk:
            raise ValidationError(
                _(
                    "Somebody saved these texts after you opened them. Copy what you changed, open "
                    "the newest revision and put it in there."
                )
            )
        return data


@admin.register(SiteText)
class SiteTextAdmin(admin.ModelAdmin):
    """The list is the history. Only the newest can be changed, and saving adds a revision."""

    form = SiteTextForm
    list_display = ("saved_at", "saved_by", "name", "tagline")
    list_select_related = ("saved_by",)
    ordering = ("-pk",)
    actions = None
    change_form_template = "admin/clinic/sitetext/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The first revision only; from then on texts are changed."""
        return super().has_add_permission(request) and not SiteText.objects.exists()

    def has_change_permission(self, request: HttpRequest, obj: SiteText | None = None) -> bool:
        is_newest = obj is None or obj.pk == SiteText.objects.current().pk
        return super().has_change_permission(request, obj) and (
            is_newest or request.method == "POST"
        )

    def has_delete_permission(self, request: HttpRequest, obj: SiteText | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SiteText, form: Any, change: bool) -> None:
        obj.save_as_new(user_of(request))

    def get_urls(self) -> list[URLPattern]:
        restore = self.admin_site.admin_view(require_POST(self.restore))
        name = "clinic_sitetext_restore"
        return [path("<int:pk>/restore/", restore, name=name), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Answers the preview buttons; texts with a mistake get the form with its errors."""
        if request.method == "POST" and "_preview" in request.POST:
            texts = self.typed(request, object_id)
            if texts is not None:
                return preview(request, texts, request.POST["_preview"])
        extra = {"can_restore": self.can_restore(request, object_id), "previews": previews()}
        return super().changeform_view(request, object_id, form_url, extra | (extra_context or {}))

    def typed(self, request: HttpRequest, object_id: str | None) -> SiteText | None:
        """The texts as typed, never to be saved; None when there is something to mend."""
        obj = self.get_object(request, object_id) if object_id else None
        if not (self.has_change_permission(request, obj) or self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, obj, change=obj is not None)(request.POST, instance=obj)
        return form.instance if form.is_valid() else None

    def can_restore(self, request: HttpRequest, object_id: str | None) -> bool:
        is_old = object_id is not None and object_id != str(SiteText.objects.current().pk)
        return is_old and super().has_change_permission(request)

    def restore(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Puts an old revision in force again, as a new one; what was in force stays on file."""
        if not super().has_change_permission(request):
            raise PermissionDenied
        old = get_object_or_404(SiteText, pk=pk)
        saved_at = old.saved_at
        new = old.save_as_new(user_of(request))
        self.log_change(request, new, _("Restored the texts of an earlier revision."))
        day = timezone.localtime(saved_at)
        words = _("The texts of %(day)s are in force again. Those before are kept below.")
        messages.success(request, words % {"day": f"{day:%B} {day.day}, {day:%Y}"})
        return redirect(reverse("admin:clinic_sitetext_changelist"))


def previews() -> list[tuple[str, str]]:
    """The pages that can be looked at before saving."""
    titles = [(name, str(title)) for name, (_template, _field, title) in TEXT_PAGES.items()]
    return [("home", _("Home")), *titles]


def user_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def preview(request: HttpRequest, texts: SiteText, page: str) -> HttpResponse:
    """A page of the site with these texts, as visitors would see it; the home page if in doubt."""
    site = frame.load_site().with_texts(texts)
    words = _("Preview: nothing of this is saved. Close this page to go back to your texts.")
    site.notices.insert(0, frame.Notice(words, ""))
    template, context = "home.html", views.home_context(site, timezone.now())
    if page in TEXT_PAGES:
        template, field, title = TEXT_PAGES[page]
        context = views.text_context(getattr(texts, field), str(title), reverse(page))
        context["retention"] = settings.RETENTION_DAYS
    # Without an address of its own a page says nothing to machines or sharers.
    nowhere = {"site": site, "frame": site, "canonical": "", "jsonld": ""}
    return render(request, template, context | nowhere)
