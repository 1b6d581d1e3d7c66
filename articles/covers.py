"""A quiet landscape for every article: hills, a light, and water, a road or a house.

The same seed always draws the same picture. It carries classes only; its colours, by night and by
day, are in static/css/site.css.
"""

import hashlib
import random

WIDTH, HEIGHT = 400, 250
PALETTES = ("a", "b", "c", "d")


def cover_svg(seed: str) -> str:
    """The cover of the article with this slug, as an inline SVG that is safe to print unescaped.

    Nothing of `seed` itself is in the result.
    """
    dice = random.Random(hashlib.sha256(seed.encode()).digest())  # noqa: S311 -- a picture, no secret
    palette = dice.choice(PALETTES)
    scene = dice.choice((_water, _road, _house))
    light_x, light_y = dice.randrange(70, 330), dice.randrange(62, 104)
    parts = [
        *_light(light_x, light_y, dice.randrange(13, 21)),
        _hills(dice, 128, 26, 4, "hill"),
        _hills(dice, 160, 20, 3, "hill"),
        *scene(dice, light_x),
    ]
    return (
        f'<svg class="cover cover-{palette}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _light(x: int, y: int, radius: int) -> list[str]:
    rings = [_circle("halo", x, y, radius * 4), _circle("halo", x, y, radius * 2)]
    return [*rings, _circle("light", x, y, radius)]


def _circle(name: str, x: int, y: int, radius: int) -> str:
    return f'<circle class="{name}" cx="{x}" cy="{y}" r="{radius}"/>'


def _hills(dice: random.Random, y: int, swing: int, count: int, name: str) -> str:
    """A ridge around the height `y`, level at every crest and dip so that it rolls."""
    first = y + dice.randrange(-swing, swing)
    path = f"M0 {first}"
    before = first
    for number in range(count):
        x, end = WIDTH * number // count, WIDTH * (number + 1) // count
        middle = (x + end) // 2
        top = y + dice.randrange(-swing, swing)
        path += f"C{middle} {before} {middle} {top} {end} {top}"
        before = top
    return f'<path class="{name}" d="{path}V{HEIGHT}H0z"/>'


def _water(dice: random.Random, light_x: int) -> list[str]:
    """A lake that gives the light back in short strokes."""
    shore = dice.randrange(178, 196)
    parts = [f'<path class="water" d="M0 {shore}H{WIDTH}V{HEIGHT}H0z"/>']
    for row in range(5):
        half = 26 - row * 4 + dice.randrange(-4, 5)
        x, y = light_x + dice.randrange(-9, 10), shore + 8 + row * 11
        parts.append(f'<path class="gleam" d="M{x - half} {y}H{x + half}"/>')
    return parts


def _road(dice: random.Random, light_x: int) -> list[str]:
    """A pale road over the nearest hill, towards the light."""
    crest = dice.randrange(184, 198)
    start = light_x + dice.randrange(-100, 101)
    # Near the crest the road falls faster than the hill, or it would show as a line in the sky.
    bend = light_x + dice.choice((-40, 40))
    road = (
        f"M{light_x - 2} {crest}C{bend} {crest + 18} {bend} {crest + 26} {start - 26} {HEIGHT}"
        f"H{start + 26}C{bend + 34} {crest + 30} {bend + 12} {crest + 16} {light_x + 2} {crest}z"
    )
    hill = (
        f"M0 {crest + 26}C{light_x / 2:.0f} {crest + 20} {light_x - 60} {crest} {light_x} {crest}"
    )
    hill += f"S{(light_x + WIDTH) / 2:.0f} {crest + 24} {WIDTH} {crest + 16}V{HEIGHT}H0z"
    return [f'<path class="near" d="{hill}"/>', f'<path class="road" d="{road}"/>']


def _house(dice: random.Random, light_x: int) -> list[str]:
    """A house on the nearest hill, away from the light in the sky, with its door lit."""
    x = light_x + (110 if light_x < WIDTH // 2 else -110) + dice.randrange(-20, 21)
    y = dice.randrange(186, 198)
    return [
        _near_hill(x, y, 8),
        _circle("halo", x, y - 10, 34),
        f'<path class="wall" d="M{x - 15} {y + 6}v-24l15-12 15 12v24z"/>',
        f'<path class="light" d="M{x - 4} {y + 6}v-13c0-5.3 8-5.3 8 0v13z"/>',
    ]


def _near_hill(x: int, y: int, fall: int) -> str:
    """The nearest hill, with its crest at (x, y)."""
    path = f"M0 {y + 22}C{x // 2} {y + 22} {x - 55} {y} {x} {y}"
    path += f"S{(x + WIDTH) // 2} {y + 25} {WIDTH} {y + fall}V{HEIGHT}H0z"
    return f'<path class="near" d="{path}"/>'
