"""Covers: the same for the same article, different between articles, safe to print."""

from xml.etree import ElementTree

from articles.covers import PALETTES, cover_svg

SLUGS = [f"article-{number}" for number in range(60)]


def test_cover_same_seed_is_the_same_picture() -> None:
    assert cover_svg("side-effects") == cover_svg("side-effects")


def test_cover_other_seed_is_another_picture() -> None:
    assert len({cover_svg(slug) for slug in SLUGS}) == len(SLUGS)


def test_cover_every_palette_is_used() -> None:
    pictures = "".join(cover_svg(slug) for slug in SLUGS)
    used = {palette for palette in PALETTES if f"cover-{palette}" in pictures}
    assert used == set(PALETTES)


def test_cover_is_small_well_formed_and_hidden_from_assistive_technology() -> None:
    for slug in SLUGS:
        svg = cover_svg(slug)
        root = ElementTree.fromstring(svg)  # noqa: S314 -- our own picture
        assert root.get("aria-hidden") == "true"
        assert len(svg) < 1500


def test_cover_needs_no_exception_from_the_content_policy() -> None:
    for slug in SLUGS:
        assert "style=" not in cover_svg(slug)
        assert "id=" not in cover_svg(slug)


def test_cover_hostile_seed_leaves_nothing_in_the_picture() -> None:
    assert "script" not in cover_svg('"><script>alert(1)</script>')
