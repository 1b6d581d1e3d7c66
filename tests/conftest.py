"""What every test shares, and what to say where this machine cannot run some of them."""

import os
import shutil
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from pytest_django.fixtures import Settings

from clinic import frame

# The same examples each time, however busy the machine: a red build must mean a defect.
hypothesis.settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.filter_too_much,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.load_profile("steady")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MUST_RUN_ALL = os.environ.get("REQUIRE_ALL_TESTS") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips browser tests without Chromium and PostgreSQL tests without PostgreSQL, in words."""
    missing = {}
    if CHROMIUM is None:
        missing["browser"] = "Chromium is not installed (on Debian: apt-get install chromium)"
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        missing["postgres"] = "runs on PostgreSQL only (DATABASE_URL=postgres://… make test)"
    if MUST_RUN_ALL and "browser" in missing:
        raise pytest.UsageError(missing["browser"])
    for item in items:
        for name, reason in missing.items():
            if name in item.keywords:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _clean_slate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """An empty cache, no phones remembered from another test, and passwords that hash fast."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(frame, "phones_file", lambda: tmp_path / "phones.json")
    cache.clear()
