"""Every address of the site, read from the URLconf, so that a new one cannot escape a sweep."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

STAFF = ("admin/", "accounts/")


def patterns(
    resolver: URLResolver | None = None, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str]]:
    """(route, name) of each view, namespaces included: ("articles/<slug:slug>/", …)."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, route, inner)
        elif isinstance(entry, URLPattern):
            yield route, f"{namespace}{entry.name}"


def public_names() -> list[str]:
    """The names of all views outside the staff site."""
    return sorted(name for route, name in patterns() if not route.startswith(STAFF))
