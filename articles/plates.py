"""An article's cover as pixels, drawn from the SVG that its page shows."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from PIL import Image, ImageDraw

from articles import covers

# Drawn larger and scaled down: Pillow's own edges are not smooth.
OVERSAMPLING = 3

# The night scheme of static/css/site.css; a test holds the two together.
SCENERY = {"sky": "#2b4856", "hill": "#0c191f", "light": "#f7c97e", "water": "#23414e"}
PALETTES = {
    "a": SCENERY,
    "b": SCENERY | {"sky": "#4a3a4c", "hill": "#1a1220", "water": "#3a2d40"},
    "c": SCENERY | {"sky": "#34493f", "hill": "#0f1a15", "water": "#2a4038"},
    "d": SCENERY | {"sky": "#5a4433", "hill": "#1e140d", "water": "#463527"},
}
WALL = "#091114"
# Class in the SVG: its colour in the palette, and its opacity.
PAINT = {
    "hill": ("hill", 0.42), "near": ("hill", 0.8), "water": ("water", 1), "light": ("light", 1),
    "halo": ("light", 0.13), "road": ("light", 0.5), "gleam": ("light", 0.8), "wall": ("", 1),
}  # fmt: skip

Point = tuple[float, float]


def plate(slug: str, plate_width: int, plate_height: int) -> Image.Image:
    """The part of the cover around its lights, by night, in pixels."""
    svg = ElementTree.fromstring(covers.cover_svg(slug))  # noqa: S314 -- our own picture
    colours = PALETTES[svg.attrib["class"][-1]]
    size = (plate_width * OVERSAMPLING, plate_height * OVERSAMPLING)
    scale = size[1] / covers.HEIGHT
    width = size[0] / scale
    lights = [shape_points(shape)[0][0] for shape in svg if shape.attrib["class"] == "light"]
    left = min(max(sum(lights) / len(lights) - width / 2, 0), covers.WIDTH - width)
    picture = Image.new("RGB", size, colours["sky"])
    for shape in svg:
        points = [((x - left) * scale, y * scale) for x, y in shape_points(shape)]
        paint(picture, shape.attrib["class"], points, scale, colours)
    return picture.resize((plate_width, plate_height), Image.Resampling.LANCZOS)


def paint(
    picture: Image.Image, name: str, points: list[Point], scale: float, colours: dict[str, str]
) -> None:
    colour, opacity = PAINT[name]
    mask = Image.new("L", picture.size)
    pen, strength = ImageDraw.Draw(mask), round(opacity * 255)
    if name == "gleam":
        pen.line(points, strength, round(2.5 * scale))
        for x, y in points:
            pen.circle((x, y), 1.25 * scale, strength)
    else:
        pen.polygon(points, strength)
    picture.paste(colours.get(colour, WALL), mask=mask)


def shape_points(shape: ElementTree.Element) -> list[Point]:
    """The outline of a circle or path as a polygon, in the cover's own units."""
    if "d" in shape.attrib:
        return list(path_points(shape.attrib["d"]))
    x, y, radius = (float(shape.attrib[name]) for name in ("cx", "cy", "r"))
    # Four arcs; .5523 makes a cubic the nearest to a quarter circle.
    k = radius * 0.5523
    arcs = (
        f"C{x + k} {y - radius} {x + radius} {y - k} {x + radius} {y}"
        f"S{x + k} {y + radius} {x} {y + radius}S{x - radius} {y + k} {x - radius} {y}"
        f"S{x - k} {y - radius} {x} {y - radius}"
    )
    return list(path_points(f"M{x} {y - radius}{arcs}"))


def path_points(path: str) -> Iterator[Point]:
    """Follows the commands that covers use, M H V C S, and l v c relative to the last point.

    Raises KeyError for any other.
    """
    x = y = 0.0
    handle: Point = (0, 0)
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path.removesuffix("z")):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        for step in steps(command, numbers):
            origin = (x, y) if command.islower() else (0.0, 0.0)
            end, *handles = absolute(step, command, (x, y), origin, handle)
            yield from curve((x, y), handles[0], handles[1], end) if handles else [end]
            (x, y), handle = end, handles[1] if handles else end


LENGTHS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4}


def steps(command: str, numbers: list[float]) -> Iterator[list[float]]:
    """The numbers of each repetition of a command."""
    length = LENGTHS[command.upper()]
    for start in range(0, len(numbers), length):
        yield numbers[start : start + length]


def absolute(
    step: list[float], command: str, here: Point, origin: Point, handle: Point
) -> list[Point]:
    """Where a step ends, and the two handles of a curve."""
    kind = command.upper()
    if kind == "H":
        return [(step[0] + origin[0], here[1])]
    if kind == "V":
        return [(here[0], step[0] + origin[1])]
    pairs = zip(step[::2], step[1::2], strict=True)
    points = [(x + origin[0], y + origin[1]) for x, y in pairs]
    if kind == "S":
        points.insert(0, (2 * here[0] - handle[0], 2 * here[1] - handle[1]))
    return [points[-1], *points[:-1]]


def curve(start: Point, first: Point, second: Point, end: Point) -> Iterator[Point]:
    """A cubic Bézier curve in 32 straight pieces."""
    for n in range(1, 33):
        t = n / 32
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        points = (start, first, second, end)
        yield (
            sum(weight * point[0] for weight, point in zip(weights, points, strict=True)),
            sum(weight * point[1] for weight, point in zip(weights, points, strict=True)),
        )
