"""Bar charts as SVG, drawn on the server: no script, no style attribute, readable in print.

Each is one picture with a title and a description; the numbers stand in a table beneath it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 28
STEPS = 4
MOST_LABELS = 9


@dataclass(frozen=True)
class Series:
    """One colour of the chart: a value for each group."""

    name: str
    values: Sequence[float]


def bar_chart(
    key: str, title: str, groups: Sequence[str], series: Sequence[Series], *, stacked: bool = True
) -> SafeString:
    """Bars in groups, on top of each other or side by side. `key` makes the ids unique."""
    top = _round_up(_highest(groups, series, stacked=stacked))
    described = ", ".join(each.name for each in series)
    parts = [*_grid(top), *_bars(groups, series, top, stacked=stacked), *_labels(groups)]
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        WIDTH, HEIGHT, key, key, key, title, key, described,
        format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip


def _highest(groups: Sequence[str], series: Sequence[Series], *, stacked: bool) -> float:
    together = sum if stacked else max
    return max(
        (together([each.values[place] for each in series] or [0]) for place in range(len(groups))),
        default=0,
    )


def _round_up(value: float) -> float:
    """The next of 4, 8, 12, 20, 40, 80 …: four even steps with whole numbers."""
    size = 4.0
    while True:
        for factor in (1, 2, 3, 5):
            if size * factor >= value:
                return size * factor
        size *= 10


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)


def _grid(top: float) -> Iterator[SafeString]:
    for step in range(STEPS + 1):
        value = top * step / STEPS
        y = _y(value, top)
        yield format_html(
            '<path class="grid" d="M{} {}H{}"/><text class="mark" x="{}" y="{}">{}</text>',
            LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4, f"{value:g}",
        )  # fmt: skip


def _bars(
    groups: Sequence[str], series: Sequence[Series], top: float, *, stacked: bool
) -> Iterator[SafeString]:
    room = (WIDTH - LEFT - RIGHT) / max(len(groups), 1)
    width = min(room * 0.72 / (1 if stacked else max(len(series), 1)), 48)
    whole = width * (1 if stacked else len(series))
    for place in range(len(groups)):
        below, x = 0.0, LEFT + place * room + (room - whole) / 2
        for number, each in enumerate(series):
            value = each.values[place]
            if value:
                y, foot = _y(below + value, top), _y(below, top)
                yield format_html(
                    '<rect class="bar s{}" x="{}" y="{}" width="{}" height="{}"/>',
                    number % 4, round(x, 1), y, round(width, 1), round(foot - y, 1),
                )  # fmt: skip
            below, x = (below + value, x) if stacked else (0.0, x + width)


def _labels(groups: Sequence[str]) -> Iterator[SafeString]:
    room = (WIDTH - LEFT - RIGHT) / max(len(groups), 1)
    every = -(-len(groups) // MOST_LABELS) or 1
    for place in range(0, len(groups), every):
        x = round(LEFT + (place + 0.5) * room, 1)
        yield format_html(
            '<text class="label" x="{}" y="{}">{}</text>', x, HEIGHT - 8, groups[place]
        )
