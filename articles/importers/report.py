"""What an import says afterwards."""

from dataclasses import asdict, dataclass, field
from typing import Any

from articles.importers.wxr import Item


@dataclass
class Report:
    """What was brought, changed and left out. Slugs, except where it says otherwise."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    """Each with its number and title there, and why."""
    missing_media: list[str] = field(default_factory=list)
    """Addresses of pictures whose file was not given, or that could not be read."""
    renamed: dict[str, str] = field(default_factory=dict)
    """The wanted slug of each article whose address was taken, and the one it got."""
    redirects: dict[str, str] = field(default_factory=dict)
    """Paths of the former site, and the article they lead to once it is published."""
    people: list[str] = field(default_factory=list)
    """Authors who are new here: their credentials are still to be entered."""
    topics: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    """By slug: what could not stay as it was."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def skip(self, item: Item, why: str) -> None:
        self.skipped.append({"post": item.id, "title": item.title, "why": why})

    def note(self, slug: str, words: str) -> None:
        notes = self.changed.setdefault(slug, [])
        if words not in notes:
            notes.append(words)
