"""The writing screen's two answers to a text that nobody has saved: its page, and what to mend."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from articles import views
from articles.changes import Change, changes
from articles.fields import with_plain_lines
from articles.findings import text_of
from articles.forms import ArticleForm, UnsavedForm
from articles.models import Article, Revision
from articles.writing import report


@require_POST
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # its stub knows no arguments
def preview(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """The article's page as it would be with what is in the form."""
    form, revision = written(request, model_admin)
    revision.print_draft()
    context = views.draft_context(request, revision) | {"other_treatments": form.others()}
    return render(request, "articles/detail.html", context)


@require_POST
def remarks(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """What to mend and what to know of the text in the form, as a piece of the writing screen."""
    form, revision = written(request, model_admin)
    mistakes = revision.print_draft()
    context = {"report": report(request, revision, form.texts(), mistakes), "live": True}
    return render(request, "admin/articles/_report.html", context)


def written(request: HttpRequest, model_admin: ModelAdmin) -> tuple[UnsavedForm, Revision]:
    """What is in the form, as a revision that nobody saves."""
    pk = request.POST.get("article", "")
    article = get_object_or_404(Article, pk=pk) if pk.isdecimal() else None
    may = model_admin.has_change_permission if article else model_admin.has_add_permission
    if not may(request):
        raise PermissionDenied
    form = UnsavedForm(request.POST, instance=article)
    return form, form.revision()


# --- Two editors at once ------------------------------------------------------------------------


def both_texts(form: ArticleForm, conflict: Revision) -> dict[str, Any]:
    """What the second of two editors is shown beside their own text."""
    return {
        "conflict": conflict,
        "conflict_changes": their_changes(form, conflict),
        "conflict_texts": changed_texts(form, conflict),
    }


def their_changes(form: ArticleForm, conflict: Revision) -> list[Change]:
    """What was saved between the revision this form started from and the newest."""
    base: int = form.cleaned_data.get("base") or 0
    started_from = Revision.objects.filter(article=form.instance.pk, number=base).first()
    return changes(started_from, conflict)


def changed_texts(form: ArticleForm, conflict: Revision) -> list[tuple[str, str]]:
    """The whole text of each field that the other editor's revision has otherwise."""
    fields = ("title", "summary", "body", "questions")
    theirs = {name: text_of(getattr(conflict, name)) for name in fields}
    labels = {name: str(form.fields[name].label) for name in fields}
    mine = {name: with_plain_lines(str(form[name].value() or "")) for name in fields}
    return [(labels[name], theirs[name]) for name in fields if theirs[name] != mine[name]]
