"""Holds the claim rules against everything readers can see now."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand
from django.db.models import Model

from articles.claims import LEVELS, Kind, check
from articles.models import Article, Person, Revision, Topic, Treatment
from clinic.models import SiteText
from locations.models import Location, Service, ServiceFact, SiteNotice


class LiveText(NamedTuple):
    where: str
    kind: Kind
    text: str
    overridden: Collection[str] = ()
    """Fingerprints of sentences that a medical reviewer lets stand there."""


class Command(BaseCommand):
    help = (
        "Checks every text that is live against the claim rules and lists each finding with its "
        "place. Exits 1 when one of them blocks and no medical reviewer has let it stand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--blocks-only", action="store_true", help="leave out what only warns or wants a source"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        treatments = list(Treatment.objects.all())
        counts: Counter[str] = Counter()
        for live in live_texts():
            for finding in check(live.text, kind=live.kind, treatments=treatments):
                if finding.fingerprint in live.overridden:
                    counts["overridden"] += 1
                    continue
                counts[finding.level] += 1
                if finding.level == "block" or not options["blocks_only"]:
                    self.stdout.write(
                        f"{finding.level} {finding.rule} in {live.where}: {finding.sentence}\n"
                        f"    “{finding.words.strip()}”: {finding.why} Use instead: {finding.use}"
                    )
        self.stdout.write(", ".join(f"{level} {counts[level]}" for level in LEVELS))
        if counts["overridden"]:
            self.stdout.write(f"overridden {counts['overridden']}")
        if counts["block"]:
            sys.exit(1)


def live_texts() -> Iterator[LiveText]:
    """Every text that visitors can read now, with the name of its place."""
    for article in Article.objects.published().with_revisions():
        where = f"article {article.slug}"
        overridden = set(article.judgements.overridden().values_list("fingerprint", flat=True))
        for live in revision_texts(article.revision, where):
            yield live._replace(overridden=overridden)
        for correction in article.publications.corrections():
            yield LiveText(f"{where}, correction", "plain", correction.because)
    for service in Service.objects.listed():
        where = f"service {service.slug}"
        yield LiveText(f"{where}, description", "description", service.description)
        yield from plain(service, where, "name", "body")
    for fact in ServiceFact.objects.showing():
        yield from plain(fact, f"fact {fact.pk}", "text")
    for location in Location.objects.listed():
        where = f"clinic {location.slug}"
        yield from plain(location, where, "practice_name", "blurb", "pause_message")
    for treatment in Treatment.objects.all():
        where = f"treatment {treatment.slug}"
        yield from plain(treatment, where, "name", "approved_for", "statement", "risks")
    yield from site_texts()


def revision_texts(revision: Revision, where: str) -> Iterator[LiveText]:
    yield LiveText(f"{where}, title", "title", revision.title)
    yield LiveText(f"{where}, short title", "title", revision.short_title)
    yield LiveText(f"{where}, description", "description", revision.description)
    yield LiveText(f"{where}, summary", "summary", revision.summary)
    yield LiveText(f"{where}, text", "body", revision.body)
    for number, item in enumerate(revision.questions, 1):
        asked_and_answered = f"{item['question']}\n\n{item['answer']}"
        yield LiveText(f"{where}, question {number}", "body", asked_and_answered)


def site_texts() -> Iterator[LiveText]:
    """The texts of the site itself, its topics, its people and the notices that show now."""
    site = SiteText.objects.current()
    yield LiveText("site texts, description", "description", site.description)
    yield from plain(
        site, "site texts", "name", "tagline", "hero_title", "hero_text", "about",
        "privacy_practices", "accessibility", "nondiscrimination", "mail_sender",
    )  # fmt: skip
    for topic in Topic.objects.with_published():
        yield LiveText(f"topic {topic.slug}, description", "description", topic.description)
        yield from plain(topic, f"topic {topic.slug}", "name")
    for person in Person.objects.with_published():
        yield from plain(person, f"person {person.slug}", "credentials", "bio")
    for notice in SiteNotice.objects.showing():
        yield from plain(notice, f"notice {notice.pk}", "text")


def plain(row: Model, where: str, *names: str) -> Iterator[LiveText]:
    """Fields in which nothing can be cited. Each is Markdown or one line."""
    for name in names:
        yield LiveText(f"{where}, {name.replace('_', ' ')}", "plain", getattr(row, name))
