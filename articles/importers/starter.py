"""The starter content of articles/starter/: topics, sources, treatments and ten articles.

Everything is found again by its slug or key and is then left alone, so that loading twice changes
nothing and an editor's work is never overwritten.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from articles.importers import files
from articles.models import Article, Person, Reference, Revision, Topic, Treatment
from clinic.models import User

FOLDER = Path(__file__).resolve().parent.parent / "starter"
REFERENCE_LISTS = ("references", "supplementary_references", "official_sources")
STATUS_OF = {"volume": "vol_pages_status", "pages": "vol_pages_status", "doi": "doi_status"}
SAMPLE_AUTHOR = {
    "slug": "sample-author",
    "name": "Sample Author",
    "credentials": "LPC",
    "bio": "An invented person, who stands here so that the page can be seen whole.",
}
SAMPLE_REVIEWER = {
    "slug": "sample-reviewer",
    "name": "Sample Reviewer",
    "credentials": "MD",
    "bio": "An invented person, who stands here so that the page can be seen whole.",
}
DAYS_BETWEEN_SAMPLES = 9


@transaction.atomic
def load_starter() -> int:
    """Loads what is not there yet, the articles as unpublished drafts; says how many were new.

    Raises ValidationError for a file that breaks a rule of its article.
    """
    for position, row in enumerate(read_yaml("topics.yaml")):
        Topic.objects.get_or_create(slug=row["slug"], defaults=row | {"position": position})
    for entry in read_references():
        Reference.objects.get_or_create(key=entry["key"], defaults=reference_fields(entry))
    for row in read_yaml("treatments.yaml"):
        files.load_treatment(row)
    return sum(load_article(path) for path in sorted(FOLDER.glob("*.md")))


def read_yaml(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


def read_references() -> list[dict[str, Any]]:
    lists = read_yaml("references.yaml")
    return [entry for name in REFERENCE_LISTS for entry in lists[name]]


def reference_fields(entry: dict[str, Any]) -> dict[str, Any]:
    """The columns of one library entry. The unconfirmed goes where it never prints."""
    names = ("authors", "title", "journal", "year", "design", "finding", "seen_at", "url")
    fields = {name: entry[name] for name in names if name in entry}
    to_confirm = []
    for name, status in STATUS_OF.items():
        if name in entry and entry.get(status) == "confirm":
            to_confirm.append(f"{name}: {entry[name]}")
        elif name in entry:
            fields[name] = entry[name]
    to_confirm += [entry[name] for name in ("unverified_detail", "note") if name in entry]
    return fields | {"to_confirm": "\n".join(to_confirm)}


def load_article(path: Path) -> bool:
    """Loads one Markdown file unless its address is taken. True when it was new."""
    if Article.objects.filter(slug=path.stem).exists():
        return False
    header, body = files.read_article(path)
    fields, others = files.fields_of(header, body)
    files.create(path.stem, header, fields, others, note="Starter article")
    return True


# --- For the demo only --------------------------------------------------------------------------


@transaction.atomic
def publish_samples(editor: User, reviewer: User) -> int:
    """Publishes each article that never was, with an invented author and reviewer and a past date.

    For demo data: both people are marked as samples. `reviewer` may approve revisions and is not
    `editor`. Says how many were published.
    """
    author, _created = Person.objects.get_or_create(
        slug=SAMPLE_AUTHOR["slug"], defaults=SAMPLE_AUTHOR | {"is_sample": True}
    )
    medical, _created = Person.objects.get_or_create(
        slug=SAMPLE_REVIEWER["slug"], defaults=SAMPLE_REVIEWER | {"is_sample": True}
    )
    for treatment in Treatment.objects.overdue():
        treatment.verify(f"{medical} (sample)")
    drafts = Article.objects.never_published().order_by("topic__position", "pk")
    for count, article in enumerate(drafts, 1):
        day = timezone.now() - dt.timedelta(days=count * DAYS_BETWEEN_SAMPLES)
        revision = sign_sample(article, editor, author, medical)
        reviewed_on = (day - dt.timedelta(days=2)).date()
        revision.approve(reviewer, "Sample approval", reviewed_on=reviewed_on)
        article.publish(revision, editor)
        # Only a sample may claim to have been there before it was.
        Article.objects.filter(pk=article.pk).update(live_from=day, published_at=day)
    return len(drafts)


def sign_sample(article: Article, editor: User, author: Person, reviewer: Person) -> Revision:
    """The newest revision once more, with its people."""
    newest = article.revisions.get(number=1)
    return article.save_revision(
        editor,
        other_treatments=list(newest.other_treatments.all()),
        **newest.fields()
        | {
            "author": author,
            "reviewer": reviewer,
            "note": "Sample author and reviewer",
        },
    )
