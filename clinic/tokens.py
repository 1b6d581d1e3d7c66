"""The colours of the site, read from its style sheet, and how well they can be told apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings

STYLE_SHEET = settings.BASE_DIR / "static/css/site.css"
# WCAG 2.2, AA: 1.4.3 for text, 1.4.11 for what one must see to use a control.
TEXT, CONTROL = 4.5, 3.0

# Which colour stands on which, what it must reach, and where.
PAIRS = (
    ("ink", "paper", TEXT, "text"),
    ("soft", "paper", TEXT, "dates, hints, fine print"),
    ("link", "paper", TEXT, "links"),
    ("ember", "paper", TEXT, "kickers, numbers of lists"),
    ("alarm", "paper", TEXT, "error messages"),
    ("calm", "paper", TEXT, "the tag “Open”"),
    ("ink", "raised", TEXT, "text in callouts"),
    ("soft", "raised", TEXT, "fine print in callouts"),
    ("link", "raised", TEXT, "links in callouts"),
    ("ember", "raised", TEXT, "kickers in callouts"),
    ("alarm", "alarm-wash", TEXT, "the dangerous button under a pointer"),
    ("lamp-ink", "lamp", TEXT, "the one button"),
    ("deep-ink", "deep", TEXT, "crisis help"),
    ("paper", "ink", TEXT, "the chosen topic"),
    ("edge", "paper", CONTROL, "edges of fields and buttons"),
    ("edge", "raised", CONTROL, "edges on a callout"),
    ("lamp-edge", "paper", CONTROL, "what is chosen or current"),
    ("focus", "paper", CONTROL, "the ring around what has the focus"),
    ("focus", "raised", CONTROL, "the same on a callout"),
)
# The foot of every page is a hill by night, in both schemes, with colours of its own.
FOOT = (
    ("ink", "ground", TEXT, "text in the foot"),
    ("soft", "ground", TEXT, "fine print in the foot"),
    ("link", "ground", TEXT, "links in the foot"),
    ("focus", "ground", CONTROL, "the ring in the foot"),
)


@dataclass(frozen=True)
class Measured:
    """One pair in one scheme."""

    scheme: str
    front: str
    back: str
    ratio: float
    needed: float
    used_for: str

    @property
    def passes(self) -> bool:
        return self.ratio >= self.needed


@cache
def schemes() -> dict[str, dict[str, str]]:
    """Each scheme's colours by token. Day overrides night."""
    tokens = block(r"@layer tokens \{(.*?)\n\}")
    night, _media, day = tokens.partition("@media (prefers-color-scheme: light)")
    return {"night": colours(night), "day": colours(night) | colours(day)}


@cache
def foot() -> dict[str, str]:
    """What the foot of the page sets for itself; its plain colour is its ink."""
    return colours(block(r"\n  \.ground \{(.*?)\}").replace("; color:", "; --ink:"))


def block(pattern: str) -> str:
    """The first place of the style sheet that matches. Raises IndexError where none does."""
    found: list[str] = re.findall(pattern, STYLE_SHEET.read_text(encoding="utf-8"), re.S)
    return found[0]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))


def measured() -> Iterator[Measured]:
    for scheme, tokens in schemes().items():
        for pairs, here in ((PAIRS, tokens), (FOOT, tokens | foot())):
            for front, back, needed, used_for in pairs:
                ratio = contrast(here[front], here[back])
                yield Measured(scheme, front, back, ratio, needed, used_for)


def measured_side_by_side() -> list[tuple[Measured, Measured]]:
    """Each pair by night and by day."""
    every = list(measured())
    half = len(every) // 2
    return list(zip(every[:half], every[half:], strict=True))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2 between two colours, as #rrggbb: 1 to 21, cut after two decimals."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return int((lighter + 0.05) / (darker + 0.05) * 100) / 100


def luminance(colour: str) -> float:
    red, green, blue = (linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
