"""The real server with the whole site behind it, for what the live server of tests cannot show.

Hashed and compressed static files, the compression of pages, and the server itself.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, "manage.py"]
FILL = (["migrate"], ["load_starter_content"], ["load_demo_data"])
COLLECT = (["collectstatic", "--noinput"],)
STARTS_WITHIN_SECONDS = 30


@contextmanager
def whole_site(*, hashed: bool) -> Iterator[str]:
    """Serves a site with starter and demo content from a temporary folder; gives its address.

    `hashed` serves static files as production does; without it a changed file shows at once.
    """
    with tempfile.TemporaryDirectory() as var:
        port = free_port()
        environ = os.environ | {"VAR_DIR": var, "PORT": str(port), "HOST": "127.0.0.1"}
        environ |= {"HASHED_STATIC": str(int(hashed)), "ENVIRONMENT": "development"}
        environ.pop("DATABASE_URL", None)
        for command in [*FILL, *(COLLECT if hashed else ())]:
            subprocess.run(
                [*MANAGE, *command], cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL
            )
        with (Path(var) / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [*MANAGE, "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log
            )
            try:
                wait_until_ready(f"http://127.0.0.1:{port}")
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait(timeout=30)


def free_port() -> int:
    """A port that nothing listens on now. Below the range from which the system lends its own."""
    for port in range(18100, 18200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise OSError("No free port between 18100 and 18199.")


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/livez", timeout=1).close()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
