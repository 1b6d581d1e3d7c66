"""Pictures: what may come in, and what readers get of it."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageCms

from articles.models import Picture
from tests import build
from tests.articles import build as articles
from tests.articles.test_admin import signed_in

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/picture/add/"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    build.site_text()


@pytest.fixture
def editor() -> Client:
    return signed_in(build.user("Editor"))


def photo(size: tuple[int, int] = (1000, 500), kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#84490a").save(file, kind, **options)
    return file.getvalue()


def taken_somewhere() -> bytes:
    """A phone's photograph, held upright: it lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Taken at 12 Sample Road"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return photo(exif=exif, icc_profile=profile)


def png_header(width: int, height: int) -> bytes:
    """A few bytes that say they unpack to a picture of this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


def upload(client: Client, content: bytes, name: str = "photo.jpg", **values: Any) -> list[str]:
    """The fields that the form refuses, or nothing."""
    data = {
        "key": "chair",
        "alt": "A chair by a window.",
        "file": SimpleUploadedFile(name, content),
    }
    response = client.post(ADD, data | values)
    return list(response.context["adminform"].form.errors) if response.status_code == 200 else []


def test_picture_is_there_in_both_formats_and_each_width(editor: Client) -> None:
    assert upload(editor, photo()) == []
    picture = Picture.objects.get()
    assert picture.widths == [480, 800, 1000]
    for width in picture.widths:
        for ending in ("avif", "webp"):
            response = Client().get(picture.url(width, ending))
            assert response["Content-Type"] == f"image/{ending}"
            assert response["Cache-Control"] == "public, max-age=31536000, immutable"
            with Image.open(io.BytesIO(response.content)) as image:
                assert image.size == (width, width // 2)


def test_large_picture_is_made_smaller(editor: Client) -> None:
    upload(editor, photo((3200, 1600)))
    assert Picture.objects.get().widths == [480, 800, 1200, 1600]


def test_nothing_but_the_pixels_is_kept(editor: Client) -> None:
    assert upload(editor, taken_somewhere()) == []
    picture = Picture.objects.get()
    assert (picture.width, picture.height) == (500, 1000)
    for ending in ("avif", "webp"):
        content = Client().get(picture.url(500, ending)).content
        assert b"Sample Road" not in content
        with Image.open(io.BytesIO(content)) as image:
            assert dict(image.getexif()) == {}
            assert not {"exif", "icc_profile", "xmp"} & set(image.info)


def test_picture_without_what_it_shows_is_refused(editor: Client) -> None:
    assert upload(editor, photo(), alt=" ") == ["alt"]
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("drawing.jpg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("moving.gif", photo((300, 300), "GIF")),
        ("half.jpg", photo((1000, 800))[:900]),
        ("bomb.png", png_header(30_000, 30_000)),
        ("bomb.png", png_header(2_000_000_000, 2_000_000_000)),
        ("small.png", photo((199, 900), "PNG")),
    ],
)
def test_what_is_no_picture_to_show_is_refused(editor: Client, name: str, content: bytes) -> None:
    assert upload(editor, content, name) == ["file"]
    assert not Picture.objects.exists()


def test_file_that_is_too_large_is_refused_unread(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.pictures.MOST_BYTES", 100)
    monkeypatch.setattr("articles.pictures.Image.open", pytest.fail)
    assert upload(editor, photo()) == ["file"]


def test_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.pictures.MOST_PIXELS", 300 * 300)
    monkeypatch.setattr("articles.pictures.only_pixels", pytest.fail)
    assert upload(editor, photo((300, 301))) == ["file"]


@pytest.mark.parametrize("name", ["nothing.webp", "..", "0000000000000000-480.webp", "a.html"])
def test_picture_that_is_not_there_is_404(name: str) -> None:
    assert Client().get(f"/articles/pictures/{name}").status_code == 404


def test_article_shows_a_picture_with_its_sizes_and_words() -> None:
    picture = articles.picture(key="chair", width=1000, height=500)
    article = articles.published(body="## Here\n\n![A *soft* chair & a lamp](chair)\n\nText.")
    shown = Client().get(article.get_absolute_url()).content.decode()
    assert 'alt="A soft chair &amp; a lamp" width="1000" height="500"' in shown
    assert f"{picture.url(480, 'avif')} 480w" in shown
    assert "<source" in shown


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("![A chair](chiar)", "Did you mean “chair”?"),
        ("![](chair)", "Say what the picture “chair” shows"),
        ("![A chair](https://example.com/chair.jpg)", "There is no picture"),
    ],
)
def test_picture_that_breaks_a_rule_is_refused_when_saved(markdown: str, words: str) -> None:
    articles.picture(key="chair")
    with pytest.raises(ValidationError) as caught:
        articles.draft(body=f"## Here\n\n{markdown}")
    assert words in caught.value.message_dict["body"][0]


def test_key_and_file_of_a_picture_stay(editor: Client) -> None:
    picture = articles.picture(key="chair")
    change = reverse("admin:articles_picture_change", args=[picture.pk])
    editor.post(change, {"key": "other", "alt": "A blue chair.", "file": ""})
    picture.refresh_from_db()
    assert (picture.key, picture.alt) == ("chair", "A blue chair.")
    assert (
        editor.post(reverse("admin:articles_picture_delete", args=[picture.pk])).status_code == 403
    )
