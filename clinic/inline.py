"""The style sheet and the scripts that a page carries within it.

A page that carries them shows its first screen after one round trip, and looks the same when
nothing but the page itself can be had (docs/decisions/0011-one-round-trip.md). The policy for
content allows each by its hash, so that nothing else written into a page is applied or run.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
STYLE_SHEETS = ("css/site.css",)
SCRIPTS = ("js/site.js", "js/form.js")


@cache
def text(name: str) -> str:
    """One of the files above without comments and indentation, read once in a process.

    Every byte that stands before the words is waited for. In a script, a comment is a line of its
    own.
    """
    whole = (STATIC / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        bare = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", whole, flags=re.DOTALL))
        return re.sub(r" ?([{};,]) ?", r"\1", bare)
    return re.sub(
        r"^\s+", "", re.sub(r"^\s*//.*", "", whole, flags=re.MULTILINE), flags=re.MULTILINE
    )


def hash_source(name: str) -> str:
    """As the policy writes it: 'sha256-…' of exactly what stands between the tags."""
    return f"'sha256-{b64encode(sha256(text(name).encode()).digest()).decode()}'"
