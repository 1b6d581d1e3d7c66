"""Brings posts and pages of a WordPress export along, as drafts.

Bringing them again finds them again: what changed there is saved as a new revision, and what
somebody has worked on here is left alone. Nothing is published: that stays with an editor, a
reviewer and the gate.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.text import Truncator, slugify

from articles.addresses import RESERVED_SLUGS
from articles.importers.html import Sources, Text, to_markdown
from articles.importers.media import Media
from articles.importers.wxr import Export, Item
from articles.markdown import parse
from articles.models import Article, FormerPath, OldAddress, Origin, Person, Topic
from articles.origins import LONGEST_PATH, normalised
from articles.tokens import plain_text

KINDS = ("post", "page")
LEFT_OUT = {
    "private": "private",
    "trash": "in the bin",
    "auto-draft": "never saved by anyone",
    "inherit": "a revision of another",
}
STATUSES = ("publish", "future", "draft", "pending")
NO_TOPIC = "brought-along"
DESCRIPTION = (50, 160)
TO_WRITE = (
    "Brought along from the former site: what search results should say here is to be written."
)


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


@dataclass
class Draft:
    """One post on its way, its address here, and its article where it was brought before."""

    item: Item
    slug: str
    article: Article | None


def bring(export: Export, media: Media, *, dry_run: bool = False) -> Report:
    """Brings all that can be brought, or with `dry_run` only says what it would do."""
    with transaction.atomic():
        report = Import(export, media).run()
        if dry_run:
            transaction.set_rollback(True)
    return report


class Import:
    def __init__(self, export: Export, media: Media) -> None:
        self.export, self.media = export, media
        self.report = Report()
        self.files = {item.id: item for item in export.items if item.kind == "attachment"}
        self.blocks = {item.id: item.body for item in export.items if item.kind == "wp_block"}
        self.drafts: list[Draft] = []
        self.taken: set[str] = set()

    def run(self) -> Report:
        self.drafts = list(self.find_places())
        self.targets = {
            normalised(draft.item.path): f"/articles/{draft.slug}/"
            for draft in self.drafts
            if draft.item.path
        }
        for draft in self.drafts:
            try:
                with transaction.atomic():
                    self.take(draft)
            except ValidationError as error:
                self.report.skip(draft.item, " ".join(error.messages))
            except RecursionError:
                self.report.skip(draft.item, "its HTML is nested deeper than anybody writes")
        self.report.missing_media = sorted(self.media.missing)
        return self.report

    # --- Which, and where ---

    def find_places(self) -> Iterator[Draft]:
        known = {
            origin.post: origin.article
            for origin in Origin.objects.filter(site=self.site).select_related("article")
        }
        self.taken = {article.slug for article in known.values()}
        seen = set()
        for item in self.export.items:
            why = why_not(item)
            if item.kind not in KINDS:
                continue
            if not why and item.id in seen:
                why = "it stands in the export twice"
            if why:
                self.report.skip(item, why)
                continue
            seen.add(item.id)
            article = known.get(item.id)
            yield Draft(item, article.slug if article else self.free_slug(item), article)

    @property
    def site(self) -> str:
        return self.export.site[:200]

    def free_slug(self, item: Item) -> str:
        wanted = (slugify(item.slug) or slugify(item.title) or f"post-{item.id}")[:100].strip("-")
        slug, count = wanted, 1
        while self.is_taken(slug):
            count += 1
            slug = f"{wanted}-{count}"
        self.taken.add(slug)
        if slug != wanted:
            self.report.renamed[wanted] = slug
        return slug

    def is_taken(self, slug: str) -> bool:
        return (
            slug in RESERVED_SLUGS
            or slug in self.taken
            or Article.objects.filter(slug=slug).exists()
            or OldAddress.objects.filter(slug=slug).exists()
        )

    # --- One post ---

    def take(self, draft: Draft) -> None:
        text = to_markdown(draft.item.body, self.sources(draft))
        if not text.body:
            raise ValidationError("It has no text.")
        fields = self.fields(draft.item, text)
        if draft.article is None:
            draft.article = self.create(draft, fields)
            self.report.created.append(draft.slug)
        elif not self.update(draft.article, draft.item, fields):
            return
        self.lead_here(draft, draft.article)
        if draft.item.comments:
            text.note(f"left out: {draft.item.comments} comments")
        for words in text.notes:
            self.note(draft, words)

    def create(self, draft: Draft, fields: dict[str, Any]) -> Article:
        item = draft.item
        was_public = item.status == "publish"
        article = Article(
            slug=draft.slug,
            topic=self.topic(item),
            published_at=item.published if was_public else None,
        )
        article.full_clean()
        article.save()
        revision = article.save_revision(None, note=note(item), **fields)
        Origin.objects.create(
            article=article, site=self.site, post=item.id[:40], revision=revision.number
        )
        return article

    def update(self, article: Article, item: Item, fields: dict[str, Any]) -> bool:
        """Saves what changed there since. Leaves alone what changed here."""
        newest, origin = article.revisions.latest(), article.origin
        if newest.fields() == newest.fields() | fields:
            self.report.skip(item, "brought before, and the same")
            return False
        if newest.number != origin.revision:
            self.report.skip(item, "somebody has worked on it here since: it was left alone")
            return False
        revision = article.save_revision(
            None,
            note=note(item),
            other_treatments=list(newest.other_treatments.all()),
            **newest.fields() | fields,
        )
        origin.revision = revision.number
        origin.save(update_fields=["revision"])
        self.report.updated.append(article.slug)
        return True

    def fields(self, item: Item, text: Text) -> dict[str, Any]:
        """Title and text as they were; for what WordPress has no field, the nearest there is."""
        opening = plain_text(parse(text.body.split("\n\n", 1)[0]))
        excerpt = to_markdown(item.excerpt, self.no_sources()).body
        summary = excerpt or first_paragraph(text.body) or opening
        said = item.meta.get("_yoast_wpseo_metadesc") or plain_text(parse(summary))
        return {
            "title": Truncator(item.title or opening).chars(140),
            "short_title": short_title(item),
            "description": description(said),
            "summary": summary,
            "body": text.body,
            "questions": text.questions,
            "author": self.author(item),
        }

    # --- What it names ---

    def topic(self, item: Item) -> Topic:
        """Its first category, except the one that WordPress gives when nobody chose."""
        named = [
            term for term in item.terms if term.kind == "category" and term.slug != "uncategorized"
        ]
        for term in named:
            found = Topic.objects.filter(slug=slugify(term.slug)).first()
            found = found or Topic.objects.filter(name__iexact=term.name).first()
            if found:
                return found
        if not named:
            return self.new_topic(NO_TOPIC, "Brought along")
        return self.new_topic(slugify(named[0].slug or named[0].name)[:50], named[0].name[:80])

    def new_topic(self, slug: str, name: str) -> Topic:
        words = (
            f"{name}: articles that were brought along from the former site and are being reviewed."
        )
        topic, created = Topic.objects.get_or_create(
            slug=slug or NO_TOPIC, defaults={"name": name, "description": words[:160]}
        )
        if created:
            self.report.topics.append(topic.slug)
        return topic

    def author(self, item: Item) -> Person | None:
        name = self.export.authors.get(item.creator, item.creator)[:120]
        slug = slugify(name)[:50]
        if not slug:
            return None
        person = Person.objects.filter(name__iexact=name).order_by("pk").first()
        if person is None:
            person, created = Person.objects.get_or_create(slug=slug, defaults={"name": name})
            if created:
                self.report.people.append(person.slug)
        return person

    def lead_here(self, draft: Draft, article: Article) -> None:
        """Sends readers on from where the post was."""
        item = draft.item
        former = [item.path] if item.status == "publish" else []
        if former and item.meta.get("_wp_old_slug"):
            former.append(f"{item.path.rsplit('/', 1)[0]}/{item.meta['_wp_old_slug']}")
        for path in map(normalised, filter(None, former)):
            if path == "/" or len(path) > LONGEST_PATH or is_ours(path, draft.slug):
                self.note(draft, f"its former address {path} is a page of this site")
                continue
            _row, created = FormerPath.objects.get_or_create(
                path=path, defaults={"article": article}
            )
            if created:
                self.report.redirects[path] = draft.slug
        if item.status == "publish" and urlsplit(item.link).query:
            self.note(draft, f"its former address {item.link} is no path: nothing leads on from it")

    def note(self, draft: Draft, words: str) -> None:
        self.report.changed.setdefault(draft.slug, []).append(words)

    # --- What its text points to ---

    def sources(self, draft: Draft) -> Sources:
        def picture(address: str, words: str, number: str) -> str:
            file = self.files.get(number)
            whole = urljoin(f"{self.export.site}/", file.file if file and file.file else address)
            kept = file.meta.get("_wp_attachment_image_alt", "") if file else ""
            return self.media.markdown(whole, words or " ".join(kept.split()))

        return Sources(
            picture=picture,
            link=self.link,
            attachment=lambda one: self.files[one].file if one in self.files else "",
            reusable=lambda one: self.blocks.get(one, ""),
        )

    def no_sources(self) -> Sources:
        return Sources(lambda *_said: "", self.link, lambda _one: "", lambda _one: "")

    def link(self, address: str) -> str:
        """To the article where that comes along too; else as it was, if it can lead anywhere."""
        try:
            parts = urlsplit(urljoin(f"{self.export.site}/", address))
        except ValueError:
            return ""
        if parts.scheme not in {"http", "https", "mailto", "tel", "sms"}:
            return ""
        if parts.hostname == urlsplit(self.export.site).hostname and not parts.query:
            return self.targets.get(normalised(parts.path), parts.geturl())
        return parts.geturl()


def why_not(item: Item) -> str:
    """Why a post or page stays behind, or nothing."""
    if item.password:
        return "behind a password"
    if item.status in LEFT_OUT:
        return LEFT_OUT[item.status]
    return "" if item.status in STATUSES else f"of an unknown status, {item.status or 'none'}"


def is_ours(path: str, slug: str) -> bool:
    """Whether this site has a page of its own there, so that nobody comes to lead them on."""
    for address in (path, f"{path}/"):
        try:
            match = resolve(address)
        except Resolver404:
            continue
        return match.view_name != "articles:detail" or match.kwargs["slug"] == slug
    return False


def note(item: Item) -> str:
    when = f", {item.published.astimezone(dt.UTC):%Y-%m-%d}" if item.published else ""
    return f"Brought along from WordPress ({item.status}{when})"[:200]


def short_title(item: Item) -> str:
    """The title for search results. Those hold no figures."""
    words = re.sub(r"\S*\d\S*", "", item.meta.get("_yoast_wpseo_title", "") or item.title)
    words = " ".join(re.sub(r"%%\w+%%", "", words).split()).strip(" :,;-")
    return Truncator(words).chars(60) or "Brought along: title to be written"


def description(words: str) -> str:
    """50 to 160 characters without figures: whole sentences where that is possible."""
    found = ""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(words.split())):
        longer = f"{found} {sentence}".strip()
        if re.search(r"\d", sentence) or len(longer) > DESCRIPTION[1]:
            continue
        found = longer
    return found if len(found) >= DESCRIPTION[0] else TO_WRITE


def first_paragraph(body: str) -> str:
    """The first that is words: no heading, list, table or picture."""
    for paragraph in body.split("\n\n"):
        if not re.match(r"[#>|`!-]|\*\*Picture |\d+\.", paragraph) and len(paragraph) > 40:
            return paragraph
    return ""
