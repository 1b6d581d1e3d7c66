"""Reads settings from the environment, and says everything that is wrong at once.

Development needs nothing: keys are made once in `var/keys/`. Production needs every value, and a
start with one missing or weak fails with the whole list and how to mend each.
"""

import base64
import binascii
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
import dj_email_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env

MINIMUM_KEY_BYTES = 32
MINIMUM_SECRET_LENGTH = 50


class Problems:
    """Collects what is wrong with the settings, to report it in one go."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, name: str, remedy: str) -> None:
        self.found.append(f"{name}: {remedy}")

    def raise_if_any(self) -> None:
        """Raises ImproperlyConfigured with one line for each problem."""
        if self.found:
            lines = "\n".join(f"  - {line}" for line in self.found)
            raise ImproperlyConfigured(
                f"The site will not start in production until this is mended:\n{lines}\n"
                "deploy/production.env.example shows every setting."
            )


def development_key(folder: Path, name: str) -> str:
    """A random value made once for this checkout and kept in a git-ignored file."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(base64.b64encode(secrets.token_bytes(48)).decode())
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"Cannot write the development key {path}: {error.strerror}. "
            "Make the folder writable, or set the value in the environment."
        ) from error
    return path.read_text(encoding="ascii")


def secret_key(env: Env, problems: Problems) -> str:
    value = env.str("SECRET_KEY", "")
    if len(value) < MINIMUM_SECRET_LENGTH or len(set(value)) < 12 or "change-me" in value:
        problems.add(
            "SECRET_KEY",
            "set at least 50 random characters, for example the output of "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'",
        )
    return value


def key_bytes(encoded: str) -> bytes | None:
    """The key behind its base64 text, or None where it is not base64 of 32 bytes or more."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    weak = len(key) < MINIMUM_KEY_BYTES or len(set(key)) < 8
    return None if weak else key


def sealing_keys(env: Env, problems: Problems) -> dict[str, bytes]:
    """SEALING_KEYS as `id:base64,id:base64`; the first seals, all open. 32 bytes are used."""
    keys: dict[str, bytes] = {}
    parts: list[str] = env.list("SEALING_KEYS", [])
    for part in parts:
        key_id, _, encoded = part.strip().partition(":")
        key = key_bytes(encoded)
        if not key_id.isalnum() or len(key_id) > 8 or key is None or key_id in keys:
            problems.add(
                "SEALING_KEYS",
                "each key is `id:base64`, with a new id of up to 8 letters or digits and "
                "at least 32 random bytes in base64",
            )
            continue
        keys[key_id] = key[:32]
    if not keys:
        problems.add(
            "SEALING_KEYS",
            "set `id:base64`, for example k1:$(openssl rand -base64 32); keep a copy apart from "
            "the database backups, for without it nobody can read the requests",
        )
    return keys


def lookup_key(env: Env, problems: Problems) -> bytes:
    key = key_bytes(env.str("LOOKUP_KEY", ""))
    if key is None:
        problems.add(
            "LOOKUP_KEY", "set at least 32 random bytes in base64: openssl rand -base64 32"
        )
        return b""
    return key


def production_hosts(env: Env, problems: Problems) -> list[str]:
    named: list[str] = env.list("ALLOWED_HOSTS", [])
    hosts = [host.strip() for host in named if host.strip()]
    if not hosts or "*" in hosts:
        problems.add("ALLOWED_HOSTS", "name the host of the site, for example www.example.com")
    return hosts


def production_url(env: Env, problems: Problems) -> str:
    url = env.str("SITE_URL", "").rstrip("/")
    if not url.startswith("https://"):
        problems.add("SITE_URL", "set the public address, for example https://www.example.com")
    return url


def trusted_proxies(env: Env, problems: Problems) -> list[str]:
    """Addresses whose X-Forwarded-* headers are believed; `none` where there is no proxy."""
    value = env.str("TRUSTED_PROXIES", "").strip()
    if not value:
        problems.add(
            "TRUSTED_PROXIES",
            "name the proxies' addresses, for example 127.0.0.1, or say none; "
            "the site will not guess whose word to take for a visitor's address",
        )
    return [] if value in {"", "none"} else [part.strip() for part in value.split(",")]


def database(url: str) -> dict[str, Any]:
    """Django's settings for the database at `url` (sqlite:///… or postgres://…)."""
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    config["CONN_HEALTH_CHECKS"] = True
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Readers never wait for the writer; a write takes its lock at once instead of failing
        # half-way; what was committed survives a power cut.
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=5,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        )
        # An in-memory test database breaks under threads.
        config["TEST"] = {"NAME": f"{config['NAME']}.test"}
    else:
        options.setdefault("connect_timeout", 3)
    return config


def mail(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for a mail server at `url` (smtp+tls://… or console:)."""
    config = dj_email_url.parse(url)
    return {name: value for name, value in config.items() if name.startswith("EMAIL_")}
