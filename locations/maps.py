"""A drawn map for every clinic: a town with its light on, among hills, water and roads.

The same clinic always gets the same drawing. It holds two facts, the town's name and the area it is
known by; everything else is made up and says so. It carries classes only: its colours are those of
the covers, in static/css/site.css.
"""

import hashlib
import random
import textwrap

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from locations.models import Location

WIDTH, HEIGHT = 400, 250
PALETTES = ("a", "b", "c", "d")
# Letters that fit in a line of each size; what needs more than two lines is left to the page.
TOWN_LETTERS, AREA_LETTERS = 24, 40


def map_svg(clinic: Location) -> SafeString:
    """The drawing of one clinic, as an inline SVG."""
    seed = hashlib.sha256(f"map {clinic.slug}".encode()).digest()
    dice = random.Random(seed)  # noqa: S311 -- a picture, no secret
    x, y = dice.randrange(170, 231), dice.randrange(88, 106)
    land = [*_hills(dice), _river(dice), *_roads(dice, x, y)]
    return format_html(
        '<svg class="cover cover-{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        dice.choice(PALETTES),
        WIDTH,
        HEIGHT,
        _title(clinic),
        mark_safe("".join([*land, *_town(x, y)])),
        _label(clinic.name, x, y + 42, 26, TOWN_LETTERS, "serif"),
        _label(clinic.area, WIDTH // 2, HEIGHT - 36, 18, AREA_LETTERS),
    )


def _title(clinic: Location) -> str:
    if not clinic.area:
        return _("Drawing of %(town)s, not to scale") % {"town": clinic.name}
    return _("Drawing of %(town)s, known by %(area)s, not to scale") % {
        "town": clinic.name,
        "area": clinic.area,
    }


def _hills(dice: random.Random) -> list[str]:
    """High ground in two corners, two lines of height each."""
    parts = []
    for corner in dice.sample((0, 1, 2, 3), 2):
        x = WIDTH * (corner % 2) + dice.randrange(-20, 21)
        y = HEIGHT * (corner // 2) + dice.randrange(-20, 21)
        sizes = dice.randrange(100, 130), dice.randrange(46, 70)
        parts += [f'<path class="hill" d="{_blob(dice, x, y, size)}"/>' for size in sizes]
    return parts


def _blob(dice: random.Random, x: int, y: int, size: int) -> str:
    """A round, uneven outline around (x, y)."""
    east, south, west, north = (size + dice.randrange(-size // 4, size // 4) for _side in range(4))
    bend = 0.56
    return (
        f"M{x + east} {y}"
        f"C{x + east} {y + south * bend:.0f} {x + east * bend:.0f} {y + south} {x} {y + south}"
        f"C{x - west * bend:.0f} {y + south} {x - west} {y + south * bend:.0f} {x - west} {y}"
        f"C{x - west} {y - north * bend:.0f} {x - west * bend:.0f} {y - north} {x} {y - north}"
        f"C{x + east * bend:.0f} {y - north} {x + east} {y - north * bend:.0f} {x + east} {y}z"
    )


def _river(dice: random.Random) -> str:
    """Water from the top edge to the bottom, on one side of the town."""
    top = dice.choice((dice.randrange(40, 110), dice.randrange(290, 360)))
    bottom = top + dice.randrange(-50, 51)
    left, right = top - dice.randrange(50, 80), top + dice.randrange(50, 80)
    wide = dice.randrange(14, 22)
    return (
        f'<path class="water" d="M{top} 0C{right} 80 {left} 160 {bottom} {HEIGHT}'
        f'h{wide * 2}C{left + wide * 2} 160 {right + wide} 80 {top + wide} 0z"/>'
    )


def _roads(dice: random.Random, x: int, y: int) -> list[str]:
    """Three roads that meet in the town."""
    ends = (
        (0, dice.randrange(40, 210)),
        (WIDTH, dice.randrange(40, 210)),
        (dice.randrange(120, 280), 0),
    )
    return [
        f'<path class="gleam" fill="none" d="M{end_x} {end_y}'
        f"C{(end_x + x) // 2} {end_y + dice.randrange(-30, 31)}"
        f' {(end_x + x) // 2 + dice.randrange(-30, 31)} {y} {x} {y}"/>'
        for end_x, end_y in ends
    ]


def _town(x: int, y: int) -> list[str]:
    circles = (("halo", 46), ("halo", 24), ("light", 10))
    return [f'<circle class="{name}" cx="{x}" cy="{y}" r="{size}"/>' for name, size in circles]


def _label(text: str, x: int, y: int, size: int, letters: int, face: str = "sans") -> SafeString:
    """The words in one line or two, centred under (x, y); nothing where they do not fit."""
    lines = textwrap.wrap(text, letters, break_long_words=False)
    if len(lines) > 2 or any(len(line) > letters for line in lines):
        return mark_safe("")
    return format_html_join(
        "",
        '<text class="{}" x="{}" y="{}" font-size="{}" text-anchor="middle"'
        ' fill="currentColor">{}</text>',
        ((face, x, y + number * (size + 2), size, line) for number, line in enumerate(lines)),
    )
