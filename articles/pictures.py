"""The pictures that articles show: what may come in, and the files that readers get.

A picture comes in once and never changes. Readers get it as AVIF or WebP in the width their screen
needs; what else was in the file (where it was taken, with what) is not kept.
"""

import hashlib
import io
import re
import warnings
from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from articles.library import nearest_key

FOLDER = "pictures"
FORMATS = ("JPEG", "PNG", "WEBP")
WIDTHS = (480, 800, 1200, 1600)
SHORTEST_SIDE = 200
MOST_BYTES = 12 * 1024 * 1024
# Said in the header of a file, before anything is unpacked: a small file may unpack to gigabytes.
MOST_PIXELS = 40_000_000
# As wide as the column of text, or the screen.
SIZES = "(min-width: 48rem) 42rem, 100vw"
TYPES = {"avif": "image/avif", "webp": "image/webp"}
NAME = re.compile(r"[0-9a-f]{16}-[0-9]{3,4}\.(avif|webp)")
QUALITY: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 8},
    "webp": {"quality": 78, "method": 4},
}


class PictureQuerySet(models.QuerySet["Picture"]):
    def by_key(self, keys: Collection[str]) -> dict[str, "Picture"]:
        return {picture.key: picture for picture in self.filter(key__in=keys)}

    def nearest(self, key: str) -> str:
        """The key most like one that is not there, or nothing."""
        return nearest_key(key, self.values_list("key", flat=True))


class Picture(models.Model):
    """A picture that articles show as ![what it shows](key)."""

    key = models.SlugField(
        _("key"), unique=True, help_text=_("Short, for example chair-by-window. It stays.")
    )
    alt = models.CharField(
        _("what it shows"),
        max_length=250,
        help_text=_(
            "For people who do not see it, in one sentence: A reclining chair by a window with a "
            "blanket over its arm."
        ),
    )
    digest = models.CharField(max_length=16, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.key

    def take_in(self, image: Image.Image) -> None:
        """Writes the files that readers get, and remembers their sizes. Does not save the row."""
        self.digest = digest(image)
        self.width, self.height = fitted(image.size, WIDTHS[-1])
        for width in self.widths:
            smaller = image.resize(fitted(image.size, width), Image.Resampling.LANCZOS)
            for ending in TYPES:
                write(f"{FOLDER}/{self.name(width, ending)}", smaller, ending)

    @property
    def widths(self) -> list[int]:
        return [*(width for width in WIDTHS if width < self.width), self.width]

    def name(self, width: int, ending: str) -> str:
        return f"{self.digest}-{width}.{ending}"

    def url(self, width: int, ending: str = "webp") -> str:
        return reverse("articles:picture", args=[self.name(width, ending)])

    @property
    def thumbnail_url(self) -> str:
        return self.url(self.widths[0])

    def srcset(self, ending: str) -> str:
        return ", ".join(f"{self.url(width, ending)} {width}w" for width in self.widths)

    def html(self, alt: str) -> SafeString:
        """The picture in a text, with the words that this text has for it."""
        sizes = format_html('sizes="{}"', SIZES)
        return format_html(
            '<picture><source type="image/avif" srcset="{}" {}><img src="{}" srcset="{}" {} '
            'alt="{}" width="{}" height="{}" loading="lazy" decoding="async"></picture>',
            self.srcset("avif"),
            sizes,
            self.url(min(self.width, WIDTHS[1])),
            self.srcset("webp"),
            sizes,
            alt,
            self.width,
            self.height,
        )


# --- What comes in ------------------------------------------------------------------------------


def read(file: File) -> Image.Image:
    """The picture in a file, upright, in sRGB and without anything else that the file says.

    Raises ValidationError for what is no picture, too large, or too small.
    """
    if file.size is not None and file.size > MOST_BYTES:
        raise ValidationError(_("This file is larger than 12 MB. Save it smaller and try again."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=FORMATS)
            refuse_size(*image.size)
            return only_pixels(image)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise ValidationError(
            _("This is not a picture that can be shown. Choose a whole JPEG, PNG or WebP file.")
        ) from error


def digest(image: Image.Image) -> str:
    """What names the files of a picture: the same for the same pixels."""
    return hashlib.sha256(image.tobytes() + repr(image.size).encode()).hexdigest()[:16]


def refuse_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ValidationError(
            _("This picture has more than 40 million pixels. Make it smaller and try again.")
        )
    if min(width, height) < SHORTEST_SIDE:
        raise ValidationError(_("This picture is too small: each side needs 200 pixels or more."))


def only_pixels(image: Image.Image) -> Image.Image:
    upright = in_srgb(ImageOps.exif_transpose(image))
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    return bare


def in_srgb(image: Image.Image) -> Image.Image:
    """Colours as every screen shows them: the profile is not kept. A broken one is ignored."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError):
        return image


def fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    """No wider than `width`, in the same shape, and never enlarged."""
    across = min(size[0], width)
    return across, max(1, round(size[1] * across / size[0]))


def write(path: str, image: Image.Image, ending: str) -> None:
    """A file is named after what is in it: one that is there already is the same."""
    if default_storage.exists(path):
        return
    content = io.BytesIO()
    image.save(content, ending.upper(), **QUALITY[ending])
    default_storage.save(path, ContentFile(content.getvalue()))


# --- What goes out ------------------------------------------------------------------------------


def stored(name: str) -> tuple[bytes, str] | None:
    """The file that `Picture.name` names, with its type; or None."""
    found = NAME.fullmatch(name)
    path = f"{FOLDER}/{name}"
    if found is None or not default_storage.exists(path):
        return None
    with default_storage.open(path) as file:
        return file.read(), TYPES[found[1]]


def files_of(picture: Picture) -> Iterator[str]:
    """The paths of all its files in the storage."""
    for width in picture.widths:
        for ending in TYPES:
            yield f"{FOLDER}/{picture.name(width, ending)}"
