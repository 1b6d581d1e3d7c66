"""Keys rotated while the site runs, broken off half-way; values that were tampered with."""

import base64
import hashlib
import itertools
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from clinic import checks, crypto, keys
from consults import tokens
from consults.models import ConsultRequest, Note
from tests import build
from tests.consults.build import consult
from tests.faults.conftest import MakeSite
from tests.faults.site import ROOT, SEALING_KEY, Site
from tests.faults.visitor import Visitor

_numbers = itertools.count(1)
OLD, NEW = ({f"k{number}": hashlib.sha256(b"%d" % number).digest()} for number in (1, 2))
SECOND_KEY = base64.b64encode(hashlib.sha256(b"another sealing key").digest()).decode()
BOTH_KEYS = {"SEALING_KEYS": f"k2:{SECOND_KEY},k1:{SEALING_KEY}"}
ONLY_NEW = {"SEALING_KEYS": f"k2:{SECOND_KEY}"}

# Copies one request many times over; run inside the site, because only it has the keys.
FILL = """
import uuid
from consults.models import ConsultRequest, Note, new_reference
from clinic.models import User
first = ConsultRequest.objects.get()
staff = User.objects.create(username="keys", is_staff=True)
texts = {name: getattr(first, name) for name in ("name", "phone", "email", "question")}
rows = []
for number in range(600):
    first.pk, first.reference = uuid.uuid4(), new_reference()
    first.submission_hash = f"copy-{number}"
    columns = [field.attname for field in first._meta.concrete_fields]
    row = ConsultRequest(**{column: getattr(first, column) for column in columns})
    for name, text in texts.items():
        setattr(row, name, text)
    rows.append(row)
ConsultRequest.objects.bulk_create(rows)
for row in rows[:50]:
    note = Note(request=row, author=staff)
    note.body = "They asked for a call after work."
    note.save()
"""
READ = """
from consults.models import ConsultRequest, Note
names = ("name", "phone", "email", "question")
texts = [getattr(row, name) for row in ConsultRequest.objects.all() for name in names]
print(len(texts), len(set(texts)), len({n.body for n in Note.objects.all()}))
"""


@pytest.fixture
def site(new_site: MakeSite) -> Iterator[Site]:
    """A site with 601 requests, all sealed with the key k1."""
    with new_site(f"keys{next(_numbers)}", 18314) as site:
        assert Visitor(site).ask().answers[0].is_success
        site.manage("shell", "--no-imports", "-c", FILL)
        yield site


def keys_of(site: Site) -> Counter[str]:
    """How many values of each column each key has sealed."""
    found: Counter[str] = Counter()
    for column in ("name", "phone", "email", "question"):
        rows = site.sql(f"SELECT substr({column}_sealed, 3, 2) FROM consults_consultrequest")  # noqa: S608
        found.update(bytes(row[0]).decode() for row in rows)
    notes = site.sql("SELECT substr(body_sealed, 3, 2) FROM consults_note")
    found.update(bytes(row[0]).decode() for row in notes)
    return found


def break_off(site: Site, after_batches: int) -> None:
    """Starts a rotation and kills it after so many of its batches."""
    command = [sys.executable, "manage.py", "rotate_keys", "--batch", "20"]
    with subprocess.Popen(
        command, cwd=ROOT, env=site.environment, stdout=subprocess.PIPE
    ) as rotation:
        assert rotation.stdout is not None
        for _batch in range(after_batches):
            rotation.stdout.readline()
        os.kill(rotation.pid, signal.SIGKILL)


def test_rotation_broken_off_goes_on_while_the_site_runs(site: Site, measured: Any) -> None:
    site.stop_web()
    site.environment |= BOTH_KEYS
    site.start_web()
    visitor = Visitor(site)
    break_off(site, after_batches=5)
    half_way = keys_of(site)
    assert half_way["k1"] > 0
    assert half_way["k2"] >= 5 * 20 * 4
    assert site.manage("shell", "--no-imports", "-c", READ).stdout.split() == ["2404", "4", "1"]

    rotation = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", "--batch", "20"],
        cwd=ROOT, env=site.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    asks = []
    while rotation.poll() is None:
        asks.append(visitor.ask())
    output, _errors = rotation.communicate()
    assert rotation.returncode == 0
    assert all(ask.answers[0].is_success for ask in asks)
    assert "No longer needed by this database: k1." in output
    assert set(keys_of(site)) == {"k2"}
    measured(
        "Keys rotated while the site runs, killed once",
        f"{half_way.total()} values, {half_way['k2']} done when killed, "
        f"{len(asks)} posts meanwhile, all stored, all values under the new key in the end",
    )

    site.environment |= ONLY_NEW
    readable = site.manage("shell", "--no-imports", "-c", READ).stdout.split()
    assert readable[0] == str((601 + len(asks)) * 4)
    checked = site.manage("check", "--database", "default")
    assert "clinic.E002" not in checked.stderr


def test_missing_key_is_a_start_error_that_names_it(site: Site) -> None:
    site.environment |= ONLY_NEW
    for command in (["check", "--database", "default"], ["migrate"]):
        refused = site.manage(*command, check=False)
        assert refused.returncode == 1
        assert "2454 sealed values need the key k1, which is not in SEALING_KEYS" in refused.stderr


# --- In this process: what staff and patients see of a value that does not open -----------------


@pytest.fixture
def where() -> Any:
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
def test_spoilt_value_is_noticed_and_no_page_fails(how: str, client: Client, where: Any) -> None:
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
def test_value_of_another_row_is_noticed(client: Client, where: Any) -> None:
    mine, theirs = consult(where, name="Sam"), consult(where, name="Kim")
    ConsultRequest.objects.filter(pk=mine.pk).update(name_sealed=raw(theirs, "name"))
    mine.refresh_from_db()
    with pytest.raises(crypto.CannotOpen):
        _ = mine.name


@pytest.mark.django_db
def test_rotation_leaves_what_it_cannot_open_and_says_so(where: Any) -> None:
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
def test_rotation_takes_notes_along(where: Any) -> None:
    with override_settings(SEALING_KEYS=OLD):
        note = Note(request=consult(where), author=build.member(where))
        note.body = "Call after work."
        note.save()
    with override_settings(SEALING_KEYS=NEW | OLD):
        call_command("rotate_keys", batch=10)
    with override_settings(SEALING_KEYS=NEW):
        assert Note.objects.get().body == "Call after work."


@pytest.mark.django_db
def test_missing_key_is_named_with_the_number_of_its_values(where: Any) -> None:
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
