"""Keys rotated while the site runs, and broken off half-way."""

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

from tests.faults.conftest import MakeSite
from tests.faults.site import ROOT, SEALING_KEY, Site
from tests.faults.visitor import Visitor

_numbers = itertools.count(1)
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
    # Five batches of 20 rows, the last of the notes with the ten that are left.
    assert half_way["k2"] >= 4 * 20 + 10
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
