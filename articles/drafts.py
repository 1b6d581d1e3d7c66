"""The link under which one revision can be read before it is published."""

import datetime as dt

from django.core import signing
from django.urls import reverse

from articles.models import Revision

SALT = "articles.draft"
VALID_FOR = dt.timedelta(days=14)


def draft_url(revision: Revision) -> str:
    """An address that shows this revision for 14 days to whoever has it."""
    token = signing.dumps(revision.pk, salt=SALT)
    return reverse("articles:draft", args=[token])


def read_token(token: str) -> int:
    """The key of the revision a draft link shows. Raises BadSignature, also when it is too old."""
    pk: int = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    return pk
