"""Signed values that stand in the form and in links. They carry ids and times, nothing else."""

import secrets
import time
import uuid
from dataclasses import dataclass, replace

from django.core import signing

FORM_SALT = "consults.form"
FORM_MAX_AGE = 24 * 60 * 60  # seconds
LINK_SALT = "consults.link"


@dataclass(frozen=True)
class FormToken:
    """Made when the form is shown: tells a second send of the same form, and how fast it came."""

    nonce: str
    first_shown_at: int  # seconds since the epoch, carried through errors
    was_shown_again: bool = False
    # The id of the request whose confirmation led here, because something in it was wrong.
    follows: str = ""

    @classmethod
    def new(cls, follows: str = "") -> "FormToken":
        return cls(secrets.token_urlsafe(16), int(time.time()), follows=follows)

    @classmethod
    def read(cls, value: str) -> "FormToken | None":
        """The token behind its signed text; None when it is missing, old or not ours."""
        try:
            parts = signing.loads(value, salt=FORM_SALT, max_age=FORM_MAX_AGE)
            return cls(*parts)
        except (signing.BadSignature, TypeError, ValueError):
            return None

    def shown_again(self) -> "FormToken":
        return replace(self, was_shown_again=True)

    def signed(self) -> str:
        parts = [self.nonce, self.first_shown_at, self.was_shown_again, self.follows]
        return signing.dumps(parts, salt=FORM_SALT)

    @property
    def age(self) -> float:
        """Seconds since the form was first shown."""
        return time.time() - self.first_shown_at


def link(request_id: uuid.UUID, purpose: str) -> str:
    """The last part of an address that opens one request for one purpose."""
    return _signer(purpose).sign(request_id.hex)


def read_link(token: str, purpose: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(_signer(purpose).unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"{LINK_SALT}.{purpose}", sep=".")
