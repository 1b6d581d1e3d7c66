"""Bringing a WordPress export along."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from articles.importers.media import Media
from articles.importers.report import Report
from articles.importers.wordpress import bring
from articles.importers.wxr import NotAnExport, parse, read
from articles.models import Article, FormerPath, OldAddress, Picture, Revision
from tests.articles import build

pytestmark = pytest.mark.django_db
EXPORT = Path(__file__).parent / "exports" / "clinic.xml"


@pytest.fixture(autouse=True)
def pictures_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "kept"


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """A copy of wp-content/uploads with one picture of the two."""
    folder = tmp_path / "uploads" / "2024" / "05"
    folder.mkdir(parents=True)
    Image.new("RGB", (640, 420), "#345").save(folder / "chair.jpg")
    return tmp_path / "uploads"


def bring_file(path: Path = EXPORT, media: Path | None = None, **options: Any) -> Report:
    return bring(read(path), Media(media, keep=not options.get("dry_run")), **options)


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The export as it would be after somebody changed it there."""
    text = EXPORT.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "changed.xml"
    path.write_text(text)
    return path


def newest(slug: str) -> Revision:
    return Article.objects.get(slug=slug).revisions.latest()


# --- What comes along ---------------------------------------------------------------------------


def test_posts_and_pages_become_drafts() -> None:
    report = bring_file()
    assert report.created == ["first-visit", "classic", "about-us", "half-written"]
    assert [article.slug for article in Article.objects.published()] == []
    revision = newest("first-visit")
    assert revision.title == "Your first visit – what to bring"  # noqa: RUF001
    assert revision.article.topic.name == "Visits & Planning"
    assert revision.author is not None
    assert (revision.author.name, revision.author.credentials) == ("Robin O’Hara", "")  # noqa: RUF001
    assert revision.summary == "A plain list for a first visit, made to be read once and kept."
    assert revision.questions == [
        {"question": "May I eat?", "answer": "Ask the clinic *before* the day."}
    ]
    assert revision.note == "Brought along from WordPress (publish, 2024-05-02)"


def test_date_of_what_was_public_is_kept_and_a_draft_has_none() -> None:
    bring_file()
    found = dict(Article.objects.values_list("slug", "published_at"))
    moments = {slug: at and at.isoformat() for slug, at in found.items()}
    assert moments["first-visit"] == "2024-05-02T14:30:00+00:00"
    # Only the clinics' own time was in the export: eight in the morning, Central.
    assert moments["classic"] == "2012-01-09T14:00:00+00:00"
    assert moments["half-written"] is None


def test_private_locked_binned_and_empty_posts_and_comments_stay_behind() -> None:
    report = bring_file()
    assert [(one["post"], one["why"]) for one in report.skipped] == [
        ("15", "private"),
        ("16", "behind a password"),
        ("17", "in the bin"),
        ("18", "It has no text."),
    ]
    every = json.dumps([list(row) for row in Revision.objects.values_list("title", "body")])
    assert "SECRET" not in every
    assert "COMMENT" not in every
    assert "left out: 1 comments" in report.changed["first-visit"]


def test_links_between_posts_lead_to_the_new_addresses() -> None:
    bring_file()
    body = newest("first-visit").body
    assert "[who we are](/articles/about-us/)" in body
    assert "[this](/articles/first-visit/)" in body


def test_slug_that_is_taken_gets_a_suffix_and_is_reported() -> None:
    build.draft(slug="classic")
    other = build.draft(slug="elsewhere")
    OldAddress.objects.create(slug="about-us", article=other)
    report = bring_file()
    assert report.renamed == {"classic": "classic-2", "about-us": "about-us-2"}
    assert "(/articles/about-us-2/)" in newest("first-visit").body


def test_post_at_an_address_of_the_site_itself_gets_a_suffix(tmp_path: Path) -> None:
    name = "<wp:post_name><![CDATA[{}]]></wp:post_name>"
    path = edited(tmp_path, (name.format("classic"), name.format("feed")))
    assert "feed-2" in bring_file(path).created


def test_title_with_figures_gives_a_short_title_without(tmp_path: Path) -> None:
    path = edited(tmp_path, ("Half written", "7 things &amp; 3 more to know before 2024"))
    bring_file(path)
    revision = newest("7-things-3-more-to-know-before-2024")
    assert revision.short_title == "things & more to know before"


# --- Old addresses ------------------------------------------------------------------------------


