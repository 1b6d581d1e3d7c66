"""System checks on what stands in our own database.

They need the database, so they run with `manage.py check --database default`, which a production
service does before it starts (deploy/systemd), and with every `migrate`.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.db.models import Q

from clinic import keys


@register(Tags.database)
def clinics_can_be_reached(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A clinic that takes requests needs a phone or a mailbox, or nobody learns of them."""
    if not (settings.PRODUCTION and databases):
        return []
    location = apps.get_model("locations", "Location")
    try:
        silent = list(location.objects.taking_requests().filter(phone="", notice_email=""))
    except DatabaseError:  # before the first migration there is nothing to check
        return []
    return [
        Error(
            f"{clinic} takes requests but has neither a phone nor a mailbox for notices.",
            hint="Give it one in the admin under Clinics, or pause it.",
            id="clinic.E001",
        )
        for clinic in silent
    ]


@register(Tags.database)
def clinics_have_somebody_to_tell(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Without a mailbox or a person who wants notices, requests are seen on the desk alone."""
    if not (settings.PRODUCTION and databases):
        return []
    location = apps.get_model("locations", "Location")
    told = Q(
        memberships__wants_notices=True,
        memberships__user__is_active=True,
        memberships__user__email__gt="",
    )
    try:
        clinics = location.objects.taking_requests().filter(notice_email="")
        untold = [clinic for clinic in clinics if not location.objects.filter(told, pk=clinic.pk)]
    except DatabaseError:
        return []
    return [
        Warning(
            f"Nobody gets a mail when a request comes in for {clinic}.",
            hint="Give the clinic a mailbox, or tick “gets notices by mail” for somebody there.",
            id="clinic.W002",
        )
        for clinic in untold
    ]


@register(Tags.database)
def every_sealed_value_has_its_key(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """What patients wrote can be opened only with the key that sealed it."""
    if not databases:
        return []
    try:
        missing = keys.missing_keys()
    except DatabaseError:  # before the first migration there is nothing to check
        return []
    return [
        Error(
            f"{count} sealed values need the key {key_id}, which is not in SEALING_KEYS."
            if key_id != keys.UNREADABLE
            else f"{count} sealed values are damaged: they name no key.",
            hint="Put the key back, after the first: SEALING_KEYS=new:…,old:… Without it nobody "
            "can read these requests."
            if key_id != keys.UNREADABLE
            else "Restore them from a backup (docs/operations.md).",
            id="clinic.E002",
        )
        for key_id, count in sorted(missing.items())
    ]


@register(Tags.database)
def no_sample_values_are_live(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Sample hours, people, accounts and requests are for development."""
    if not (settings.PRODUCTION and databases):
        return []
    try:
        found = sample_values()
    except DatabaseError:
        return []
    return [
        Warning(
            f"{count} sample {name} are live.",
            hint="Remove them in the admin; visitors take them for facts.",
            id="clinic.W001",
        )
        for name, count in found.items()
    ]


def sample_values() -> dict[str, int]:
    """How many sample rows there are of each kind that has some, by plural name."""
    counts = {}
    for model in apps.get_models():
        if any(field.name == "is_sample" for field in model._meta.get_fields()):
            count = model._default_manager.filter(is_sample=True).count()
            if count:
                counts[str(model._meta.verbose_name_plural)] = count
    return counts
