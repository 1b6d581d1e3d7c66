"""Articles as Markdown files: out, and back in."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytest_django.fixtures import Settings

from articles import pictures
from articles.importers.files import (
    BadFile,
    dumped,
    read_article,
    read_folder,
    write_folder,
)
from articles.importers.starter import load_starter, publish_samples
from articles.models import Article, Person, Picture, Reference, Topic, Treatment
from tests import build as people
from tests.articles import build

FIELDS = (
    "title", "short_title", "description", "summary", "body", "questions",
)  # fmt: skip


def state() -> dict[str, Any]:
    """All that readers see of every article, by its slug, from its newest revision."""
    found = {}
    for article in Article.objects.all():
        newest = article.revisions.latest()
        found[article.slug] = {name: getattr(newest, name) for name in FIELDS} | {
            "topic": article.topic.slug,
            "published": article.published_at,
            "main": newest.main_treatment and newest.main_treatment.slug,
            "others": sorted(one.slug for one in newest.other_treatments.all()),
            "author": newest.author and newest.author.slug,
            "reviewer": newest.reviewer and newest.reviewer.slug,
            "rendered": newest.rendered,
        }
    return found


def library() -> list[Any]:
    """Every row of what articles rest on, without its number."""
    rows: list[Any] = []
    for model in (Topic, Person, Reference, Treatment):
        names = [one.name for one in model._meta.concrete_fields if not one.primary_key]
        rows.append(sorted(map(str, model._default_manager.values(*names))))
    rows.append(sorted(Treatment.objects.values_list("slug", "sources__key")))
    return rows


def forget_everything() -> None:
    Article.objects.update(live_revision=None, next_revision=None, live_from=None, next_from=None)
    for model in (Article, Treatment, Reference, Topic, Person):
        model._default_manager.all().delete()


@pytest.mark.django_db
def test_starter_articles_come_back_the_same_in_an_empty_site(tmp_path: Path) -> None:
    load_starter()
    publish_samples(people.user("Editor"), people.user("Medical reviewer"))
    before, rests_on = state(), library()
    assert sorted(write_folder(tmp_path)) == sorted(before)
    forget_everything()
    counts = read_folder(tmp_path)
    assert sorted(counts.created) == sorted(before)
    assert state() == before
    assert library() == rests_on
    assert [article.slug for article in Article.objects.published()] == []


@pytest.mark.django_db
def test_reading_back_into_the_same_site_changes_nothing(tmp_path: Path) -> None:
    article = build.published()
    write_folder(tmp_path)
    counts = read_folder(tmp_path)
    assert (counts.created, counts.changed, counts.same) == ([], [], [article.slug])
    assert article.revisions.count() == 1


@pytest.mark.django_db
def test_changed_file_is_the_next_draft_and_what_is_live_stays(tmp_path: Path) -> None:
    article = build.published()
    write_folder(tmp_path)
    path = tmp_path / f"{article.slug}.md"
    path.write_text(path.read_text().replace("Not much", "Very little"))
    assert read_folder(tmp_path).changed == [article.slug]
    article.refresh_from_db()
    assert "Very little" in article.revisions.latest().body
    assert "Not much" in article.revision.body


@pytest.mark.django_db
def test_drafts_and_withdrawn_articles_are_not_written(tmp_path: Path) -> None:
    build.draft(slug="a-draft")
    build.published(slug="live")
    assert write_folder(tmp_path) == ["live"]
    assert [path.name for path in tmp_path.glob("*.md")] == ["live.md"]


@pytest.mark.django_db
def test_article_without_main_treatment_keeps_its_others(tmp_path: Path) -> None:
    other = build.treatment(slug="other")
    article = build.published()
    newest = article.revisions.latest()
    newest.other_treatments.set([other])
    write_folder(tmp_path)
    counts = read_folder(tmp_path)
    assert counts.same == [article.slug]
    text = (tmp_path / f"{article.slug}.md").read_text()
    assert "main_treatment: null" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("No header", "has no header"),
        ("---\ntitle: A\n---\nBody", "the header needs short_title, description, topic, summary"),
        ("---\n- a\n---\nBody", "has no header"),
        ("---\ntitle: [\n---\nBody", "cannot be read"),
    ],
)
def test_file_that_is_no_article_is_refused_in_words(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.md").write_text(text)
    with pytest.raises(BadFile, match=says):
        read_folder(tmp_path)
    with pytest.raises(CommandError, match=says):
        call_command("import_articles", tmp_path)


@pytest.mark.django_db
def test_one_bad_file_keeps_the_others_out(tmp_path: Path) -> None:
    build.published(slug="good")
    write_folder(tmp_path)
    forget_everything()
    (tmp_path / "zzz.md").write_text("No header")
    with pytest.raises(BadFile):
        read_folder(tmp_path)
    assert Article.objects.count() == 0


@pytest.mark.django_db
def test_unknown_treatment_is_named(tmp_path: Path) -> None:
    article = build.published()
    write_folder(tmp_path)
    path = tmp_path / f"{article.slug}.md"
    path.write_text(path.read_text().replace("treatments: []", "treatments: [nowhere]"))
    with pytest.raises(BadFile, match="there is no treatment “nowhere”"):
        read_folder(tmp_path)


@pytest.mark.django_db
def test_empty_folder_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no Markdown file"):
        call_command("import_articles", tmp_path)


@pytest.mark.django_db
def test_picture_comes_back(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "kept"
    data = BytesIO()
    Image.new("RGB", (640, 420), "#345").save(data, "PNG")
    picture = Picture(key="chair", alt="A chair.")
    picture.take_in(pictures.read(ContentFile(data.getvalue())))
    picture.save()
    build.published()
    write_folder(tmp_path / "out")
    Picture.objects.all().delete()
    read_folder(tmp_path / "out")
    assert list(Picture.objects.values_list("key", "alt", "width")) == [("chair", "A chair.", 640)]


# No form takes control characters; a text area gives line feeds.
TYPED = st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("\n-")


@given(
    st.lists(st.text(TYPED, min_size=1), min_size=1),
    st.text(TYPED),
)
def test_header_and_text_of_any_words_come_back(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], body: str
) -> None:
    path = tmp_path_factory.mktemp("files") / "a.md"
    needed = dict.fromkeys(("title", "short_title", "description", "topic", "summary"), "x")
    head = needed | {"words": words}
    path.write_bytes(f"---\n{dumped(head)}---\n\n{body}\n".encode())
    assert read_article(path) == (head, body.strip())


TOPICS = "- {slug: x, name: X, description: About x}\n"
ARTICLE = "---\ntitle: T\nshort_title: S\ndescription: D\ntopic: x\nsummary: S\n{}---\n\nBody\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("topics.yaml", "5"),
        ("topics.yaml", "- {slug: [1], name: X}"),
        ("topics.yaml", "- {slug: x, name: X, colour: red}"),
        ("treatments.yaml", "- {slug: x, name: [1], as_of: soon}"),
        ("pictures.yaml", "- {key: ../../a, alt: b}"),
        ("pictures.yaml", "- {key: a, alt: b}"),
        ("one.md", ARTICLE.format("questions: words\n")),
        ("one.md", ARTICLE.format("treatments: 5\n")),
        ("one.md", ARTICLE.format('published: "2024-13-45"\n')),
        ("one.md", ARTICLE.replace("title: T", "title: [1]").format("")),
        ("one.md", ARTICLE.replace("topic: x", "topic: [x]").format("")),
    ],
)
def test_what_people_mistype_is_said_in_words_and_nothing_is_read(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / "topics.yaml").write_text(TOPICS)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.webp").write_bytes(b"no picture")
    (tmp_path / "two.md").write_text(ARTICLE.format(""))
    (tmp_path / name).write_text(content)
    with pytest.raises(CommandError):
        call_command("import_articles", tmp_path)
    assert (Article.objects.count(), Topic.objects.count()) == (0, 0)
