"""What a person agrees to by sending the form.

A wording is never changed: a new one gets a new version and becomes CURRENT. Each request keeps the
version and the hash of what was printed. The words are legal text in one language, so they are not
marked for translation.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Consent:
    version: str
    sending: str  # printed above the button
    texting: str  # beside the box that allows text messages

    @property
    def digest(self) -> str:
        """SHA-256 of the wording, in hexadecimal."""
        return hashlib.sha256(f"{self.sending}\n{self.texting}".encode()).hexdigest()


WORDINGS = (
    Consent(
        version="1",
        sending=(
            "When you press Send, you agree that the clinic you chose may contact you about this "
            "request in the way you chose. It does not make you a patient."
        ),
        texting=(
            "You may text me about this request. Message and data rates may apply. I can reply "
            "STOP to end the messages. I do not need to agree to this to get care."
        ),
    ),
)
CURRENT = WORDINGS[-1]
