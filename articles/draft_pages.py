"""A draft as it would look when published, for whoever holds its link, and what they say to it.

Public and without a cookie, like every page outside the staff site; never kept, never indexed.
"""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from articles import views
from articles.draft_forms import CommentForm
from articles.drafts import MOST_COMMENTS, DraftLink
from articles.models import Revision
from clinic.http import cookie_free_post


@cookie_free_post
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """One revision and what was said through this link; a POST says something more."""
    link = DraftLink.objects.under(token)
    if link is None:
        raise Http404
    if not link.is_open:
        return unlisted(render(request, "articles/draft_ended.html", status=410))
    if request.method != "POST":
        return page(request, link, CommentForm())
    if request.is_cross_origin:  # type: ignore[attr-defined]
        return page(request, link, CommentForm.filled(request.POST), "elsewhere", 403)
    form = CommentForm(request.POST)
    if form.is_valid() and is_kept(link, form):
        return unlisted(redirect(f"{link.get_absolute_url()}#comments"))
    return page(request, link, form, status=422)


def is_kept(link: DraftLink, form: CommentForm) -> bool:
    """Whether the comment was kept; if not, the form says why."""
    try:
        link.comment(**form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def page(
    request: HttpRequest, link: DraftLink, form: CommentForm, notice: str = "", status: int = 200
) -> HttpResponse:
    revision = Revision.objects.with_article().get(pk=link.revision_id)
    comments = list(link.comments.all())
    context = views.draft_context(request, revision) | {
        "link": link,
        "form": form,
        "comments": comments,
        "is_full": len(comments) >= MOST_COMMENTS,
        "notice": notice,
    }
    return unlisted(render(request, "articles/draft.html", context, status=status))


def unlisted(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
