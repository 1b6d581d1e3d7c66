"""One JSON line for each log record, with an allow-list of keys.

What is not on the list is not written: no query string, no Referer, no cookie, no body, no values
of a failing statement. The last part of an address that opens something is masked.
"""

import json
import logging
import re
from datetime import UTC, datetime

SECRET_PATHS = re.compile(r"(/(?:received|withdraw|draft|reset/key)/)[^/\s]+")
ALLOWED_EXTRAS = (
    "request_id",
    "method",
    "status",
    "milliseconds",
    "path",
    "kind",
    "count",
    "attempts",
    "sqlstate",
    "constraint",
)


def masked_path(path: str) -> str:
    """The path without its query, and with what follows /received/, /withdraw/, /draft/ masked."""
    return SECRET_PATHS.sub(r"\1…", path.partition("?")[0])


class AllowListFormatter(logging.Formatter):
    """Writes time, level, logger, message and the allowed extras.

    An exception is named by its class and place in our code; its text may hold what somebody typed
    and stays out. `django.request` and `django.server` put the address into the message, so it is
    rebuilt from the allowed parts there.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        for key in ALLOWED_EXTRAS:
            if hasattr(record, key):
                entry[key] = getattr(record, key)
        if record.exc_info and record.exc_info[0]:
            entry["exception"] = record.exc_info[0].__name__
            entry["at_line"] = self.places(record)
        return json.dumps(entry, ensure_ascii=False, default=str)

    @staticmethod
    def message(record: logging.LogRecord) -> str:
        if record.name.startswith(("django.request", "django.security", "django.server")):
            request = getattr(record, "request", None)
            path = getattr(request, "path", "")
            return f"{getattr(record, 'status_code', '')} {masked_path(path)}".strip()
        return SECRET_PATHS.sub(r"\1…", record.getMessage())

    @staticmethod
    def places(record: logging.LogRecord) -> list[str]:
        places = []
        traceback = record.exc_info[2] if record.exc_info else None
        while traceback is not None:
            code = traceback.tb_frame.f_code
            places.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
            traceback = traceback.tb_next
        return places[-6:]
