"""The pictures of shared links: drawn for what is public only, the same each time, never stale."""

import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image, ImageChops

from articles import covers, plates, share
from articles.models import Article
from clinic.models import SiteText
from tests import build
from tests.articles import build as articles
from tests.pages import Page

pytestmark = pytest.mark.django_db

CARD = share.Card("side-effects", "Side effects and safety", "Your visit")


@pytest.fixture(autouse=True)
def _site_text() -> None:
    build.site_text()


def drawn(card: share.Card, site_name: str = "Sample Clinics") -> bytes:
    return share.png.__wrapped__(card, site_name)


def picture_address(client: Client, article: Article) -> str:
    address = Page(client, article.get_absolute_url()).meta("og:image")
    assert address
    return address.removeprefix(settings.SITE_URL)


def test_picture_is_a_png_of_the_size_that_sharers_want(client: Client) -> None:
    response = client.get(picture_address(client, articles.published()))
    assert response["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 630))
    assert len(response.content) < 60_000


def test_picture_same_words_are_the_same_bytes() -> None:
    assert drawn(CARD) == drawn(CARD)


@pytest.mark.parametrize(
    "other",
    [
        share.Card("other", CARD.title, CARD.topic),
        share.Card(CARD.slug, "Other", CARD.topic),
        share.Card(CARD.slug, CARD.title, "Other"),
    ],
)
def test_picture_other_words_have_another_picture_and_version(other: share.Card) -> None:
    assert drawn(other) != drawn(CARD)
    assert other.version != CARD.version


def test_picture_of_unpublished_article_is_not_found(client: Client) -> None:
    for article in (articles.draft(), articles.approved()):
        assert client.get(f"{article.get_absolute_url()}share.png").status_code == 404


def test_picture_of_withdrawn_article_is_not_found(client: Client) -> None:
    article = articles.published()
    address = picture_address(client, article)
    article.withdraw(build.user("Editor"))
    assert client.get(address).status_code == 404


def test_picture_is_kept_for_a_week_under_its_version_only(client: Client) -> None:
    article = articles.published()
    address = picture_address(client, article)
    assert client.get(address)["Cache-Control"] == "public, max-age=604800"
    for query in ("", "?v=older"):
        path = f"{article.get_absolute_url()}share.png{query}"
        assert client.get(path)["Cache-Control"] == "public, max-age=60"


def test_picture_unchanged_is_304_and_not_drawn(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = picture_address(client, articles.published())
    etag = client.get(address)["ETag"]
    monkeypatch.setattr(share, "png", None)
    again = client.get(address, headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again["ETag"] == etag


def test_picture_new_title_has_a_new_address(client: Client) -> None:
    article = articles.published(title="Before")
    before = picture_address(client, article)
    editor = build.user("Editor")
    revision = article.save_revision(editor, **articles.text(title="After"))
    articles.approve(revision)
    article.publish(revision, editor, because="a study was added.")
    assert picture_address(client, article) != before


def test_picture_new_site_name_has_a_new_etag(client: Client) -> None:
    address = picture_address(client, articles.published())
    before = client.get(address)
    SiteText.objects.create(name="Another name")
    after = client.get(address, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.content != before.content


def test_picture_may_be_shown_by_other_sites(client: Client) -> None:
    response = client.get(picture_address(client, articles.published()))
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("title", "site_name"),
    [
        ("A", ""),
        ("Word " * 28, "Name " * 16),
        ("</svg><script>", "A"),
        ("Ünïcödé “quotes” and 中文", "N" * 80),
    ],
)
def test_words_of_any_length_stay_inside_their_column(title: str, site_name: str) -> None:
    size, lines = share.fitted(title)
    assert lines
    assert len(lines) * size * share.LEADING <= share.TITLE_HEIGHT
    image = opened(drawn(share.Card("x", title, "Topic " * 13), site_name))
    gap = image.crop((share.WIDTH - share.PLATE - 20, 0, share.WIDTH - share.PLATE - 2, 630))
    assert gap.getcolors() == [(18 * 630, (17, 24, 29))]


def test_word_longer_than_its_column_does_not_reach_the_plate() -> None:
    box = (share.WIDTH - share.PLATE + 2, 0, share.WIDTH, 630)
    short, long = (
        opened(drawn(share.Card("x", title, "Topic"))).crop(box) for title in ("A", "W" * 140)
    )
    # The two differ by their palettes only; a letter would differ by far more.
    difference = ImageChops.difference(short, long).convert("L")
    assert not difference.point(lambda level: 255 * (level > 40)).getbbox()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_plate_follows_every_cover_that_can_be_drawn() -> None:
    for number in range(60):
        assert plates.plate(f"article-{number}", 45, 63).size == (45, 63)


def test_plate_refuses_a_command_it_does_not_know() -> None:
    with pytest.raises(KeyError):
        list(plates.path_points("M0 0Q1 1 2 2"))


def test_path_points_follow_relative_and_repeated_steps() -> None:
    path = "M10 10h5v5l5 5-5 5H0V0"
    points = [(10, 10), (15, 10), (15, 15), (20, 20), (15, 25), (0, 25), (0, 0)]
    assert list(plates.path_points(path)) == points


def scheme(name: str, css: str) -> dict[str, str]:
    found = re.search(rf"\.{name} {{([^}}]*--c-sky[^}}]*)}}", css)
    assert found
    return dict(re.findall(r"--c-(\w+): (#\w+)", found[1]))


def test_colours_are_those_of_the_night_scheme() -> None:
    css = (settings.BASE_DIR / "static/css/site.css").read_text()
    tokens: dict[str, Any] = dict(re.findall(r"--(\w+): (#\w+)", css.split("@media", 1)[0]))
    names = ("paper", "ink", "soft", "ember")
    assert [tokens[name] for name in names] == [share.PAPER, share.INK, share.SOFT, share.EMBER]
    base = scheme("cover", css)
    assert base.pop("wall") == plates.WALL
    for letter in covers.PALETTES:
        special = {} if letter == "a" else scheme(f"cover-{letter}", css)
        assert plates.PALETTES[letter] == base | special
