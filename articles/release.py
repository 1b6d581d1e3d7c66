"""The staff pages that bring a revision to readers: its findings, publishing, correcting at once.

Publishing says everything that is missing in one summary, each item leading to where it is mended.
"""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import gate, weights
from articles.desk import (
    Step,
    attempt,
    confirm,
    find,
    page,
    posted,
    require_publisher,
    review_url,
    steps,
)
from articles.findings import Finding, findings
from articles.judgements import Judgement
from articles.models import Revision
from articles.release_forms import OverrideForm, PublishForm, ReadForm
from clinic.models import User


def findings_url(revision: Revision) -> str:
    return reverse("admin:articles_article_findings", args=[revision.article_id, revision.number])


# --- Findings -----------------------------------------------------------------------------------


def judge(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What the claim rules find in one revision, and what people say to it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    revision = find(pk, number)
    found = findings(revision)
    form = OverrideForm(posted(request) if "reason" in request.POST else None)
    if request.method == "POST" and say(model_admin, request, revision, found, form):
        messages.success(request, _("Noted, with your name."))
        return HttpResponseRedirect(findings_url(revision))
    context = {
        "title": _("Findings in revision %(number)s") % {"number": number},
        "findings": found,
        "unread": [finding for finding in found if finding.is_unread],
        "form": form,
        "may_override": request.user.has_perm("articles.approve_revision"),
        "may_read": model_admin.has_change_permission(request),
        "revision": revision,
    }
    return page(model_admin, request, "findings", revision.article, context)


def say(
    model_admin: ModelAdmin,
    request: HttpRequest,
    revision: Revision,
    found: list[Finding],
    form: OverrideForm,
) -> bool:
    """Keeps what a person says to the findings. False, with the reason in the form, if it fails."""
    by = cast(User, request.user)
    if form.is_bound:
        return override(revision, found, form, by)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    ticked = ReadForm(request.POST, warnings=found)
    if ticked.is_valid():
        Judgement.objects.mark_read(revision.article, ticked.chosen(), by)
    return ticked.is_valid()


def override(revision: Revision, found: list[Finding], form: OverrideForm, by: User) -> bool:
    if not by.has_perm("articles.approve_revision"):
        raise PermissionDenied
    by_print = {finding.fingerprint: finding for finding in found}
    finding = by_print.get(request_print(form))
    if finding is None or not form.is_valid():
        return False
    reason = form.cleaned_data["reason"]
    return attempt(form, lambda: Judgement.objects.override(revision.article, finding, by, reason))


def request_print(form: OverrideForm) -> str:
    return str(form["fingerprint"].value())


# --- Publishing ---------------------------------------------------------------------------------


def publish(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    require_publisher(request)
    revision = find(pk, number)
    article, missing = revision.article, gate.missing(revision)
    warnings = [finding for finding in findings(revision) if finding.is_unread]
    form = PublishForm(posted(request), warnings=warnings, needs_reason=gate.needs_reason(revision))

    def act(form: forms.Form) -> None:
        given, by = form.cleaned_data, cast(User, request.user)
        article.publish(revision, by, given["at"], because=given.get("because", ""))
        Judgement.objects.mark_read(article, cast(PublishForm, form).chosen(), by)

    return confirm(
        model_admin,
        request,
        article,
        form,
        act,
        template="release",
        title=_("Publish revision %(number)s") % {"number": number},
        text=what_readers_will_see(revision),
        button=_("Publish"),
        done=_("Done: see below when it is live."),
        missing=steps(revision, missing),
        revision=revision,
        can_correct=bool(missing) and gate.is_correction(revision),
        weighty=weighty(revision),
    )


def correct(model_admin: ModelAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Takes a claim back at once: an edit that removes or softens, before anybody approved it."""
    require_publisher(request)
    revision = find(pk, number)
    article = revision.article

    def act(form: forms.Form) -> None:
        article.correct(revision, cast(User, request.user), form.cleaned_data["because"])

    return confirm(
        model_admin,
        request,
        article,
        PublishForm(posted(request), needs_reason=True, at_once=True),
        act,
        template="release",
        title=_("Correct at once with revision %(number)s") % {"number": number},
        text=_(
            "Readers will see this text now. It carries no medical review until a reviewer has "
            "approved it; they are asked to do so."
        ),
        button=_("Correct now"),
        done=_("Corrected. The medical reviewers are asked for their word."),
        missing=[] if gate.is_correction(revision) else [no_correction(revision)],
        revision=revision,
        weighty=weighty(revision),
    )


def no_correction(revision: Revision) -> Step:
    return Step(str(gate.NO_CORRECTION), review_url(revision))


def what_readers_will_see(revision: Revision) -> str:
    visible = revision.article.revision_at()
    text = _("Readers will see revision %(number)s at %(address)s.") % {
        "number": revision.number,
        "address": revision.article.get_absolute_url(),
    }
    if visible is not None and visible != revision:
        text += " " + _("It takes the place of revision %(number)s.") % {"number": visible.number}
    return text


def weighty(revision: Revision) -> list[weights.Difference]:
    """The edits to what readers see now that are more than neutral."""
    visible = revision.article.revision_at()
    found = weights.differences(visible, revision) if visible else []
    return [difference for difference in found if difference.weight > weights.Weight.NEUTRAL]
