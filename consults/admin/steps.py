"""The plain pages beside the queue: a title, some words, a form, what came of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def shown(
    request: HttpRequest,
    title: str,
    context: dict[str, Any],
    *,
    template: str = "step",
    failed: bool = False,
) -> TemplateResponse:
    """The page, with 422 where something that was typed was wrong."""
    whole = {**admin.site.each_context(request), "title": title, "failed": failed, **context}
    path = f"admin/consults/{template}.html"
    return TemplateResponse(request, path, whole, status=422 if failed else 200)
