"""Builds articles for tests: plain functions with sensible values, each overridable by name."""

import itertools
from typing import Any

from django.utils import timezone

from articles.models import (
    Article,
    DraftLink,
    Person,
    Picture,
    Reference,
    Revision,
    Topic,
    Treatment,
)
from clinic.models import User
from tests import build

_numbers = itertools.count(1)

DESCRIPTION = "What studies found, what they compared it with, and what nobody knows yet."


def topic(**values: Any) -> Topic:
    number = next(_numbers)
    defaults = {"slug": f"topic-{number}", "name": f"Topic {number}", "description": DESCRIPTION}
    return Topic.objects.create(**(defaults | values))


def person(**values: Any) -> Person:
    number = next(_numbers)
    defaults = {"slug": f"person-{number}", "name": f"Pat Example {number}", "credentials": "MD"}
    return Person.objects.create(**(defaults | values))


def reference(key: str = "fda2023", **values: Any) -> Reference:
    defaults = {"authors": "FDA", "title": "A warning", "journal": "Notices", "year": 2023}
    return Reference.objects.get_or_create(key=key, defaults=defaults | values)[0]


def picture(**values: Any) -> Picture:
    """A picture in the library, without its files."""
    number = next(_numbers)
    defaults = {"key": f"picture-{number}", "alt": "A chair by a window.", "digest": "0" * 16}
    return Picture.objects.create(**(defaults | {"width": 900, "height": 600} | values))


def treatment(**values: Any) -> Treatment:
    number = next(_numbers)
    defaults = {
        "slug": f"treatment-{number}",
        "name": f"Treatment {number}",
        "status": Treatment.Status.OFF_LABEL,
        "statement": f"Treatment {number} is not approved for this.",
        "risks": "Sleepiness.",
        "verified_by": "Pat Example",
        "verified_on": timezone.localdate(),
    }
    return Treatment.objects.create(**(defaults | values))


def someone(slug: str) -> Person:
    """The author or the reviewer whom every text names that names no other."""
    defaults = {"name": f"Pat Example {slug}", "credentials": "MD"}
    return Person.objects.get_or_create(slug=slug, defaults=defaults)[0]


def text(**values: Any) -> dict[str, Any]:
    """What an editor writes; it cites fda2023."""
    reference()
    defaults: dict[str, Any] = {
        "title": "How long it lasts",
        "short_title": "How long it lasts",
        "description": DESCRIPTION,
        "summary": "It is off-label [@fda2023].",
        "body": "## What is known\n\nNot much [@fda2023].",
        "questions": [{"question": "Will I be asleep?", "answer": "Usually not."}],
    }
    for role in ("author", "reviewer"):
        if role not in values:
            defaults[role] = someone(role)
    return defaults | values


def draft(by: User | None = None, **values: Any) -> Article:
    """An article with one saved revision, never published. Takes `slug` and `topic` too."""
    number = next(_numbers)
    slug = values.pop("slug", f"article-{number}")
    article = Article.objects.create(slug=slug, topic=values.pop("topic", None) or topic())
    article.save_revision(by, **text(**values))
    return article


DATES = ("reviewed_on", "review_due")


def approved(by: User | None = None, **values: Any) -> Article:
    """Takes the dates of the review too."""
    dates = {name: values.pop(name) for name in DATES if name in values}
    article = draft(by, **values)
    approve(article.revisions.latest(), **dates)
    return article


def approve(revision: Revision, **dates: Any) -> None:
    revision.approve(build.user("Medical reviewer"), **dates)


def published(**values: Any) -> Article:
    editor = build.user("Editor")
    article = approved(editor, **values)
    article.publish(article.revisions.latest(), editor)
    return article


def live(**values: Any) -> Article:
    """What readers see though it would not pass the gate, or would no more."""
    article, now = draft(**values), timezone.now()
    article._point_to(article.revisions.latest(), now, now)
    return article


def link(revision: Revision) -> DraftLink:
    """An open link to a draft, made by some editor."""
    return revision.draft_links.create(created_by=build.user("Editor"))
