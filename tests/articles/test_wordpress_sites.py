"""Exports as former sites really give them: their addresses, plugins, people and pictures."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django.fixtures import Settings

from articles.importers.media import Media
from articles.importers.report import Report
from articles.importers.wordpress import bring
from articles.importers.wxr import parse
from articles.models import Article, FormerPath, Person, Picture, Revision, Topic
from tests.articles.wxr import SITE, WORDS, author, export, item, term

pytestmark = pytest.mark.django_db
FILE = f"{SITE}/wp-content/uploads/2020/05"


@pytest.fixture(autouse=True)
def pictures_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "kept"


def run(*items: str, media: Path | None = None, **options: Any) -> Report:
    return bring(parse(export(*items, **options)), Media(media))


def body(slug: str = "post-1") -> str:
    found: Revision = Article.objects.get(slug=slug).revisions.latest()
    return found.body


# --- What is no post ----------------------------------------------------------------------------


def test_other_types_are_named_and_furniture_is_not() -> None:
    report = run(
        item(1, kind="product", title="A lamp"),
        item(2, kind="nav_menu_item"),
        item(3, kind="attachment"),
    )
    assert report.skipped == [
        {
            "post": "1",
            "title": "A lamp",
            "why": "of the type product, which is neither post nor page",
        }
    ]


def test_what_an_article_has_no_field_for_is_named() -> None:
    terms = (
        term("category", "a", "A")
        + term("category", "b", "B")
        + term("post_tag", "rest", "Rest")
        + term("post_format", "post-format-quote", "Quote")
    )
    lamp = item(2, kind="attachment", file=f"{FILE}/lamp.jpg")
    more = "<wp:is_sticky>1</wp:is_sticky>"
    report = run(item(1, terms=terms, more=more, meta=(("_thumbnail_id", "2"),)), lamp)
    assert report.changed["post-1"] == [
        "left out: categories B",
        "left out: tags Rest",
        "left out: post_format Quote",
        "left out: that it stood first on lists",
        f"left out: its picture on lists, {FILE}/lamp.jpg",
    ]


def test_day_of_a_scheduled_post_is_named_and_not_kept() -> None:
    report = run(item(1, status="future", date="2031-01-02 03:04:00"))
    assert report.changed["post-1"] == [
        "was scheduled there for 2031-01-02 03:04 UTC: schedule it here"
    ]
    assert Article.objects.get().published_at is None


def test_draft_that_was_published_there_since_gets_its_day() -> None:
    run(item(1, status="draft"))
    run(item(1))
    found = Article.objects.get().published_at
    assert found is not None
    assert found.isoformat() == "2020-05-02T14:30:00+00:00"


# --- Addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "https://old.example.com/post-2/",
        "http://www.old.example.com/post-2/#more-2",
        "//old.example.com/post-2",
        "/post-2/?utm_source=x",
        "/?p=2",
        "https://old.example.com/?page_id=2",
        "/post-2/amp/",
        "/post-2/2/",
        "/post-2/comment-page-1/#comment-4",
        "/before/",
    ],
)
def test_link_to_another_post_leads_there_in_every_form(link: str) -> None:
    run(
        item(1, f'<p>See <a href="{link}">that</a>.</p>'),
        item(2, meta=(("_wp_old_slug", "before"), ("_wp_old_slug", "long-before"))),
    )
    assert body() == "See [that](/articles/post-2/)."


def test_link_to_a_post_of_an_earlier_export_leads_there() -> None:
    run(item(2))
    run(item(1, '<p>See <a href="/post-2/">that</a>.</p>'))
    assert body() == "See [that](/articles/post-2/)."


def test_link_that_will_lead_nowhere_is_named() -> None:
    report = run(item(1, '<p><a href="/form.pdf">Form</a> <a href="http://[x">odd</a></p>'))
    assert body() == f"[Form]({SITE}/form.pdf) odd"
    assert report.changed["post-1"] == [
        f"a link to the former site, where nothing may be soon: {SITE}/form.pdf",
        "left out: a link to http://[x, which is no address",
    ]


def test_every_former_slug_leads_on() -> None:
    run(item(1, meta=(("_wp_old_slug", "one"), ("_wp_old_slug", "two"))))
    assert list(FormerPath.objects.values_list("path", flat=True)) == ["/one", "/post-1", "/two"]


def test_address_that_changed_there_since_leads_on_too() -> None:
    run(item(1))
    assert run(item(1, slug="moved")).redirects == {"/moved": "post-1"}


@pytest.mark.parametrize("link", ["http://[x/", f"{SITE}/a%00b/", f"{SITE}/?p=1"])
def test_address_that_is_no_path_is_named_and_stops_nothing(link: str) -> None:
    report = run(item(1, link=link))
    assert report.redirects == {}
    assert "is no path: nothing leads on from it" in report.changed["post-1"][0]


def test_blog_in_a_network_is_known_by_its_own_address() -> None:
    blog = f"{SITE}/blog"
    run(
        item(1, f'<p>See <a href="{blog}/b/">that</a></p>', link=f"{blog}/a/"),
        item(2, link=f"{blog}/b/"),
        site=blog,
    )
    assert Article.objects.get(slug="post-1").origin.site == blog
    assert body() == "See [that](/articles/post-2/)"


def test_site_that_moved_to_https_and_www_is_the_same() -> None:
    run(item(1), site="http://old.example.com")
    report = run(item(1), site="https://www.old.example.com")
    assert (report.created, [one["why"] for one in report.skipped]) == (
        [],
        ["brought before, and the same"],
    )


# --- People and topics --------------------------------------------------------------------------


def test_names_in_other_letters_get_addresses_of_their_own() -> None:
    terms = [term("category", "%d0%b0", "Сон"), term("category", "%d0%b1", "Дом")]
    posts = [item(n, slug="%d0%b0", terms=one) for n, one in enumerate(terms, 1)]
    run(*posts, authors=author("robin", "Мария"))
    assert sorted(Topic.objects.values_list("name", flat=True)) == ["Дом", "Сон"]
    assert list(Person.objects.values_list("slug", "name")) == [("robin", "Мария")]
    assert sorted(Article.objects.values_list("slug", flat=True)) == ["a-post", "a-post-2"]


def test_two_authors_whose_names_give_one_address_stay_two() -> None:
    run(
        item(1, creator="a"),
        item(2, creator="b"),
        authors=author("a", "Jose Diaz") + author("b", "José Díaz"),
    )
    assert list(Person.objects.order_by("slug").values_list("slug", "name")) == [
        ("jose-diaz", "Jose Diaz"),
        ("jose-diaz-2", "José Díaz"),
    ]


def test_two_authors_of_one_name_are_named() -> None:
    report = run(
        item(1, creator="a"), item(2, creator="b"), authors=author("a", "Ann") + author("b", "Ann")
    )
    assert Person.objects.count() == 1
    assert report.changed["post-2"] == ["two authors there were called Ann, here one: look at it"]


# --- Plugins ------------------------------------------------------------------------------------


def test_placeholders_of_plugins_are_left_out() -> None:
    said = "%title% %sep% " + WORDS
    meta = (("rank_math_title", "Rest well %sep% %sitename%"), ("rank_math_description", said))
    run(item(1, meta=meta))
    revision = Article.objects.get().revisions.latest()
    assert (revision.short_title, revision.description) == ("Rest well", WORDS)


def test_footnotes_of_the_editor_stand_where_they_stood() -> None:
    meta = (("footnotes", json.dumps([{"id": "x", "content": "See <em>there</em>."}])),)
    text = '<p>So<sup data-fn="x" class="fn"><a href="#x">1</a></sup> it is.</p>'
    run(item(1, f"{text}<!-- wp:footnotes /-->", meta=meta))
    assert body() == "So¹ it is.\n\n1. See *there*."


def test_heading_that_says_the_title_again_is_left_out() -> None:
    run(item(1, f"<h1>A  post</h1><p>{WORDS}</p>"))
    assert body() == WORDS


def test_reusable_blocks_that_double_each_other_have_an_end() -> None:
    blocks = [
        item(n, f'<p>x{n}</p><!-- wp:block {{"ref":{n + 1}}} /-->' * 2, kind="wp_block")
        for n in range(10, 60)
    ]
    own = [item(60, '<p>y</p><!-- wp:block {"ref":60} /-->', kind="wp_block")]
    report = run(item(1, '<p>a</p><!-- wp:block {"ref":10} /-->'), *blocks, *own)
    assert len(body()) < 5_000
    assert "left out: reusable block 18, too deep in others" in report.changed["post-1"]


# --- Pictures -----------------------------------------------------------------------------------


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads" / "2020" / "05"
    folder.mkdir(parents=True)
    for n, name in enumerate(["lamp", "lamp-e1589500000", "Café room"]):
        spelled = unicodedata.normalize("NFD", name)
        Image.new("RGB", (640, 420), (n, 9, 9)).save(folder / f"{spelled}.jpg")
    return tmp_path / "uploads"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (f"{FILE}/lamp-scaled.jpg", "lamp"),
        (f"{FILE}/lamp-1024x683.jpg", "lamp"),
        ("https://i0.wp.com/old.example.com/wp-content/uploads/2020/05/lamp.jpg?w=3", "lamp"),
        # What somebody cropped away stays away.
        (f"{FILE}/lamp-e1589500000-300x200.jpg", "lamp-e1589500000"),
        (f"{FILE}/Caf%C3%A9%20room.jpg", "cafe-room"),
        (f"{FILE}/Café room-300x200.jpg", "cafe-room"),
    ],
)
def test_picture_is_found_by_every_address_of_it(uploads: Path, address: str, key: str) -> None:
    run(item(1, f'<p>Words</p><img src="{address}" alt="A room">'), media=uploads)
    assert body() == f"Words\n\n![A room]({key})"


def test_gallery_without_numbers_shows_what_was_uploaded_to_the_post(uploads: Path) -> None:
    lamp = item(5, kind="attachment", parent=1, file=f"{FILE}/lamp.jpg")
    run(item(1, "Words\n\n[gallery columns=2]"), lamp, media=uploads)
    assert body() == "Words\n\n**Picture to describe and place: lamp**"


def test_picture_inside_the_text_is_reported_in_short() -> None:
    report = run(item(1, f'<p>Words</p><img src="data:image/png;base64,{"A" * 9999}" alt="A">'))
    assert report.missing_media == [
        "data:image/png;base64,AAAAAAAA… (a picture inside the text, 10021 letters)"
    ]


@pytest.mark.parametrize("name", ["loop.jpg", "a%00b.jpg", "x" * 5000 + ".jpg", "out.jpg"])
def test_odd_names_of_pictures_are_missing_and_stop_nothing(uploads: Path, name: str) -> None:
    (uploads / "loop.jpg").symlink_to(uploads / "loop.jpg")
    Image.new("RGB", (640, 420)).save(uploads.parent / "outside.jpg")
    (uploads / "out.jpg").symlink_to(uploads.parent / "outside.jpg")
    source = f"{SITE}/wp-content/uploads/{name}"
    report = run(item(1, f'<p>Words</p><img src="{source}" alt="A">'), media=uploads)
    assert (len(report.missing_media), Picture.objects.count()) == (1, 0)


# --- The file -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\n\n  " + data,
        lambda data: b"\xef\xbb\xbf\n" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(b"<title>Old", b"<title>O&#8;l&#x1F;d"),
        lambda data: data.replace(b"Old", b"O\xef\xbf\xbfd"),
    ],
)
def test_file_as_plugins_and_editors_spoil_it_is_read(change: Any) -> None:
    assert [one.id for one in parse(change(export(item(1)))).items] == ["1"]


def test_end_of_cdata_inside_a_post_is_text() -> None:
    run(item(1, "<pre>a]]>b</pre>"))
    assert body() == "```\na]]>b\n```"


def test_letters_of_windows_are_read_as_browsers_read_them() -> None:
    run(item(1, "It\x92s \x93so\x94"))
    assert body() == "It’s “so”"  # noqa: RUF001


def test_garbled_letters_are_named_and_left() -> None:
    report = run(item(1, "Itâ€™s so"))
    assert report.changed["post-1"] == ["garbled letters (â€™s): look at it"]


def test_script_in_every_place_stays_out() -> None:
    bad = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    run(
        item(1, slug=bad, title=f"T {bad}", terms=term("category", bad, f"C {bad}")),
        authors=author("robin", f"N {bad}"),
    )
    article = Article.objects.get()
    said = [article.slug, article.topic.name, article.topic.slug, Person.objects.get().name]
    assert [one for one in said if "<" in one] == []
