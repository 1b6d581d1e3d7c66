"""The list of sources under an article."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from articles.models import Reference


def reference_list(
    numbers: Mapping[str, int], references: "Mapping[str, Reference]"
) -> Iterator[dict[str, str | int]]:
    """Each source that a text cites, by its number."""
    for key, number in numbers.items():
        yield {
            "number": number,
            "key": key,
            "html": str(reference_html(references[key], number)),
            "text": reference_text(references[key]),
        }


def reference_html(reference: "Reference", number: int) -> SafeString:
    """One line of the reference list: what is confirmed, and the way back to the text."""
    link = ""
    if reference.address:
        label = reference.address.split("://", 1)[-1]
        link = format_html(' <a href="{}">{}</a>', reference.address, label)
    source = format_html("<cite>{}</cite>, ", reference.journal) if reference.journal else ""
    back = _("Back to the text: source %(number)s") % {"number": number}
    return format_html(
        '<p>{} {} {}{}.{} <a href="#cite-{}" aria-label="{}">↑</a></p>',
        as_sentence(reference.authors),
        as_sentence(reference.title),
        source,
        reference.when,
        link,
        number,
        back,
    )


def reference_text(reference: "Reference") -> str:
    source = f"{reference.journal}, " if reference.journal else ""
    return (
        f"{as_sentence(reference.authors)} {as_sentence(reference.title)} {source}{reference.when}."
    )


def as_sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
