"""Debian's Chromium, and how it is started. Knows nothing of Django: scripts use it as well."""

import shutil
from typing import Any

PATH = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAUNCH: dict[str, Any] = {"executable_path": PATH, "args": FLAGS}
