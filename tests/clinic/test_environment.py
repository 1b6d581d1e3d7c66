import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / "deploy" / "production.env.example").read_text().splitlines()
    if line and not line.startswith("#")
)

OPTIONAL = {"ENVIRONMENT", "MFA_ISSUER", "SECURITY_CONTACT", "VAR_DIR"}


def start(tmp_path: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Loads the production settings in a process of their own; None removes a setting."""
    values = EXAMPLE | {"VAR_DIR": str(tmp_path)} | changes
    environ = {name: value for name, value in values.items() if value is not None}
    environ["PATH"] = os.environ["PATH"]
    return subprocess.run(
        [sys.executable, "-c", "import clinic.settings"],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_the_example(tmp_path: Path) -> None:
    assert start(tmp_path).returncode == 0


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in EXAMPLE
        if name not in {"ENVIRONMENT", "MFA_ISSUER", "SECURITY_CONTACT", "VAR_DIR"}
    ],
)
def test_production_refuses_a_missing_setting_by_name(tmp_path: Path, name: str) -> None:
    refused = start(tmp_path, **{name: None})
    assert refused.returncode != 0
    assert f"  - {name}: " in refused.stderr


WEAK = base64.b64encode(b"a" * 32).decode()
SHORT = base64.b64encode(os.urandom(16)).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("ALLOWED_HOSTS", "*"),
        ("SITE_URL", "http://www.clinics.example"),
        ("SEALING_KEYS", f"k1:{SHORT}"),
        ("SEALING_KEYS", f"k1:{WEAK}"),
        ("SEALING_KEYS", "k1:not base64"),
        ("LOOKUP_KEY", SHORT),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("EMAIL_URL", "console:"),
        ("DEFAULT_FROM_EMAIL", "front desk"),
        ("ENVIRONMENT", "staging"),
    ],
)
def test_production_refuses_a_weak_setting_by_name(tmp_path: Path, name: str, value: str) -> None:
    refused = start(tmp_path, **{name: value})
    assert refused.returncode != 0
    assert f"  - {name}: " in refused.stderr


def test_production_reports_every_problem_at_once(tmp_path: Path) -> None:
    refused = start(tmp_path, SECRET_KEY=None, LOOKUP_KEY=None, EMAIL_URL=None)
    for name in ("SECRET_KEY", "LOOKUP_KEY", "EMAIL_URL"):
        assert f"  - {name}: " in refused.stderr


def test_development_needs_nothing_and_keeps_its_keys(tmp_path: Path) -> None:
    command = "from clinic import settings; print(settings.SECRET_KEY)"
    environ = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", command], env=environ, cwd=ROOT, capture_output=True, check=True
        )
        for _time in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout) > 50
