"""The staff pages on which one revision is read, said yes or no to, and lent out by a link."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from articles import views
from articles.changes import changes
from articles.desk import attempt, find, page, posted, read_url, review_url
from articles.drafts import DraftComment, DraftLink
from articles.forms import DecisionForm
from articles.models import Revision
from clinic.models import User

View = Callable[..., HttpResponse]


def routes(model_admin: ModelAdmin) -> list[tuple[str, View, str]]:
    """Path, view and name of each page here, for the admin of articles."""
    one = "<int:pk>/revisions/<int:number>/"
    known: list[tuple[str, View, str]] = [
        (one, review, "review"),
        (f"{one}read/", read, "read"),
        (f"{one}link/", make_link, "make_link"),
        ("draft-links/<uuid:key>/revoke/", revoke_link, "revoke_link"),
    ]
    return [(path, partial(view, model_admin), name) for path, view, name in known]


# --- The review of one revision -----------------------------------------------------------------


def review(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What changed since the last approval, what was said to it, and the reviewer's own word."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    revision = find(pk, number)
    form = DecisionForm(posted(request))
    if request.method == "POST" and form.is_valid() and decide(request, revision, form):
        messages.success(request, _("Noted. The editors are told."))
        return HttpResponseRedirect(review_url(revision))
    compared = Revision.objects.approved_before(revision)
    may_lend = model_admin.has_change_permission(request)
    context = {
        "title": _("Review of revision %(number)s") % {"number": revision.number},
        "compared": compared,
        "changes": changes(compared, revision),
        "words": revision.approvals.select_related("by"),
        "comments": DraftComment.objects.on(revision),
        "may_lend": may_lend,
        "links": DraftLink.objects.of(revision) if may_lend else (),
        "form": form,
        "may_decide": request.user.has_perm("articles.approve_revision"),
        "is_own": revision.saved_by_id == request.user.pk,
        "read_url": read_url(revision),
        "revision": revision,
    }
    return page(model_admin, request, "review", revision.article, context)


def decide(request: HttpRequest, revision: Revision, form: forms.Form) -> bool:
    """Records the reviewer's word. False, with the reason in the form, when it does not count."""
    given, by = form.cleaned_data, cast(User, request.user)
    if given["decision"] == "changes":
        return attempt(form, lambda: revision.ask_for_changes(by, given["comment"]))
    dates = {name: given[name] for name in ("reviewed_on", "review_due")}
    return attempt(form, lambda: revision.approve(by, given["comment"], **dates))


def read(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The whole page as readers would see it, for staff."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    revision = find(pk, number)
    return render(request, "articles/detail.html", views.draft_context(request, revision))


# --- Draft links --------------------------------------------------------------------------------


def make_link(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    require_editor(model_admin, request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    revision = find(pk, number)
    revision.draft_links.create(created_by=cast(User, request.user))
    messages.success(request, _("Here is the link. It works for 14 days."))
    return HttpResponseRedirect(f"{review_url(revision)}#links")


def revoke_link(model_admin: ModelAdmin, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    require_editor(model_admin, request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    link = get_object_or_404(DraftLink.objects.select_related("revision"), pk=key)
    link.revoke(cast(User, request.user))
    messages.success(request, _("The link has ended. Its comments stay."))
    return HttpResponseRedirect(f"{review_url(link.revision)}#links")


def require_editor(model_admin: ModelAdmin, request: HttpRequest) -> None:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
