"""The pictures of a WordPress export. Their files come beside it: a copy of wp-content/uploads."""

import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.text import slugify

from articles import pictures
from articles.models import Picture

# WordPress keeps smaller copies beside a picture: chair-1024x683.jpg of chair.jpg.
# Not chair-e1589500000.jpg: what somebody cropped away there stays away.
SMALLER = re.compile(r"-(?:\d{1,5}x\d{1,5}|scaled|rotated)(?=\.\w{1,5}$)")
PHOTON = re.compile(r"https?://i\d\.wp\.com/")


class Media:
    """Takes pictures in by their address, each once, and lists those it cannot."""

    def __init__(self, folder: Path | None, *, keep: bool = True) -> None:
        """Without a folder every picture is missing. Without `keep` nothing is written."""
        self.folder, self.keep = folder.resolve() if folder else None, keep
        self.missing: set[str] = set()
        self.keys: dict[str, str] = {}

    def markdown(self, address: str, words: str) -> str:
        """The picture in a text, or, where its file or its words are missing, what to do about it.

        That stands in bold in the draft, so that nobody publishes it unseen.
        """
        address = short(address)
        name = path_of(address).rsplit("/", 1)[-1] or "picture"
        words = re.sub(r"[\[\]\\]", "", words)
        key = self.key(address, words)
        if not key:
            self.missing.add(address)
            return f"**Picture to add: {plain(words) or 'no words'} (file {plain(name)})**"
        if not words:
            return f"**Picture to describe and place: {key}**"
        return f"![{words}]({key})"

    def key(self, address: str, words: str) -> str:
        file = self.file(address)
        if file is None:
            return ""
        path = str(file)
        if path not in self.keys:
            self.keys[path] = self.take_in(file, words)
        return self.keys[path]

    def file(self, address: str) -> Path | None:
        """The whole picture in the folder, else the copy that the address names."""
        if self.folder is None:
            return None
        path = path_of(address)
        _before, found, inside = path.rpartition("/uploads/")
        wanted = (SMALLER.sub("", inside), inside) if found else (path.rsplit("/", 1)[-1],)
        return next(filter(None, map(self.inside, wanted)), None)

    def inside(self, wanted: str) -> Path | None:
        """The file there. The address comes from the export: it may not lead out of the folder."""
        if self.folder is None or not wanted.isprintable():
            return None
        # A copy made on a Mac has an accent as a letter of its own.
        for form in ("NFC", "NFD"):
            name = unicodedata.normalize(form, wanted).lstrip("/")
            try:
                file = (self.folder / name).resolve()
                if file.is_relative_to(self.folder) and file.is_file():
                    return file
            except (OSError, RuntimeError, ValueError):
                # Too long a name, or links that lead to each other.
                continue
        return None

    def take_in(self, file: Path, words: str) -> str:
        """The key of the picture, taken in unless it was before; "" for a file that is none."""
        try:
            with file.open("rb") as opened:
                image = pictures.read(File(opened))
        except (ValidationError, OSError):
            return ""
        digest = pictures.digest(image)
        known = Picture.objects.filter(digest=digest).first()
        if known:
            return known.key
        picture = Picture(key=free_key(file.stem), alt=words[:250])
        if self.keep:
            picture.take_in(image)
        else:
            picture.digest = digest
            picture.width, picture.height = image.size
        picture.save()
        return picture.key


def short(address: str) -> str:
    """As a person can look for it: not the copy elsewhere, and no picture as letters."""
    if address.startswith("data:"):
        return f"{address[:30]}… (a picture inside the text, {len(address)} letters)"
    return PHOTON.sub("https://", address, count=1)[:500]


def path_of(address: str) -> str:
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return ""


def free_key(name: str) -> str:
    wanted = slugify(name)[:44].strip("-") or "picture"
    key, count = wanted, 1
    while Picture.objects.filter(key=key).exists():
        count += 1
        key = f"{wanted}-{count}"
    return key


def plain(words: str) -> str:
    """Words that mark nothing in our Markdown, and that every database can keep."""
    return "".join(one for one in re.sub(r"[*_`<>]", "", words) if one.isprintable())
