"""Articles as Markdown files, each with its header: out of the site, and back in.

A folder holds the articles as `<slug>.md`, and what they rest on: topics.yaml, people.yaml,
references.yaml, treatments.yaml, pictures.yaml and pictures/.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.core.exceptions import FieldError, ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, models, transaction
from django.utils.dateparse import parse_datetime

from articles import pictures
from articles.models import Article, Person, Picture, Reference, Revision, Topic, Treatment

KEY = re.compile(r"[\w-]{1,100}")
Row = TypeVar("Row", bound=models.Model)

HEADER = re.compile(r"\A---\n(.*?)^---$\n?", re.DOTALL | re.MULTILINE)
NEEDED = ("title", "short_title", "description", "topic", "summary")
TEXT = ("title", "short_title", "description", "summary")
PERSON = ("slug", "name", "credentials", "bio", "is_sample")
REFERENCE = (
    "key", "authors", "title", "journal", "year", "volume", "pages", "doi", "url", "design",
    "finding", "to_confirm", "seen_at",
)  # fmt: skip
TREATMENT = (
    "slug", "name", "other_names", "status", "approved_for", "statement", "risks", "as_of",
    "verified_by", "verified_on", "verify_again_by",
)  # fmt: skip


# What people write into a header by hand: a name that no row has, a list where a word belongs.
UNREADABLE = (ValidationError, FieldError, DatabaseError, AttributeError, TypeError, ValueError)


def words_of(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


class BadFile(Exception):
    """A file that cannot be read as an article. Says in words which, and what to mend."""


@dataclass
class Counts:
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


# --- Out ----------------------------------------------------------------------------------------


def write_folder(folder: Path) -> list[str]:
    """Writes every live article, as readers see it now, and what they rest on; gives the slugs."""
    folder.mkdir(parents=True, exist_ok=True)
    live = list(Article.objects.published().with_revisions())
    for article in live:
        (folder / f"{article.slug}.md").write_text(article_text(article), "utf-8")
    write_list(folder / "topics.yaml", Topic.objects.all(), columns(Topic, "slug"))
    write_list(folder / "people.yaml", Person.objects.all(), PERSON)
    write_list(folder / "references.yaml", Reference.objects.all(), REFERENCE)
    treatments = [row_of(one, TREATMENT) | {"sources": keys(one)} for one in every_treatment()]
    write_yaml(folder / "treatments.yaml", treatments)
    write_pictures(folder)
    return [article.slug for article in live]


def article_text(article: Article) -> str:
    revision = article.revision
    return f"---\n{dumped(header(article, revision))}---\n\n{revision.body}\n"


def header(article: Article, revision: Revision) -> dict[str, Any]:
    main, others = revision.main_treatment, revision.other_treatments.order_by("slug")
    named = {
        "topic": article.topic.slug,
        "treatments": [one.slug for one in ([main] if main else []) + list(others)],
        # The first is the main one, unless it says that there is none.
        **({} if main or not others else {"main_treatment": None}),
        "author": revision.author.slug if revision.author else None,
        "reviewer": revision.reviewer.slug if revision.reviewer else None,
        # For people: a date of review is a reviewer's word, and is not read back.
        "reviewed_on": revision.reviewed_on,
        "published": article.published_at.isoformat() if article.published_at else None,
    }
    words = {name: getattr(revision, name) for name in TEXT}
    return words | named | {"questions": revision.questions}


def every_treatment() -> Iterable[Treatment]:
    return Treatment.objects.prefetch_related("sources")


def keys(treatment: Treatment) -> list[str]:
    return sorted(source.key for source in treatment.sources.all())


def columns(model: type[models.Model], first: str) -> tuple[str, ...]:
    names = [one.name for one in model._meta.concrete_fields if not one.primary_key]
    return (first, *(name for name in names if name != first))


def row_of(one: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """What is written down of it; a blank is left out."""
    said = {name: getattr(one, name) for name in names}
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def write_list(path: Path, rows: Iterable[models.Model], names: tuple[str, ...]) -> None:
    write_yaml(path, [row_of(one, names) for one in rows])


def write_pictures(folder: Path) -> None:
    rows = list(Picture.objects.all())
    write_list(folder / "pictures.yaml", rows, ("key", "alt"))
    for picture in rows:
        name = f"{pictures.FOLDER}/{picture.name(picture.widths[-1], 'webp')}"
        (folder / "pictures").mkdir(exist_ok=True)
        with default_storage.open(name) as file:
            (folder / "pictures" / f"{picture.key}.webp").write_bytes(file.read())


def write_yaml(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(dumped(rows), "utf-8")


def dumped(data: Any) -> str:
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
    return text


# --- In -----------------------------------------------------------------------------------------


@transaction.atomic
def read_folder(folder: Path) -> Counts:
    """Reads a folder back, as drafts. What rests in the library here already stays as it is.

    Raises BadFile; then nothing of the folder was read.
    """
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise BadFile(f"There is no Markdown file in {folder}.")
    try:
        read_library(folder)
    except UNREADABLE as error:
        raise BadFile(f"What the articles rest on cannot be read: {words_of(error)}") from error
    counts = Counts()
    for path in paths:
        read_one(path, counts)
    return counts


def read_library(folder: Path) -> None:
    for row in rows_in(folder / "topics.yaml"):
        Topic.objects.get_or_create(slug=row["slug"], defaults=row)
    for row in rows_in(folder / "people.yaml"):
        Person.objects.get_or_create(slug=row["slug"], defaults=row)
    for row in rows_in(folder / "references.yaml"):
        Reference.objects.get_or_create(key=row["key"], defaults=row)
    for row in rows_in(folder / "treatments.yaml"):
        load_treatment(row)
    for row in rows_in(folder / "pictures.yaml"):
        read_picture(folder / "pictures" / f"{row['key']}.webp", row)


def rows_in(path: Path) -> list[dict[str, Any]]:
    """The rows of one file of the library; none where the folder has no such file."""
    if not path.exists():
        return []
    try:
        rows = yaml.safe_load(path.read_text("utf-8")) or []
        if not isinstance(rows, list) or not all(map(is_named, rows)):
            raise BadFile(f"{path.name}: each entry needs its slug or key.")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadFile(f"{path.name} is not readable YAML: {error}") from error
    return list(rows)


def is_named(row: Any) -> bool:
    """Whether it has a slug or key, which also names a file here: no path gets in."""
    name = row.get("slug", row.get("key")) if isinstance(row, dict) else None
    return isinstance(name, str) and KEY.fullmatch(name) is not None


def load_treatment(row: dict[str, Any]) -> None:
    sources = row.pop("sources", [])
    treatment, created = Treatment.objects.get_or_create(slug=row["slug"], defaults=row)
    if created:
        treatment.sources.set(Reference.objects.by_key(sources).values())


def read_picture(path: Path, row: dict[str, Any]) -> None:
    if Picture.objects.filter(key=row["key"]).exists() or not path.exists():
        return
    picture = Picture(key=row["key"], alt=row.get("alt", ""))
    with path.open("rb") as file:
        picture.take_in(pictures.read(File(file)))
    picture.save()


def read_one(path: Path, counts: Counts) -> None:
    try:
        head, body = read_article(path)
        fields, others = fields_of(head, body)
        article = Article.objects.filter(slug=path.stem).first()
        if article is None:
            create(path.stem, head, fields, others, note="Read from a file")
            counts.created.append(path.stem)
        elif is_same(article.revisions.latest(), fields, others):
            counts.same.append(path.stem)
        else:
            article.save_revision(None, note="Read from a file", other_treatments=others, **fields)
            counts.changed.append(path.stem)
    except UNREADABLE as error:
        raise BadFile(f"{path.name}: {words_of(error)}") from error


def create(
    slug: str,
    head: dict[str, Any],
    fields: dict[str, Any],
    others: list[Treatment],
    note: str,
) -> Article:
    published = parse_datetime(str(head.get("published") or ""))
    article = Article(slug=slug, topic=one_of(Topic, head["topic"]), published_at=published)
    article.full_clean()
    article.save()
    article.save_revision(None, note=note, other_treatments=others, **fields)
    return article


def is_same(newest: Revision, fields: dict[str, Any], others: list[Treatment]) -> bool:
    same_words = newest.fields() == newest.fields() | fields
    return same_words and set(newest.other_treatments.all()) == set(others)


def read_article(path: Path) -> tuple[dict[str, Any], str]:
    """The header and the text of a Markdown file. Raises BadFile."""
    try:
        text = path.read_text("utf-8-sig")
        found = HEADER.match(text)
        head = yaml.safe_load(found[1]) if found else None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadFile(f"{path.name} cannot be read: {error}") from error
    if found is None or not isinstance(head, dict):
        raise BadFile(f"{path.name} has no header: it begins with a line of three hyphens.")
    missing = [name for name in NEEDED if not head.get(name)]
    if missing:
        raise BadFile(f"{path.name}: the header needs {', '.join(missing)}.")
    return head, text[found.end() :].strip()


def fields_of(head: dict[str, Any], body: str) -> tuple[dict[str, Any], list[Treatment]]:
    """What a revision keeps of a header and a text, and its other treatments."""
    named = [one_of(Treatment, slug) for slug in head.get("treatments") or []]
    if "main_treatment" in head and head["main_treatment"] is None:
        main, others = None, named
    else:
        main, others = (named[0] if named else None), named[1:]
    fields = {name: head[name] for name in TEXT} | {
        "body": body,
        "questions": head.get("questions") or [],
        "main_treatment": main,
    }
    for role in ("author", "reviewer"):
        if head.get(role):
            fields[role] = one_of(Person, head[role])
    return fields, others


def one_of(model: type[Row], slug: str) -> Row:
    """The row with this slug. Raises ValidationError in words."""
    found = model._default_manager.filter(slug=slug).first()
    if found is None:
        raise ValidationError(f"there is no {model._meta.verbose_name} “{slug}”.")
    return found
