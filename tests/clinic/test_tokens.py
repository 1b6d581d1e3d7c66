"""Colours can be told apart, and what is written about them is what is in the style sheet."""

import re

import pytest
from django.conf import settings
from django.test import Client

from clinic import tokens

DECISION = settings.BASE_DIR / "docs/decisions/0007-the-visual-system.md"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#777777", "#ffffff", 4.47),
        ("#767676", "#ffffff", 4.54),
    ],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert tokens.contrast(one, other) == ratio
    assert tokens.contrast(other, one) == ratio


@pytest.mark.parametrize(
    "pair", list(tokens.measured()), ids=lambda p: f"{p.scheme}-{p.front}-{p.back}"
)
def test_pair_reaches_aa(pair: tokens.Measured) -> None:
    assert pair.ratio >= pair.needed


def test_every_pair_is_measured_in_both_schemes() -> None:
    sides = tokens.measured_side_by_side()
    assert len(sides) == len(tokens.PAIRS) + len(tokens.FOOT)
    for night, day in sides:
        assert (night.scheme, day.scheme) == ("night", "day")
        assert (night.front, night.back) == (day.front, day.back)


def test_every_colour_that_carries_words_is_measured() -> None:
    """A new token has to be put into a pair, or named here as scenery."""
    scenery = {"hill", "glow", "far", "mid", "near", "wall", "water", "line", "deep-line"}
    paired = {
        name for front, back, *_rest in (*tokens.PAIRS, *tokens.FOOT) for name in (front, back)
    }
    assert set(tokens.schemes()["night"]) == paired | scenery


def test_day_overrides_only_what_night_has() -> None:
    css = tokens.STYLE_SHEET.read_text()
    day = css.partition("@media (prefers-color-scheme: light)")[2].partition("@layer")[0]
    assert set(tokens.colours(day)) <= set(tokens.schemes()["night"])


def test_decision_prints_the_ratios_that_are_measured() -> None:
    rows = [
        f"| `{night.front}` on `{night.back}` | {night.used_for} | {night.needed:g} "
        f"| {night.ratio:.2f} | {day.ratio:.2f} |"
        for night, day in tokens.measured_side_by_side()
    ]
    assert re.findall(r"^\| `[a-z].* on .*$", DECISION.read_text(), re.M) == rows


def test_theme_colours_of_the_browser_are_the_paper(client: Client, db: None) -> None:
    html = client.get("/").content.decode()
    assert re.findall(r'name="theme-color"[^>]*content="(#\w+)"', html) == [
        tokens.schemes()["day"]["paper"],
        tokens.schemes()["night"]["paper"],
    ]


def test_style_guide_shows_every_colour_and_pair(client: Client, db: None) -> None:
    html = client.get("/styleguide/").content.decode()
    for name in tokens.schemes()["night"]:
        assert f'fill="var(--{name})"' in html
    assert html.count(" on <code>") == len(tokens.measured_side_by_side())


# Worn by a whole page, made by a script, hidden from people, or one of several random covers.
NOT_SHOWN = {"asking", "suggestions", "trap", "cover-a", "cover-b", "cover-c", "cover-d"}


@pytest.mark.usefixtures("db", "whole_site")
def test_style_guide_shows_every_component(client: Client) -> None:
    css = re.sub(r"/\*.*?\*/", "", tokens.STYLE_SHEET.read_text(), flags=re.S)
    layer = css.partition("@layer components {")[2].partition("\n@layer ")[0]
    selectors = " ".join(re.findall(r"([^{}]+)\{", layer))
    components = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))
    html = client.get("/styleguide/").content.decode()
    shown = {name for worn in re.findall(r'class="([^"]*)"', html) for name in worn.split()}
    assert components - shown - NOT_SHOWN == set()


STAFF_SHEET = settings.BASE_DIR / "static/css/staff.css"


def test_staff_site_wears_the_colours_of_the_public_site() -> None:
    """Its sheet stands alone, for the admin has names of its own; its colours may not drift."""
    schemes = tokens.schemes()
    light, *nights = re.findall(r"\{\s*(--paper:[^}]*)\}", STAFF_SHEET.read_text())
    assert len(nights) == 2
    for scheme, block in [("day", light), *(("night", block) for block in nights)]:
        worn = tokens.colours(block)
        del worn["calm-wash"]  # behind the message that something was saved: staff pages only
        assert worn == {name: schemes[scheme][name] for name in worn}