def publish(slug: str) -> None:
    article = Article.objects.get(slug=slug)
    Article.objects.filter(pk=article.pk).update(
        live_revision=article.revisions.latest(), live_from=article.published_at
    )


@pytest.mark.parametrize(
    "path",
    [
        "/2024/05/first-visit/",
        "/2024/05/first-visit",
        "/2024/05/First-Visit/?utm_source=x",
        "/2024/05/visit-one/",
    ],
)
def test_old_address_leads_on_once_the_article_is_public(client: Client, path: str) -> None:
    bring_file()
    assert client.get(path).status_code == 404
    publish("first-visit")
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (301, "/articles/first-visit/")


def test_address_that_this_site_uses_itself_is_reported_and_not_kept(tmp_path: Path) -> None:
    link = "<link>https://old.example.com{}</link>"
    path = edited(tmp_path, (link.format("/about-us/"), link.format("/about/")))
    report = bring_file(path)
    assert "its former address /about is a page of this site" in report.changed["about-us"]
    assert not FormerPath.objects.filter(path="/about").exists()


def test_address_of_a_draft_leads_nowhere(client: Client) -> None:
    bring_file()
    publish_paths = set(FormerPath.objects.values_list("path", flat=True))
    assert publish_paths == {
        "/2024/05/first-visit",
        "/2024/05/visit-one",
        "/2012/01/classic",
        "/about-us",
    }


# --- Pictures -----------------------------------------------------------------------------------


def test_picture_comes_along_with_its_words(uploads: Path) -> None:
    report = bring_file(media=uploads)
    picture = Picture.objects.get()
    assert (picture.key, picture.alt) == ("chair", "A chair by a window")
    assert "![A chair by a window](chair)\n\nThe room, by day" in newest("first-visit").body
    assert report.missing_media == ["https://old.example.com/wp-content/uploads/2024/05/lamp.jpg"]
    assert "<picture>" in newest("first-visit").rendered["body"]


def test_picture_without_a_file_is_a_listed_gap() -> None:
    report = bring_file()
    assert [address.rsplit("/", 1)[-1] for address in report.missing_media] == [
        "chair.jpg",
        "lamp.jpg",
    ]
    assert "**Picture to add: A chair by a window (file chair.jpg)**" in newest("classic").body


def test_pictures_that_come_later_fill_the_gaps(uploads: Path) -> None:
    bring_file()
    report = bring_file(media=uploads)
    assert report.updated == ["first-visit", "classic"]
    assert "![A chair by a window](chair)" in newest("first-visit").body


def test_picture_without_words_is_not_placed(tmp_path: Path, uploads: Path) -> None:
    Image.new("RGB", (640, 420), "#543").save(uploads / "2024" / "05" / "lamp.jpg")
    bring_file(media=uploads)
    assert "**Picture to describe and place: lamp**" in newest("classic").body


@pytest.mark.parametrize("inside", ["../secret.jpg", "%2e%2e/secret.jpg", "/etc/secret.jpg"])
def test_address_cannot_lead_out_of_the_folder(tmp_path: Path, inside: str) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    Image.new("RGB", (640, 420)).save(tmp_path / "secret.jpg")
    media = Media(folder)
    assert media.file(f"https://old.example.com/wp-content/uploads/{inside}") is None


def test_file_that_is_no_picture_is_missing(uploads: Path) -> None:
    (uploads / "2024" / "05" / "lamp.jpg").write_text("<svg onload=alert(1)>")
    report = bring_file(media=uploads)
    assert len(report.missing_media) == 1


# --- Again --------------------------------------------------------------------------------------


def test_second_run_changes_nothing(uploads: Path) -> None:
    bring_file(media=uploads)
    before = list(Revision.objects.order_by("pk").values_list("pk", "body"))
    report = bring_file(media=uploads)
    assert (report.created, report.updated, report.redirects) == ([], [], {})
    assert len(report.skipped) == 8
    assert list(Revision.objects.order_by("pk").values_list("pk", "body")) == before


def test_what_changed_there_is_a_new_revision(tmp_path: Path) -> None:
    bring_file()
    report = bring_file(edited(tmp_path, ("with two rooms", "with three rooms")))
    assert report.updated == ["about-us"]
    assert (newest("about-us").number, "three rooms" in newest("about-us").body) == (2, True)


