"""The staff pages of medical review: one revision, what is due, and the links to a draft."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import reviews, views
from articles.changes import changes
from articles.desk import attempt, find, page, posted, read_url, review_url
from articles.drafts import DraftComment, DraftLink
from articles.forms import DecisionForm
from articles.models import Revision
from clinic.models import User


class OwnerForm(forms.Form):
    """Whose texts the queue shows; everybody's when nobody is chosen."""

    owner = forms.ChoiceField(required=False)

    def __init__(self, owners: list[reviews.Owner], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["owner"])
        field.choices = [(owner.key, owner.name) for owner in owners]


View = Callable[..., HttpResponse]


def routes(model_admin: ModelAdmin) -> list[tuple[str, View, str]]:
    """Path, view and name of each page here, for the admin of articles."""
    one = "<int:pk>/revisions/<int:number>/"
    known: list[tuple[str, View, str]] = [
        (one, review, "review"),
        (f"{one}read/", read, "read"),
        (f"{one}link/", make_link, "make_link"),
        (f"{one}confirm/", confirm, "confirm"),
        ("reviews/", queue, "reviews"),
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
        "may_decide": is_reviewer(request),
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


# --- Texts that are due ---------------------------------------------------------------------------


def queue(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Which live texts should be read again, and when, for all owners or one."""
    if not (is_reviewer(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    revisions = reviews.due()
    owners = reviews.owners(revisions)
    form = OwnerForm(owners, request.GET)
    owner = form.cleaned_data["owner"] if form.is_valid() else ""
    chosen = [row for row in revisions if owner in {"", reviews.owner_of(row)}]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Reviews that are due"),
        "media": model_admin.media,
        "parts": reviews.parts(chosen),
        "owners": owners,
        "owner": owner,
        "total": len(revisions),
        "may_confirm": is_reviewer(request),
    }
    return TemplateResponse(request, "admin/articles/reviews.html", context)


def confirm(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A medical reviewer read a live text again, and nothing in it has to change."""
    if not is_reviewer(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    revision = find(pk, number)
    try:
        revision.confirm(cast(User, request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(review_url(revision))
    told = _("“%(title)s” is reviewed. It is due again on %(day)s.")
    words = {"title": revision.title, "day": date_format(cast(dt.date, revision.review_due))}
    messages.success(request, told % words)
    return HttpResponseRedirect(reverse("admin:articles_article_reviews"))


def is_reviewer(request: HttpRequest) -> bool:
    return request.user.has_perm("articles.approve_revision")


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
