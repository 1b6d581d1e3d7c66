"""What an editor must mend in a text before it can be saved."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from markdown_it.token import Token

from articles.tokens import KEY, headings, picture_key, walk

if TYPE_CHECKING:
    from articles.models import Picture, Reference


# The key in the library most like one that is not there, or nothing.
Nearest = Callable[[str], str]
Found = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Mistake:
    """One thing to mend: what to do, and the words of the text to look for."""

    field: str
    message: str
    near: str


def nothing(keys: set[str]) -> dict[str, Any]:
    return {}


def no_key(key: str) -> str:
    return ""


@dataclass(frozen=True)
class Library:
    """What a text may name, asked only for the keys that it does."""

    references: "Callable[[set[str]], Mapping[str, Reference]]"
    pictures: "Callable[[set[str]], Mapping[str, Picture]]" = nothing
    nearest_reference: Nearest = no_key
    nearest_picture: Nearest = no_key


def require_none(mistakes: Iterable[Mistake]) -> None:
    """Raises ValidationError, by field."""
    errors: dict[str, list[str]] = defaultdict(list)
    for mistake in mistakes:
        if mistake.message not in errors[mistake.field]:
            errors[mistake.field].append(mistake.message)
    if errors:
        raise ValidationError(errors)


def mistakes_in(
    parts: Sequence[Sequence[Token]],
    references: Collection[str],
    pictures: Collection[str],
    library: Library,
) -> Iterator[Mistake]:
    """In the summary, the body and the answers, in this order; `references` and `pictures` are
    the keys that the library has."""
    for field, tokens in zip(field_names(len(parts)), parts, strict=True):
        found = (
            *citation_errors(tokens, references, library.nearest_reference),
            *picture_errors(tokens, pictures, library.nearest_picture),
            *(heading_errors_of_body(tokens) if field == "body" else heading_errors(tokens)),
        )
        for message, near in found:
            yield Mistake(field, message, near)


def field_names(count: int) -> list[str]:
    return ["summary", "body"] + ["questions"] * (count - 2)


def citation_errors(
    tokens: Iterable[Token], references: Collection[str], nearest: Nearest
) -> Found:
    for token in walk(tokens):
        if token.type != "citation":
            continue
        for key in token.meta["keys"]:
            if not KEY.fullmatch(key):
                words = _("“%(text)s” is not a citation: write [@key] or [@key; @key].")
                yield words % {"text": token.content}, token.content
            elif key not in references:
                yield unknown_reference(key, nearest(key)), f"@{key}"


def unknown_reference(key: str, nearest: str) -> str:
    if nearest:
        words = _("There is no reference “%(key)s”. Did you mean [@%(nearest)s]?")
        return words % {"key": key, "nearest": nearest}
    words = _(
        "There is no reference “%(key)s”: add it under References, or cite one that is there."
    )
    return words % {"key": key}


def picture_errors(tokens: Iterable[Token], pictures: Collection[str], nearest: Nearest) -> Found:
    for token in walk(tokens):
        if token.type != "image":
            continue
        key = picture_key(token)
        if key not in pictures:
            like = nearest(key)
            hint = _("Did you mean “%(nearest)s”?") % {"nearest": like} if like else ""
            words = _("There is no picture “%(key)s” under Pictures.") % {"key": key}
            yield f"{words} {hint}".strip(), f"]({key}"
        if not token.content.strip():
            words = _(
                "Say what the picture “%(key)s” shows, for who cannot see it: "
                "![A chair by a window](%(key)s)."
            )
            yield words % {"key": key}, f"]({key}"


def heading_errors(tokens: Sequence[Token]) -> Found:
    for _token, _level, title in headings(tokens):
        yield _("There can be no heading here: “%(title)s”.") % {"title": title}, title


def heading_errors_of_body(tokens: Sequence[Token]) -> Found:
    above = 1
    for _token, level, title in headings(tokens):
        if level not in {2, 3}:
            words = _("Headings begin with ## or ###: mend “%(title)s”.")
            yield words % {"title": title}, title
        elif level > above + 1:
            words = _("“%(title)s” is a ### heading without a ## heading above it.")
            yield words % {"title": title}, title
        above = level