def test_what_somebody_changed_here_is_left_alone(tmp_path: Path) -> None:
    bring_file()
    article = Article.objects.get(slug="about-us")
    article.save_revision(None, **newest("about-us").fields() | {"body": "Written here."})
    report = bring_file(edited(tmp_path, ("with two rooms", "with three rooms")))
    assert report.updated == []
    assert newest("about-us").body == "Written here."
    assert "somebody has worked on it here since: it was left alone" in {
        one["why"] for one in report.skipped
    }


def test_dry_run_brings_nothing(uploads: Path, settings: Settings) -> None:
    report = bring_file(media=uploads, dry_run=True)
    assert report.created == ["first-visit", "classic", "about-us", "half-written"]
    assert Article.objects.count() == Picture.objects.count() == FormerPath.objects.count() == 0
    assert not Path(settings.MEDIA_ROOT).exists() or default_storage.listdir("")[0] == []


# --- The file -----------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<rss><channel><title>&b;</title></channel></rss>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss><channel><title>&x;</title></channel></rss>"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB, "document type or entities"),
        (OUTSIDE, "document type or entities"),
        ('<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd"><rss/>', "document type or entities"),
        ("<rss><channel><title>cut off", "not a whole XML file"),
        ("not xml", "not a whole XML file"),
        ("", "not a whole XML file"),
        ("<rss><channel><title>A feed</title></channel></rss>", "names no WXR version"),
        ("<a>" * 5000 + "</a>" * 5000, "nested deeper"),
    ],
)
def test_file_that_is_no_export_is_refused_in_words(
    tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "export.xml"
    path.write_text(content)
    with pytest.raises(NotAnExport, match=says):
        read(path)
    with pytest.raises(CommandError, match=says):
        call_command("import_wordpress", path)


def test_missing_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.xml cannot be read"):
        call_command("import_wordpress", tmp_path / "gone.xml")


def test_characters_that_xml_has_no_place_for_are_dropped(tmp_path: Path) -> None:
    path = edited(tmp_path, ("with two rooms", "with \x0btwo\x08 rooms"))
    bring_file(path)
    assert "with two rooms" in newest("about-us").body


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_every_version_of_the_format_is_read(version: str) -> None:
    text = EXPORT.read_text().replace("/export/1.2/", f"/export/{version}/")
    assert len(parse(text.encode()).items) == 12


def test_post_nested_too_deep_is_skipped_and_the_rest_comes(tmp_path: Path) -> None:
    deep = "<div>" * 3000 + "x" + "</div>" * 3000
    report = bring_file(edited(tmp_path, ("We are a small practice", f"{deep} We are")))
    assert "about-us" not in report.created
    assert len(report.created) == 3
    assert {
        "post": "13",
        "title": "About us",
        "why": "its HTML is nested deeper than anybody writes",
    } in report.skipped


def test_hostile_html_leaves_no_script(tmp_path: Path) -> None:
    attack = (
        '<script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">a</a>'
        '<a href="data:text/html,<script>alert(4)</script>">b</a><svg onload=alert(5)></svg>'
        "<iframe src='javascript:alert(6)'></iframe><form action=/x><input value=SECRET></form>"
        "&lt;script&gt;alert(7)&lt;/script&gt;"
    )
    bring_file(edited(tmp_path, ("We are a small practice", f"{attack} We are a small practice")))
    html = newest("about-us").rendered["body"]
    for bad in ("<script", "javascript:", "onerror", "data:", "<svg", "<iframe", "SECRET"):
        assert bad not in html


# --- The command --------------------------------------------------------------------------------


def test_json_report_is_all_that_is_printed() -> None:
    out = StringIO()
    call_command("import_wordpress", EXPORT, "--report", "json", "--dry-run", stdout=out)
    found = json.loads(out.getvalue())
    assert found["created"] == ["first-visit", "classic", "about-us", "half-written"]
    assert {"created", "updated", "skipped", "missing_media"} <= set(found)


def test_text_report_says_what_was_brought_and_left() -> None:
    out = StringIO()
    call_command("import_wordpress", EXPORT, stdout=out)
    first, *rest = out.getvalue().splitlines()
    assert first == (
        "Brought 4 new drafts, 0 changed again; left 4 behind; 2 pictures are missing."
    )
    assert "  left     SECRET binned: in the bin" in rest
    assert "  leads    /about-us to about-us" in rest


def test_media_that_is_no_folder_is_said_in_words() -> None:
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("import_wordpress", EXPORT, "--media", EXPORT)
