"""Chromium, from the machine's own packages, against the live server."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser import chromium

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="session", autouse=True)
def _synchronous_playwright() -> Iterator[None]:
    """Playwright's event loop runs in this thread; Django would refuse its own queries."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return chromium.LAUNCH


@pytest.fixture
def phone_without_javascript(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    yield context
    context.close()
