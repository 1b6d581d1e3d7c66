"""The staff pages around one article: where it stands, asking for approval, going back, history.

Each step is a page that says in words what will happen, and a POST that does it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import gate
from articles.findings import Finding, findings
from articles.models import Article, DraftComment, Revision


@dataclass(frozen=True)
class Panel:
    """Where an article stands, and the steps this user may take next."""

    on_the_site: str
    public_url: str
    newest: Revision
    visible: Revision | None
    last_word: Any
    preview_url: str
    may_approve: bool
    may_publish: bool
    is_approved: bool
    can_withdraw: bool
    missing: list["Step"]
    """What stands in the way of the newest text."""
    can_correct: bool
    findings: list[Finding]
    review_url: str
    comments: int
    """How many were made on the newest text by people who have its draft link."""


def panel(request: HttpRequest, article: Article) -> Panel:
    newest = Revision.objects.with_history().filter(article=article)[0]
    words = list(newest.approvals.all())
    visible = article.revision_at()
    is_shown = newest == visible
    return Panel(
        on_the_site=on_the_site(article),
        public_url=article.get_absolute_url() if visible else "",
        newest=newest,
        visible=visible,
        last_word=words[0] if words else None,
        preview_url=read_url(newest),
        may_approve=request.user.has_perm("articles.approve_revision"),
        may_publish=request.user.has_perm("articles.publish_article"),
        is_approved=newest.is_approved(),
        can_withdraw=article.live_revision_id is not None,
        missing=[] if is_shown else steps(newest, gate.missing(newest)),
        can_correct=not is_shown and gate.is_correction(newest),
        findings=findings(newest),
        review_url=review_url(newest),
        comments=DraftComment.objects.on(newest).count(),
    )


def on_the_site(article: Article) -> str:
    """What the public sees of an article, in words, in the user's time zone."""
    if article.live_revision_id is None:
        return _("Withdrawn") if article.published_at else _("Not published")
    moment = article.scheduled_for
    when = date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
    if article.visible_id is None:
        return _("Goes live %(when)s") % {"when": when}
    if moment:
        return _("Live; the next text follows %(when)s") % {"when": when}
    return _("Live")


def change_url(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


def review_url(revision: Revision) -> str:
    return reverse("admin:articles_article_review", args=[revision.article_id, revision.number])


def read_url(revision: Revision) -> str:
    """Where staff read the whole page of a revision."""
    return reverse("admin:articles_article_read", args=[revision.article_id, revision.number])


@dataclass(frozen=True)
class Step:
    """One thing that is missing, and the page on which it is mended."""

    message: str
    url: str


def steps(revision: Revision, missing: list[gate.Missing]) -> list[Step]:
    form, review = change_url(revision.article), review_url(revision)
    return [
        Step(item.message, f"{form}#id_{item.field}" if item.field else review) for item in missing
    ]


# --- Steps --------------------------------------------------------------------------------------


def submit(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    revision = find(pk, number)
    return confirm(
        model_admin,
        request,
        revision.article,
        forms.Form(posted(request)),
        lambda form: revision.submit(request.user),  # type: ignore[arg-type]
        title=_("Ask for approval of revision %(number)s") % {"number": number},
        text=_(
            "A medical reviewer other than you must approve this text before it can be published."
        ),
        button=_("Ask for approval"),
        done=_("Asked. Medical reviewers see it in the list of articles."),
    )


def roll_back(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    require_publisher(request)
    revision = find(pk, number)
    return confirm(
        model_admin,
        request,
        revision.article,
        forms.Form(posted(request)),
        lambda form: revision.article.roll_back(revision, request.user),  # type: ignore[arg-type]
        title=_("Go back to revision %(number)s") % {"number": number},
        text=_(
            "Readers will see this earlier text at once. Anything scheduled is dropped. "
            "Later revisions stay in the history."
        ),
        button=_("Go back to this revision"),
        done=_("Readers see the earlier text again."),
    )


def withdraw(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    require_publisher(request)
    article = get_object_or_404(Article, pk=pk)
    return confirm(
        model_admin,
        request,
        article,
        forms.Form(posted(request)),
        lambda form: article.withdraw(request.user),  # type: ignore[arg-type]
        title=_("Withdraw this article"),
        text=_(
            "Its page, and its place in lists, feeds, search and the site map, are gone at once. "
            "Anything scheduled is dropped. The text and its history stay here."
        ),
        button=_("Withdraw"),
        done=_("The article is off the site."),
    )


def history(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Every revision with its reviewers' words, and every move of what was live."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    article = model_admin.get_object(request, unquote(object_id))
    if article is None:
        raise Http404
    context = {
        "title": _("History"),
        "revisions": Revision.objects.with_history().filter(article=article),
        "seen_by_readers": set(
            article.publications.reached(timezone.now()).values_list("revision_id", flat=True)
        ),
        "publications": article.publications.select_related("by", "revision"),
        "visible_id": article.visible_id,
        "may_change": model_admin.has_change_permission(request),
        "may_publish": request.user.has_perm("articles.publish_article"),
    }
    return page(model_admin, request, "history", article, context)


# --- Shared by the steps ------------------------------------------------------------------------


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def find(pk: int, number: int) -> Revision:
    return get_object_or_404(Revision.objects.with_article(), article=pk, number=number)


def require_publisher(request: HttpRequest) -> None:
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied


def confirm(
    model_admin: ModelAdmin,
    request: HttpRequest,
    article: Article,
    form: forms.Form,
    act: Callable[[forms.Form], object],
    *,
    done: str,
    template: str = "confirm",
    **context: object,
) -> HttpResponse:
    """Says what will happen; on POST does it, or says what stands in the way."""
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: act(form)):
        messages.success(request, done)
        return HttpResponseRedirect(change_url(article))
    return page(model_admin, request, template, article, {"form": form, **context})


def attempt(form: forms.Form, act: Callable[[], object]) -> bool:
    try:
        act()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    name: str,
    article: Article,
    context: dict[str, Any],
) -> HttpResponse:
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    frame = {
        **model_admin.admin_site.each_context(request),
        "opts": Article._meta,
        "article": article,
        "article_url": change_url(article),
        "media": model_admin.media,
    }
    return TemplateResponse(request, f"admin/articles/{name}.html", frame | context)
