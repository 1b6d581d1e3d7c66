"""The picture that a shared link to an article shows: its title beside its cover.

Sharers ignore SVG, so the cover's own SVG is drawn again as PNG. The same words and slug always
give the same bytes.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from articles import plates
from articles.models import Article, Revision
from clinic import seo

WIDTH, HEIGHT = 1200, 630
PLATE = 452
MARGIN = 72
MEASURE = WIDTH - PLATE - MARGIN - 48
TITLE_HEIGHT = 330
TITLE_SIZES = range(80, 35, -4)
LEADING = 1.12
# Change it when the drawing changes, so that no sharer keeps the old one.
DESIGN = "1"

# The night scheme of static/css/site.css; a test holds the two together.
PAPER, INK, SOFT, EMBER = "#11181d", "#efe8da", "#bbb7aa", "#f3b963"


@dataclass(frozen=True)
class Card:
    """The article's words on the picture, and the slug that its cover is drawn from."""

    slug: str
    title: str
    topic: str

    @property
    def version(self) -> str:
        """Changes with what is drawn of the article, and with nothing else."""
        return digest(DESIGN, self.slug, self.title, self.topic)

    @property
    def url(self) -> str:
        path = reverse("articles:share_picture", args=[self.slug])
        return seo.absolute(f"{path}?v={self.version}")

    @property
    def alt(self) -> str:
        return _("The title “%(title)s” beside a drawing of hills and a light.") % {
            "title": self.title
        }


def card(article: Article, revision: Revision) -> Card:
    return Card(article.slug, revision.title, article.topic.name)


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@lru_cache(maxsize=64)
def png(card: Card, site_name: str) -> bytes:
    """The picture, 1200 by 630. Takes a quarter of a second, so the newest are kept."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    write(picture, card, site_name)
    # Last, so that a word too long for its column ends at the plate.
    picture.paste(plates.plate(card.slug, PLATE, HEIGHT), (WIDTH - PLATE, 0))
    file = io.BytesIO()
    # Few colours and flat areas: a palette is a third of the bytes and looks the same.
    picture.quantize(128, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


# --- Words --------------------------------------------------------------------------------------


def write(picture: Image.Image, card: Card, site_name: str) -> None:
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, 66), card.topic, EMBER, narrowed(card.topic, 32, 600, MEASURE))
    size, lines = fitted(card.title)
    set_in, y = font(size, 500), 128.0
    for line in lines:
        draw.text((MARGIN, y), line, INK, set_in)
        y += size * LEADING
    mark = Image.open(settings.BASE_DIR / "static/img/apple-touch-icon.png").convert("RGB")
    foot = HEIGHT - 66 - 52
    picture.paste(mark.resize((52, 52), Image.Resampling.LANCZOS), (MARGIN, foot))
    name_in = narrowed(site_name, 30, 500, MEASURE - 70)
    draw.text((MARGIN + 70, foot + 26), site_name, SOFT, name_in, anchor="lm")


def font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The site's own serif."""
    face = ImageFont.truetype(settings.BASE_DIR / "static/fonts/newsreader.woff2", size)
    face.set_variation_by_axes([weight])
    return face


def narrowed(text: str, size: int, weight: int, width: int) -> ImageFont.FreeTypeFont:
    """The size asked for, or the smaller one at which the text fits on one line."""
    across = font(size, weight).getlength(text)
    return font(min(size, int(size * width / across)) if across else size, weight)


def fitted(title: str) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines. The longest is cut at the end."""
    size, lines = TITLE_SIZES[0], [title]
    for size in TITLE_SIZES:
        face = font(size, 500)
        lines = balanced(title, face)
        fits_across = all(face.getlength(line) <= MEASURE for line in lines)
        if fits_across and len(lines) * size * LEADING <= TITLE_HEIGHT:
            break
    return size, lines[: int(TITLE_HEIGHT / size / LEADING)]


def balanced(text: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """As few lines as there can be, of about the same length: no word is left alone on the last."""
    lines = wrapped(text, face, MEASURE)
    for measure in range(MEASURE - 20, MEASURE // 2, -20):
        narrower = wrapped(text, face, measure)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def wrapped(text: str, face: ImageFont.FreeTypeFont, measure: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and face.getlength(f"{lines[-1]} {word}") <= measure:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
