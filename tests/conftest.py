"""What every test shares, and what to say where this machine cannot run some of them."""

import os
import shutil
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from pytest_django.fixtures import Settings

from clinic import frame
from tests.browser import chromium

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

HTML_CHECKER = settings.BASE_DIR / "node_modules/vnu-jar/build/dist/vnu.jar"
MUST_RUN_ALL = os.environ.get("REQUIRE_ALL_TESTS") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips what needs Chromium, PostgreSQL or the HTML checker where there is none, in words."""
    missing = {}
    if chromium.PATH is None:
        missing["browser"] = "Chromium is not installed (on Debian: apt-get install chromium)"
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        missing["postgres"] = "runs on PostgreSQL only (DATABASE_URL=postgres://… make test)"
    if shutil.which("java") is None:
        missing["checker"] = "Java is not installed (apt-get install default-jre-headless)"
    elif not HTML_CHECKER.exists():
        missing["checker"] = "The HTML checker is not installed (npm ci --ignore-scripts)"
    lacking = [missing[name] for name in ("browser", "checker") if name in missing]
    if MUST_RUN_ALL and lacking:
        raise pytest.UsageError("\n".join(lacking))
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


@pytest.fixture
def whole_site(settings: Settings) -> None:
    """Starter and demo content. The test says with `django_db` in which kind of database."""
    settings.SECURITY_CONTACT = "mailto:security@example.com"
    call_command("load_starter_content", verbosity=0)
    call_command("load_demo_data", verbosity=0)
