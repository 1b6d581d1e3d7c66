"""Editors' and medical reviewers' pages: articles, topics, people, references, treatments."""

from collections.abc import Callable
from functools import partial
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import admin, messages
from django.contrib.admin.options import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import desk, editor, past, release, reviewing
from articles.forms import ArticleForm, PictureForm
from articles.models import (
    Approval,
    Article,
    Judgement,
    Person,
    Picture,
    Reference,
    Revision,
    StaleBase,
    Topic,
    Treatment,
)
from articles.treatment_admin import TreatmentAdmin


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    """One form that shows the newest text and saves the next revision."""

    form = ArticleForm
    list_display = ["newest_title", "topic", "on_the_site", "newest_state", "saved_by", "saved_at"]
    list_filter = ["topic"]
    list_per_page = 50
    search_fields = ["slug", "revisions__title"]
    ordering = ["slug"]
    show_facets = ShowFacets.NEVER
    view_on_site = False
    actions = None
    fieldsets = [
        (None, {"fields": ["base", "title", "summary", "body", "questions"]}),
        (
            _("Where it stands and how it is found"),
            {"fields": ["topic", "slug", "short_title", "description"]},
        ),
        (_("Treatments it names"), {"fields": ["main_treatment", "other_treatments"]}),
        (_("People"), {"fields": ["author", "reviewer"]}),
        (_("History"), {"fields": ["note"]}),
    ]

    class Media:
        css = {"all": ["css/articles-admin.css"]}

    # --- The list -------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return Article.objects.for_desk()

    @admin.display(description=_("title"), ordering="newest_title")
    def newest_title(self, article: Any) -> str:
        return article.newest_title or article.slug

    @admin.display(description=_("on the site"))
    def on_the_site(self, article: Article) -> str:
        return desk.on_the_site(article)

    @admin.display(description=_("newest text"))
    def newest_state(self, article: Any) -> str:
        if article.newest_id == article.visible_id:
            return str(_("What readers see"))
        if article.newest_step:
            return str(Approval.Decision(article.newest_step).label)
        return str(_("Draft"))

    @admin.display(description=_("saved by"), ordering="newest_saved_by")
    def saved_by(self, article: Any) -> str:
        return article.newest_saved_by or "—"

    @admin.display(description=_("saved"), ordering="newest_saved_at")
    def saved_at(self, article: Any) -> str:
        if article.newest_saved_at is None:
            return "—"
        return date_format(timezone.localtime(article.newest_saved_at), "DATETIME_FORMAT")

    # --- Who may do what ------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what was published once is withdrawn, and its history stays."""
        return False

    # --- The form -------------------------------------------------------------------------------

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Whoever may look but not write is sent to the text and its review."""
        context: dict[str, Any] = {
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        context |= extra_context or {}
        article = self.get_object(request, object_id) if object_id else None
        if article is not None and not self.has_change_permission(request, article):
            if not self.has_view_permission(request, article):
                raise PermissionDenied
            return HttpResponseRedirect(desk.review_url(article.revisions.latest()))
        if article is not None:
            context |= {"title": self.newest_title(article), "subtitle": None}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except StaleBase:
            # Saved by somebody else since the form was checked: now the check sees it.
            return super().changeform_view(request, object_id, form_url, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        article: Article | None = context["original"]
        context |= {"references": Reference.objects.all(), "pictures": Picture.objects.all()}
        if article is not None:
            context["panel"] = desk.panel(request, article)
            form = context["adminform"].form
            if form.conflict is not None:
                context |= editor.both_texts(form, form.conflict)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Article, form: ArticleForm, change: bool
    ) -> None:
        """Saves the address and topic, and a new revision when the text is another one."""
        if change:
            obj.save(update_fields=["topic"])
            obj.move_to(form.cleaned_data["slug"])
        else:
            obj.save()
        if form.text_changed:
            obj.save_revision(
                request.user,  # type: ignore[arg-type]
                base=form.cleaned_data["base"],
                other_treatments=list(form.cleaned_data["other_treatments"]),
                **form.revision_fields(),
            )

    def response_add(
        self, request: HttpRequest, obj: Article, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.respond_saved(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self.respond_saved(request, obj)

    def respond_saved(self, request: HttpRequest, article: Article) -> HttpResponse:
        """Back to the article, where the next step is; the writing screen goes there itself."""
        newest = article.revisions.latest()
        said = gettext("Saved. The newest text is revision %(number)s.")
        if "_submit" in request.POST and not newest.is_approved():
            newest.submit(request.user)  # type: ignore[arg-type]
            said = gettext("Saved as revision %(number)s. The medical reviewers have been asked.")
        self.message_user(request, said % {"number": newest.number}, messages.SUCCESS)
        address = desk.change_url(article)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"location": address})
        return HttpResponseRedirect(address)

    # --- The steps ------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        one = "<int:pk>/revisions/<int:number>/"
        own: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            *reviewing.routes(self),
            (f"{one}submit/", partial(desk.submit, self), "submit"),
            (f"{one}findings/", partial(release.judge, self), "findings"),
            (f"{one}publish/", partial(release.publish, self), "publish"),
            (f"{one}correct/", partial(release.correct, self), "correct"),
            (f"{one}roll-back/", partial(desk.roll_back, self), "roll_back"),
            (f"{one}restore/", partial(past.restore, self), "restore"),
            (f"{one}notes/", partial(past.notes, self), "notes"),
            ("<int:pk>/compare/", partial(past.compare, self), "compare"),
            ("<int:pk>/withdraw/", partial(desk.withdraw, self), "withdraw"),
            ("preview/", partial(editor.preview, model_admin=self), "preview"),  # type: ignore[call-arg]
            ("remarks/", partial(editor.remarks, model_admin=self), "remarks"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=f"articles_article_{name}")
            for route, view, name in own
        ] + super().get_urls()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return desk.history(self, request, object_id)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "position"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ["name", "credentials", "is_sample"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name", "credentials"]

    def get_exclude(self, request: HttpRequest, obj: Person | None = None) -> list[str]:
        """Which account belongs to whom is for those who manage accounts."""
        return [] if request.user.has_perm("clinic.change_user") else ["user"]


@admin.register(Reference)
class ReferenceAdmin(admin.ModelAdmin):
    list_display = ["key", "authors", "year", "journal", "is_complete"]
    search_fields = ["key", "authors", "title", "journal"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["key", "authors", "title", "journal", "year"]}),
        (_("Confirmed details"), {"fields": ["volume", "pages", "doi", "url"]}),
        (
            _("For editors, never printed"),
            {"fields": ["design", "finding", "to_confirm", "seen_at"]},
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Reference | None = None) -> list[str]:
        """Articles cite the key, so it stays."""
        return [] if obj is None else ["key"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: texts cite it by its key, and old revisions must still print."""
        return False

    def save_model(self, request: HttpRequest, obj: Reference, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        Revision.objects.citing(obj).print_again()

    @admin.display(description=_("complete"), boolean=True)
    def is_complete(self, reference: Reference) -> bool:
        return not reference.to_confirm


@admin.register(Picture)
class PictureAdmin(admin.ModelAdmin):
    form = PictureForm
    list_display = ["thumbnail", "key", "alt"]
    list_display_links = ["thumbnail", "key"]
    list_per_page = 50
    search_fields = ["key", "alt"]
    readonly_fields = ["thumbnail"]

    def get_fields(self, request: HttpRequest, obj: Picture | None = None) -> Any:
        return ["file", "key", "alt"] if obj is None else ["thumbnail", "key", "alt"]

    def get_readonly_fields(self, request: HttpRequest, obj: Picture | None = None) -> list[str]:
        """Articles name the key, so it stays."""
        return [] if obj is None else ["thumbnail", "key"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: old revisions must still show it."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Picture, form: PictureForm, change: bool
    ) -> None:
        if not change:
            obj.uploaded_by = request.user  # type: ignore[assignment]
            obj.take_in(form.cleaned_data["file"])
        super().save_model(request, obj, form, change)

    @admin.display(description=_("picture"))
    def thumbnail(self, picture: Picture) -> SafeString:
        return format_html(
            '<img src="{}" alt="{}" class="thumbnail" loading="lazy">',
            picture.thumbnail_url,
            picture.alt,
        )

    class Media:
        css = {"all": ["css/articles-admin.css"]}


admin.site.register(Treatment, TreatmentAdmin)


@admin.register(Judgement)
class JudgementAdmin(admin.ModelAdmin):
    """The report of what was overridden, by whom and why, and of the warnings that were read."""

    list_display = ["article", "rule", "sentence", "kind", "reason", "by", "at"]
    list_display_links = None
    list_filter = ["kind", "rule"]
    list_select_related = ["article", "by"]
    list_per_page = 50
    search_fields = ["article__slug", "sentence", "reason"]
    show_facets = ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
