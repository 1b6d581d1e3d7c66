"""The desk's pages that are timed: each saved view, filter and search, and what stands beside."""

from urllib.parse import urlencode

from django.urls import reverse

from clinic.models import User
from consults.admin.queue import VIEWS
from consults.models import ConsultRequest, SearchKey

LIST = reverse("admin:consults_consultrequest_changelist")
NAME = "Ana"


def pages(user: User) -> dict[str, str]:
    """What each page is called, and its address for this user."""
    visible = ConsultRequest.objects.visible_to(user)
    newest = visible.open().order_by("-received_at")[0]
    sourced = visible.filter(source__isnull=False).select_related("source")[0]
    held = visible.open().filter(assignee__isnull=False).exclude(assignee=user)[0]
    first = SearchKey.digests(SearchKey.Kind.NAME, NAME)
    both = SearchKey.digests(SearchKey.Kind.NAME, newest.name)
    email = SearchKey.digests(SearchKey.Kind.EMAIL, newest.email)
    lists: dict[str, dict[str, str]] = {
        "queue": {},
        **{f"view {name}": {"view": name} for name in VIEWS},
        "one clinic": {"clinic": newest.location.slug},
        "one clinic, closed": {"clinic": newest.location.slug, "view": "closed"},
        "state": {"state": "trying"},
        "nobody's": {"assignee": "nobody"},
        "a colleague's": {"assignee": str(held.assignee_id)},
        "a colleague's, closed": {"assignee": str(held.assignee_id), "view": "closed"},
        "from an article": {"source": sourced.source.slug},  # type: ignore[union-attr]
        "from an article, closed": {"source": sourced.source.slug, "view": "closed"},  # type: ignore[union-attr]
        "search by first name": {"key": ".".join(first)},
        "search by whole name": {"key": ".".join(both)},
        "search by address": {"key": ".".join(email)},
        "search, one clinic": {"key": ".".join(first), "clinic": newest.location.slug},
    }
    return {
        "staff home": reverse("admin:index"),
        **{name: f"{LIST}?{urlencode(query)}" for name, query in lists.items()},
        "request page": reverse("admin:consults_consultrequest_change", args=[newest.pk]),
        "reports": reverse("admin:consults_consultrequest_reports"),
    }
