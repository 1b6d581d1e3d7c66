"""What an editor is told about a text while writing it, each thing at its sentence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import links, reading, share
from articles.findings import findings_in
from articles.library import Treatment
from articles.markdown import parse
from articles.mistakes import Mistake
from articles.models import Revision
from articles.sentences import Sentence, read
from clinic import seo

Level = Literal["error", "block", "cite", "warn", "link"]
ORDER: tuple[Level, ...] = ("error", "block", "cite", "warn", "link")
PROSE = ("summary", "body", "questions")
# Places within the page of every article.
ANCHORS = frozenset({"main", "references", "questions"})
SHORT_TITLE_MOST, DESCRIPTION_LEAST, DESCRIPTION_MOST = 60, 50, 160


@dataclass(frozen=True)
class Place:
    """A stretch of a field, counted as browsers count: an emoji is two."""

    field: str
    start: int
    end: int

    @property
    def label(self) -> str:
        return str(Revision._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Remark:
    """One thing to look at."""

    level: Level
    place: Place
    words: str
    """The sentence, or what else the remark is about."""
    message: str
    suggestion: str = ""

    @property
    def level_words(self) -> str:
        return {
            "error": _("Cannot be saved"),
            "block": _("Must change"),
            "cite": _("Needs a source"),
            "warn": _("Look again"),
            "link": _("Broken link"),
        }[self.level]


@dataclass(frozen=True)
class HardSentence:
    place: Place
    words: str
    grade: int


@dataclass(frozen=True)
class Length:
    """How long a text is, beside what search engines show of it."""

    count: int
    least: int
    most: int

    @property
    def fits(self) -> bool:
        return self.least <= self.count <= self.most


@dataclass(frozen=True)
class Report:
    """All that is said beside a text."""

    remarks: list[Remark]
    words: int
    minutes: int
    grade: int | None
    hardest: list[HardSentence]
    title: str
    address: str
    description: str
    short_title_length: Length
    description_length: Length
    share: share.Card

    @property
    def counts(self) -> list[tuple[Level, str, int]]:
        """How many remarks of each level there are, where there are any."""
        first = {remark.level: remark for remark in reversed(self.remarks)}
        levels = [remark.level for remark in self.remarks]
        return [
            (level, first[level].level_words, levels.count(level))
            for level in ORDER
            if level in first
        ]


def report(
    request: HttpRequest,
    revision: Revision,
    texts: Mapping[str, str],
    mistakes: Iterable[Mistake] = (),
) -> Report:
    """Of a revision that is printed already, saved or not.

    `texts` are its fields as the editor has them; `mistakes` are what printing left out.
    """
    treatments = list(Treatment.objects.all())
    names = reading.names_in(name for row in treatments for name in (row.name, *row.other_names))
    sentences = {field: reading.prose(texts[field]) for field in PROSE}
    every = [sentence for field in PROSE for sentence in sentences[field]]
    years = reading.grade(every, names)
    remarks = [
        *mistake_remarks(mistakes, texts),
        *finding_remarks(texts, treatments),
        *link_remarks(request, revision, texts),
    ]
    return Report(
        remarks=sorted(remarks, key=lambda remark: ORDER.index(remark.level)),
        words=revision.rendered["words"],
        minutes=revision.rendered["minutes"],
        grade=None if years is None else max(1, round(years)),
        hardest=hard_sentences(sentences, texts, names),
        title=revision.short_title,
        address=seo.absolute(reverse("articles:detail", args=[revision.article.slug])),
        description=revision.description,
        short_title_length=Length(len(revision.short_title), 1, SHORT_TITLE_MOST),
        description_length=Length(len(revision.description), DESCRIPTION_LEAST, DESCRIPTION_MOST),
        share=share.card(revision.article, revision),
    )


def mistake_remarks(mistakes: Iterable[Mistake], texts: Mapping[str, str]) -> Iterator[Remark]:
    for mistake in mistakes:
        place = place_of(mistake.field, mistake.near, texts)
        yield Remark("error", place, mistake.near, mistake.message)


def finding_remarks(texts: Mapping[str, str], treatments: list[Treatment]) -> Iterator[Remark]:
    for finding in findings_in(texts, treatments):
        text = texts[finding.field]
        start, end = sentence_around(text, finding.start, finding.end)
        place = Place(finding.field, units(text, start), units(text, end))
        yield Remark(finding.level, place, finding.sentence, finding.message, finding.suggestion)


def link_remarks(
    request: HttpRequest, revision: Revision, texts: Mapping[str, str]
) -> Iterator[Remark]:
    anchors = ANCHORS | {entry["id"] for entry in revision.rendered["toc"]}
    for field in PROSE:
        for link in links.broken_links(request, parse(texts[field]), set(anchors)):
            yield Remark("link", place_of(field, link.href, texts), link.href, link.message)


def hard_sentences(
    sentences: Mapping[str, list[Sentence]], texts: Mapping[str, str], names: set[str]
) -> list[HardSentence]:
    found = [
        HardSentence(
            Place(field, units(texts[field], hard.start), units(texts[field], hard.end)),
            hard.text,
            round(hard.grade),
        )
        for field in PROSE
        for hard in reading.hardest(sentences[field], names)
    ]
    return sorted(found, key=lambda hard: -hard.grade)[: reading.HARDEST]


# --- Places -------------------------------------------------------------------------------------


def place_of(field: str, words: str, texts: Mapping[str, str]) -> Place:
    """Where words stand in a field; its beginning when they are not there as they are."""
    text = texts[field]
    start = text.find(words)
    if start < 0:
        return Place(field, 0, 0)
    return Place(field, units(text, start), units(text, start + len(words)))


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    for sentence in read(text):
        if sentence.start <= start < sentence.end:
            return sentence.start, sentence.end
    return start, end


def units(text: str, position: int) -> int:
    """A place in a text as browsers count it: in UTF-16."""
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2
