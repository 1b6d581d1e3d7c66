"""The writing screen's two answers to a text that nobody has saved: its page, and what to mend."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from articles import views
from articles.forms import UnsavedForm
from articles.models import Article, Revision
from articles.writing import report


@require_POST
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # its stub knows no arguments
def preview(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """The article's page as it would be with what is in the form."""
    form, revision = written(request, model_admin)
    revision.print_draft()
    context = views.detail_context(request, revision.article, revision) | {
        "preview": True,
        "canonical": "",
        "other_treatments": form.others(),
    }
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
