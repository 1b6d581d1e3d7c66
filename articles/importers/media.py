"""The pictures of a WordPress export. Their files come beside it: a copy of wp-content/uploads."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.text import slugify

from articles import pictures
from articles.models import Picture

# WordPress keeps smaller copies beside a picture: chair-1024x683.jpg of chair.jpg.
SMALLER = re.compile(r"-(?:\d+x\d+|scaled|rotated|e\d{10,})(?=\.\w+$)")


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
        name = unquote(urlsplit(address).path).rsplit("/", 1)[-1] or "picture"
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
        path = unquote(urlsplit(address).path)
        _before, found, inside = path.rpartition("/uploads/")
        for wanted in (SMALLER.sub("", inside), inside) if found else (Path(path).name,):
            file = (self.folder / wanted.lstrip("/")).resolve()
            # The address comes from the export: it may not lead out of the folder.
            if file.is_relative_to(self.folder) and file.is_file():
                return file
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


def free_key(name: str) -> str:
    wanted = slugify(name)[:44].strip("-") or "picture"
    key, count = wanted, 1
    while Picture.objects.filter(key=key).exists():
        count += 1
        key = f"{wanted}-{count}"
    return key


def plain(words: str) -> str:
    return re.sub(r"[*_`<>]", "", words)
