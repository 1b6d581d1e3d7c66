"""Keys rotated, keys missing, and values that were tampered with."""

import hashlib
from collections import Counter

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from clinic import checks, crypto, keys
from consults import tokens
from consults.models import ConsultRequest, Note
from locations.models import Location
from tests import build
from tests.consults.build import consult

OLD, NEW = ({f"k{number}": hashlib.sha256(b"%d" % number).digest()} for number in (1, 2))


@pytest.fixture
def where() -> Location:
    return build.location()


def raw(row: ConsultRequest, name: str) -> bytes:
    """What stands in a sealed column."""
    return bytes(getattr(row, f"{name}_sealed"))


def spoil(row: ConsultRequest, how: str) -> None:
    """Alters what stands in the database for one request, behind the site's back."""
    name, phone = raw(row, "name"), raw(row, "phone")
    flipped = name[:-1] + bytes([name[-1] ^ 1])
    values = {
        "flipped": flipped,
        "swapped": phone,
        "truncated": name[:20],
        "emptied": b"",
        "one byte": b"\x01",
        "no key id": b"\x01\xff" + name,
        "not text": b"\x01\x02\xff\xfe" + name[4:],
        "unknown key": b"\x01\x02zz" + name[2 + name[1] :],
        "unknown version": b"\x09" + name[1:],
    }
    ConsultRequest.objects.filter(pk=row.pk).update(
        name_sealed=values[how], phone_sealed=values[how], email_sealed=values[how],
        question_sealed=values[how],
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "how",
    ["flipped", "truncated", "emptied", "one byte", "no key id", "not text", "unknown key",
     "unknown version"],
)  # fmt: skip
def test_spoilt_value_is_noticed_and_no_page_fails(
    how: str, client: Client, where: Location
) -> None:
    row = consult(where, question="May my sister sit in?")
    spoil(row, how)
    client.force_login(build.member(where))
    page = client.get(f"/admin/consults/consultrequest/{row.pk}/change/")
    assert page.status_code == 200
    assert "Cannot be opened" in page.content.decode()
    queue = client.get("/admin/consults/consultrequest/")
    assert row.reference in queue.content.decode()
    told = client.get(f"/consult/received/{tokens.link(row.pk, 'received')}/")
    assert told.status_code == 200
    withdrawn = client.get(f"/consult/withdraw/{tokens.link(row.pk, 'withdraw')}/")
    assert withdrawn.status_code == 200


@pytest.mark.django_db
def test_value_of_another_row_is_noticed(client: Client, where: Location) -> None:
    mine, theirs = consult(where, name="Sam"), consult(where, name="Kim")
    ConsultRequest.objects.filter(pk=mine.pk).update(name_sealed=raw(theirs, "name"))
    mine.refresh_from_db()
    with pytest.raises(crypto.CannotOpen):
        _ = mine.name


@pytest.mark.django_db
def test_rotation_leaves_what_it_cannot_open_and_says_so(where: Location) -> None:
    with override_settings(SEALING_KEYS=OLD):
        sound, spoilt = consult(where), consult(where)
    spoil(spoilt, "unknown key")
    spoilt.refresh_from_db()
    before = raw(spoilt, "name")
    with override_settings(SEALING_KEYS=NEW | OLD):
        with pytest.raises(CommandError, match="4 values cannot be opened"):
            call_command("rotate_keys", batch=1)
        assert keys.keys_in_use() == Counter({"k2": 3, "zz": 4})
        sound.refresh_from_db()
        assert sound.name == "Jordan Miller"
    spoilt.refresh_from_db()
    assert raw(spoilt, "name") == before


@pytest.mark.django_db
def test_rotation_takes_notes_along(where: Location) -> None:
    with override_settings(SEALING_KEYS=OLD):
        note = Note(request=consult(where), author=build.member(where))
        note.body = "Call after work."
        note.save()
    with override_settings(SEALING_KEYS=NEW | OLD):
        call_command("rotate_keys", batch=10)
    with override_settings(SEALING_KEYS=NEW):
        assert Note.objects.get().body == "Call after work."


@pytest.mark.django_db
def test_missing_key_is_named_with_the_number_of_its_values(where: Location) -> None:
    with override_settings(SEALING_KEYS=OLD):
        consult(where)
        spoil(consult(where), "one byte")
    with override_settings(SEALING_KEYS=NEW):
        found = checks.every_sealed_value_has_its_key(databases=["default"])
    assert [message.msg for message in found] == [
        "4 sealed values are damaged: they name no key.",
        "3 sealed values need the key k1, which is not in SEALING_KEYS.",
    ]


def test_every_sealed_column_is_rotated() -> None:
    """Read from the models, so that a new column cannot be forgotten."""
    known = {
        (model, text.column) for model in keys.sealed_models() for text in crypto.sealed.of(model)
    }
    binary = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_sealed")
    }
    assert known == binary
    assert len(known) >= 5
