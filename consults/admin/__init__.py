"""The triage desk: the queue and the request page, on Django's admin.

Rows come from `ConsultRequest.objects.visible_to(request.user)` and nowhere else, for superusers
too. What a person may not see answers 404, and the refusal goes on file.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consults.admin import narrowing, queue
from consults.admin.access import led_by, refuse
from consults.admin.assigning import AssignForm, assign_ticked
from consults.admin.call import enter
from consults.admin.exporting import export_requests
from consults.admin.forms import DeskForm, SearchForm
from consults.admin.looks import list_looks
from consults.admin.page import Page
from consults.admin.paging import QueuePaginator
from consults.admin.person import erase_person
from consults.admin.reports import reports, sources
from consults.admin.steps import shown
from consults.admin.verbs import FORMS
from consults.models import (
    OPEN_STATES,
    ConsultRequest,
    ConsultRequestQuerySet,
    EventKind,
)
from consults.triage import NotAllowed, record
from locations.workplaces import my_clinics

LIST = "admin:consults_consultrequest_changelist"
PAGE = "admin:consults_consultrequest_change"


@admin.register(ConsultRequest)
class ConsultRequestAdmin(admin.ModelAdmin):
    """No add, no delete, no action of Django's own: only verbs of consults.triage change rows."""

    actions = None
    list_display = ("reference",)
    list_filter = (
        queue.ViewFilter,
        queue.KeyFilter,
        narrowing.ClinicFilter,
        narrowing.StateFilter,
        narrowing.AssigneeFilter,
        narrowing.SourceFilter,
    )
    paginator = QueuePaginator
    list_per_page = 50
    list_max_show_all = 50
    list_select_related = ("location", "assignee")
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> ConsultRequestQuerySet:
        """The clinics are named once more: the database plans better for three than for a join."""
        rows = ConsultRequest.objects.visible_to(queue.staff(request))
        return rows.at_clinics(my_clinics(request))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return queue.view_of(request).order

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No column may be probed through the address: our own filters only."""
        return lookup in queue.PARAMETERS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        either = require_http_methods(["GET", "POST"])
        pages: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
            "find": ("find/", require_POST(self.find)),
            "assign": ("assign/", require_POST(assign_ticked)),
            "call": ("call/", either(enter)),
            "export": ("export/", either(export_requests)),
            "person": ("person/", either(erase_person)),
            "looks": ("looks/", either(list_looks)),
            "reports": ("reports/", require_safe(reports)),
            "sources": ("sources/", require_safe(sources)),
            "print": ("<path:object_id>/print/", require_safe(self.print_view)),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"consults_consultrequest_{name}")
            for name, (route, view) in pages.items()
        ]
        return [*own, *super().get_urls()]

    # --- The queue ------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            refuse(request)
        user, view = queue.staff(request), queue.view_of(request)
        led = list(led_by(user))
        may_assign = view.is_assignable and self.has_change_permission(request)
        context = {
            "title": _("Consult requests"),
            "search_form": SearchForm(label_suffix=""),
            "is_lead": bool(led),
            "assign_form": AssignForm(user, led) if may_assign else None,
            "assignable": OPEN_STATES,
        }
        response = super().changelist_view(request, context)
        changes = getattr(response, "context_data", None) or {}
        if "cl" in changes:
            count = len(changes["cl"].result_list)
            record(EventKind.LISTED, actor=user, count=count)
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list loads what it shows, and no sealed text."""
        changes = super().get_changelist_instance(request)
        changes.result_list = changes.result_list.only(*queue.COLUMNS)
        return changes

    def find(self, request: HttpRequest) -> HttpResponse:
        """Turns typed words into keyed hashes, so that they stand in no address and no log."""
        if not self.has_view_permission(request):
            refuse(request)
        form = SearchForm(request.POST)
        words = form.cleaned_data["words"] if form.is_valid() else ""
        record(EventKind.SEARCHED, actor=queue.staff(request))
        reference = queue.reference_in(words)
        row = self.get_queryset(request).filter(reference=reference).first() if reference else None
        if row is not None:
            return redirect(PAGE, row.pk)
        if reference and self.say_where(request, reference):
            return redirect(LIST)
        digests = queue.digests_of(words)
        if not digests:
            messages.warning(request, _("Type a whole word of the name, a phone number or email."))
            return redirect(LIST)
        return HttpResponseRedirect(f"{reverse(LIST)}?{urlencode({'key': '.'.join(digests)})}")

    def say_where(self, request: HttpRequest, reference: str) -> bool:
        """Tells a lead which clinic has a request of that exact reference; on file."""
        user = queue.staff(request)
        if not led_by(user).exists():
            return False
        row = ConsultRequest.objects.clinic_of(reference)
        if row is None:
            return False
        record(EventKind.LOCATED, row, user)
        words = {"reference": row.reference, "clinic": row.location.name}
        messages.info(request, _("%(clinic)s has the request %(reference)s.") % words)
        return True

    # --- The request page -----------------------------------------------------------------------

    def row_or_404(self, request: HttpRequest, object_id: str) -> ConsultRequest:
        """The row, if the user's clinics hold it. Else 404, and the refusal on file."""
        if not self.has_view_permission(request):
            refuse(request)
        try:
            key = uuid.UUID(object_id)
        except ValueError:
            key = uuid.UUID(int=0)
        rows = self.get_queryset(request).select_related("location", "assignee")
        more = ("location__opening_hours", "location__special_days", "corrections__author")
        row = rows.prefetch_related(*more).filter(pk=key).first()
        if row is None:
            unseen = ConsultRequest.objects.filter(pk=key).only("pk").first()
            record(EventKind.REFUSED, unseen, queue.staff(request))
            raise Http404
        return row

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.row_or_404(request, object_id)
        if request.method == "POST":
            return self.act(request, row)
        return self.show(request, row)

    def act(self, request: HttpRequest, row: ConsultRequest) -> HttpResponse:
        """Does what a form on the page asks, through its verb; says in words why it cannot."""
        if not self.has_change_permission(request):
            refuse(request, row)
        form_class = FORMS.get(request.POST.get("verb", ""))
        if form_class is None:
            messages.error(request, _("Press one of the buttons on the page."))
            return redirect(PAGE, row.pk)
        form = form_class(row, request.POST)
        if not form.is_valid():
            return self.show(request, row, form)
        try:
            with transaction.atomic():
                form.act(queue.staff(request))
        except NotAllowed as reason:
            form.add_error(None, str(reason))
            return self.show(request, self.row_or_404(request, str(row.pk)), form)
        messages.success(request, form.done)
        still_here = self.get_queryset(request).filter(pk=row.pk).exists()
        return redirect(PAGE, row.pk) if still_here else redirect(LIST)

    def show(
        self, request: HttpRequest, row: ConsultRequest, tried: DeskForm | None = None
    ) -> HttpResponse:
        """The page, on file before it is shown; with `tried` as typed where something was wrong."""
        user = queue.staff(request)
        asked = request.method == "GET" and "question" in request.GET
        page = Page(row, user, question_asked=asked)
        kind = EventKind.QUESTION_SHOWN if page.question_asked else EventKind.VIEWED
        has_question = row.question_sealed is not None
        record(kind, row, user, question=has_question and page.shows_question)
        forms: dict[str, DeskForm] = {verb: form(row) for verb, form in FORMS.items()}
        if tried is not None:
            tried.row = row
            forms[tried.verb] = tried
        context = {
            **self.admin_site.each_context(request),
            "title": _("Request %(reference)s") % {"reference": row.reference},
            "opts": self.opts,
            "row": row,
            "page": page,
            "tried": tried,
            "forms": {
                verb: form for verb, form in forms.items() if form.is_offered or form is tried
            },
        }
        template = "admin/consults/consultrequest/change_form.html"
        return TemplateResponse(request, template, context, status=422 if tried else 200)

    def print_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A copy for paper, without the question; on file before it is shown."""
        row = self.row_or_404(request, object_id)
        user = queue.staff(request)
        record(EventKind.PRINTED, row, user)
        title = _("Request %(reference)s") % {"reference": row.reference}
        context = {"row": row, "page": Page(row, user)}
        return shown(request, title, context, template="consultrequest/copy")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Its history is the timeline on its page."""
        row = self.row_or_404(request, object_id)
        return HttpResponseRedirect(f"{reverse(PAGE, args=[row.pk])}#timeline")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        refuse(request, self.row_or_404(request, object_id))
