"""What the conversion of one text may ask, and what it gives."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Sources:
    """What a text may point to, asked by the conversion."""

    picture: Callable[[str, str, str], str]
    """Markdown for a picture, from its address, its words for who cannot see it, and its id."""
    link: Callable[[str], str]
    """Where a link leads now; "" when it can lead nowhere."""
    attachment: Callable[[str], str]
    """The address of the file of an attachment, by its id; "" for an unknown one."""
    reusable: Callable[[str], str]
    """The content of a reusable block, by its id; "" for an unknown one."""
    attached: Callable[[], list[str]] = list
    """The ids of the pictures that were uploaded to the post itself."""
    footnotes: dict[str, str] = field(default_factory=dict)
    """HTML of the post's footnotes, by their id, in their order."""
    title: str = ""
    """The title that stands above the text: a heading that says it again is left out."""


@dataclass
class Text:
    """A text in our Markdown, and what was left out of it or changed on the way."""

    body: str = ""
    questions: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)
