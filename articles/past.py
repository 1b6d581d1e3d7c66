"""Looking back: two revisions side by side, an old one brought back, notes on a saved one."""

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from articles.changes import changes
from articles.desk import confirm, find, page, posted
from articles.findings import texts_of
from articles.forms import CompareForm
from articles.models import Article, Revision
from articles.writing import report


def compare(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """What changed between two revisions; at first, since the last one that was approved."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    article = get_object_or_404(Article, pk=pk)
    form = CompareForm(request.GET or usual_pair(article), article=article)
    chosen = form.pair() if form.is_valid() else None
    context = {
        "title": _("Compare two revisions"),
        "form": form,
        "pair": chosen,
        "changes": changes(*chosen) if chosen else [],
    }
    return page(model_admin, request, "compare", article, context)


def usual_pair(article: Article) -> dict[str, int]:
    newest = article.revisions.latest()
    earlier = Revision.objects.approved_before(newest) or article.revisions.last() or newest
    return {"old": earlier.number, "new": newest.number}


def restore(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    revision = find(pk, number)
    return confirm(
        model_admin,
        request,
        revision.article,
        forms.Form(posted(request)),
        lambda form: revision.restore(request.user),  # type: ignore[arg-type]
        title=_("Restore revision %(number)s as a new draft") % {"number": number},
        text=_(
            "Its text becomes the newest revision, a draft to work on. Readers see no change, "
            "and no later revision is lost."
        ),
        button=_("Restore as a new draft"),
        done=_("Restored: the earlier text is the newest draft."),
    )


def notes(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What the writing screen says of a text, for one that is saved."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    revision = find(pk, number)
    context = {
        "title": _("Notes on revision %(number)s") % {"number": number},
        "report": report(request, revision, texts_of(revision)),
        "revision": revision,
    }
    return page(model_admin, request, "notes", revision.article, context)
