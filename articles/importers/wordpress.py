"""Brings posts and pages of a WordPress export along, as drafts.

Bringing them again finds them again: what changed there is saved as a new revision, and what
somebody has worked on here is left alone. Nothing is published: that stays with an editor, a
reviewer and the gate.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.text import Truncator, slugify

from articles.addresses import RESERVED_SLUGS
from articles.importers.fields import (
    SEO_DESCRIPTIONS,
    description,
    first_paragraph,
    note,
    of_plugin,
    short_title,
)
from articles.importers.former import FormerSite
from articles.importers.html import to_markdown
from articles.importers.media import Media
from articles.importers.nesting import TooLarge
from articles.importers.report import Report
from articles.importers.texts import Sources, Text
from articles.importers.wxr import Export, Item
from articles.markdown import parse
from articles.models import Article, FormerPath, OldAddress, Origin, Person, Topic
from articles.origins import LONGEST_PATH, normalised
from articles.tokens import plain_text

KINDS = ("post", "page")
LONGEST_TITLE = 140
LEFT_OUT = {
    "private": "private",
    "trash": "in the bin",
    "auto-draft": "never saved by anyone",
    "inherit": "a revision of another",
}
STATUSES = ("publish", "future", "draft", "pending")
NO_TOPIC = "brought-along"
# Parts of a site that are no texts of their own.
FURNITURE = {
    "attachment", "custom_css", "customize_changeset", "nav_menu_item", "oembed_cache", "revision",
    "user_request", "wp_block", "wp_font_face", "wp_font_family", "wp_global_styles",
    "wp_navigation", "wp_template", "wp_template_part",
}  # fmt: skip


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
        self.former = FormerSite(export.site)
        self.logins: dict[str, str] = {}
        """Who had a name first."""
        self.uploaded: dict[str, list[str]] = {}
        for item in self.files.values():
            self.uploaded.setdefault(item.parent, []).append(item.id)

    def run(self) -> Report:
        self.drafts = list(self.find_places())
        self.learn_addresses()
        for draft in self.drafts:
            try:
                with transaction.atomic():
                    self.take(draft)
            except ValidationError as error:
                self.report.skip(draft.item, " ".join(error.messages))
            except TooLarge as error:
                self.report.skip(draft.item, str(error))
        self.report.missing_media = sorted(self.media.missing)
        return self.report

    # --- Which, and where ---

    def find_places(self) -> Iterator[Draft]:
        known = {
            origin.post: origin.article
            for origin in Origin.objects.filter(site__in=self.sites()).select_related("article")
        }
        self.taken = {article.slug for article in known.values()}
        seen = set()
        for item in self.export.items:
            if item.kind in FURNITURE:
                continue
            why = why_not(item)
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

    def sites(self) -> list[str]:
        """The address, with and without s and www: sites move between these."""
        _scheme, _found, rest = self.export.site.partition("://")
        bare = rest.removeprefix("www.")
        names = [f"{scheme}://{www}{bare}" for scheme in ("http", "https") for www in ("", "www.")]
        return [name[:200] for name in {*names, self.export.site}]

    def learn_addresses(self) -> None:
        """Of what was brought before, maybe from another part of the export, and of this."""
        for path, slug in FormerPath.objects.values_list("path", "article__slug"):
            self.former.by_path[path] = f"/articles/{slug}/"
        for draft in self.drafts:
            here = f"/articles/{draft.slug}/"
            self.former.by_number[draft.item.id] = here
            for path in former_paths(draft.item):
                self.former.by_path.setdefault(path, here)
        for draft in self.drafts:
            if draft.item.path:
                self.former.by_path[normalised(draft.item.path)] = f"/articles/{draft.slug}/"

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
        text = Text()
        converted = to_markdown(draft.item.body, self.sources(draft, text))
        text.body, text.questions = converted.body, converted.questions
        text.notes = [*converted.notes, *text.notes]
        if not text.body:
            raise ValidationError("It has no text.")
        fields = self.fields(draft, text)
        if draft.article is None:
            draft.article = self.create(draft, fields)
            self.report.created.append(draft.slug)
            is_new = True
        else:
            is_new = self.update(draft.article, draft.item, fields)
        self.lead_here(draft, draft.article)
        if is_new:
            for words in (*text.notes, *self.left_out(draft.item)):
                self.note(draft, words)

    def left_out(self, item: Item) -> Iterator[str]:
        """What a post had and an article has not."""
        if item.comments:
            yield f"left out: {item.comments} comments"
        named = [term for term in item.terms if term.kind == "category"]
        others = [term.name or term.slug for term in named if term.slug != "uncategorized"][1:]
        if others:
            yield f"left out: categories {', '.join(others)}"
        for kind in dict.fromkeys(term.kind for term in item.terms if term.kind != "category"):
            names = [term.name or term.slug for term in item.terms if term.kind == kind]
            yield f"left out: {'tags' if kind == 'post_tag' else kind} {', '.join(names)}"
        if item.sticky:
            yield "left out: that it stood first on lists"
        if item.status == "future" and item.published:
            yield f"was scheduled there for {item.published:%Y-%m-%d %H:%M} UTC: schedule it here"
        if len(item.title) > LONGEST_TITLE:
            yield f"its title was shortened, it was: {item.title[:400]}"
        thumbnail = self.files.get(item.meta.get("_thumbnail_id", ""))
        if thumbnail:
            yield f"left out: its picture on lists, {thumbnail.file}"

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
        if item.status == "publish" and item.published and article.published_at is None:
            # It was a draft there when it was brought.
            type(article).objects.filter(pk=article.pk).update(published_at=item.published)
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

    def fields(self, draft: Draft, text: Text) -> dict[str, Any]:
        """Title and text as they were; for what WordPress has no field, the nearest there is."""
        item = draft.item
        opening = plain_text(parse(text.body.split("\n\n", 1)[0]))
        excerpt = to_markdown(item.excerpt, self.no_sources()).body
        summary = excerpt or first_paragraph(text.body) or opening
        said = of_plugin(item, SEO_DESCRIPTIONS) or plain_text(parse(summary[:2000]))
        return {
            "title": Truncator(item.title or opening).chars(LONGEST_TITLE),
            "short_title": short_title(item),
            "description": description(said),
            "summary": summary,
            "body": text.body,
            "questions": text.questions,
            "author": self.author(draft),
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
        slug = slugify(named[0].slug) or slugify(named[0].name) or made_up("topic", named[0].name)
        return self.new_topic(slug[:50], named[0].name[:80] or slug)

    def new_topic(self, slug: str, name: str) -> Topic:
        words = (
            f"{name}: articles that were brought along from the former site and are being reviewed."
        )
        topic, created = Topic.objects.get_or_create(
            slug=slug, defaults={"name": name, "description": words[:160]}
        )
        if created:
            self.report.topics.append(topic.slug)
        return topic

    def author(self, draft: Draft) -> Person | None:
        login = draft.item.creator
        name = self.export.authors.get(login, login)[:120]
        if not name:
            return None
        if self.logins.setdefault(name.casefold(), login) != login:
            self.note(draft, f"two authors there were called {name}, here one: look at it")
        person = Person.objects.filter(name__iexact=name).order_by("pk").first()
        return person or self.new_person(name, login)

    def new_person(self, name: str, login: str) -> Person:
        wanted = (slugify(name) or slugify(login) or made_up("person", name))[:46]
        slug, count = wanted, 1
        while Person.objects.filter(slug=slug).exists():
            count += 1
            slug = f"{wanted}-{count}"
        self.report.people.append(slug)
        return Person.objects.create(slug=slug, name=name)

    def lead_here(self, draft: Draft, article: Article) -> None:
        """Sends readers on from where the post was."""
        for path in former_paths(draft.item):
            if path == "/" or len(path) > LONGEST_PATH or is_ours(path, draft.slug):
                self.note(draft, f"its former address {path[:300]} is a page of this site")
                continue
            row, created = FormerPath.objects.get_or_create(
                path=path, defaults={"article": article}
            )
            if created:
                self.report.redirects[path] = draft.slug
            elif row.article_id != article.pk:
                self.note(draft, f"its former address {path} leads to another article already")
        if draft.item.status == "publish" and not draft.item.path:
            address = draft.item.link[:300]
            self.note(draft, f"its former address {address} is no path: nothing leads on from it")

    def note(self, draft: Draft, words: str) -> None:
        self.report.note(draft.slug, words)

    # --- What its text points to ---

    def sources(self, draft: Draft, text: Text) -> Sources:
        def picture(address: str, words: str, number: str) -> str:
            file = self.files.get(number)
            whole = self.former.whole(file.file if file and file.file else address)
            kept = file.meta.get("_wp_attachment_image_alt", "") if file else ""
            return self.media.markdown(whole, words or " ".join(kept.split()))

        return Sources(
            picture=picture,
            link=lambda address: self.former.lead(address, text.note),
            attachment=lambda one: self.files[one].file if one in self.files else "",
            reusable=lambda one: self.blocks.get(one, ""),
            attached=lambda: self.uploaded.get(draft.item.id, []),
            footnotes=footnotes(draft.item),
            title=draft.item.title,
        )

    def no_sources(self) -> Sources:
        def lead(address: str) -> str:
            return self.former.lead(address, lambda _words: None)

        return Sources(lambda *_said: "", lead, lambda _one: "", lambda _one: "")


def former_paths(item: Item) -> list[str]:
    """Where readers of a public post found it, now and before it was moved."""
    if item.status != "publish" or not item.path:
        return []
    before = item.path.rsplit("/", 1)[0]
    paths = [item.path, *(f"{before}/{slug}" for slug in item.old_slugs)]
    return [path for path in dict.fromkeys(map(normalised, paths)) if path.isprintable()]


def footnotes(item: Item) -> dict[str, str]:
    """The content of each footnote, which its block keeps beside the text."""
    try:
        rows = json.loads(item.meta.get("footnotes") or "[]")
        return {str(row["id"]): str(row["content"]) for row in rows}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def made_up(kind: str, name: str) -> str:
    """An address for a name that has no letters of ours, the same each time."""
    return f"{kind}-{sha256(name.encode()).hexdigest()[:8]}"


def why_not(item: Item) -> str:
    """Why one stays behind, or nothing."""
    if item.kind not in KINDS:
        return f"of the type {item.kind or 'none'}, which is neither post nor page"
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
