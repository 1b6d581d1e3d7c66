import json
import logging

import pytest
from django.test import Client, RequestFactory

from clinic.logs import AllowListFormatter, masked_path


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/consult/received/abc:def/", "/consult/received/…/"),
        ("/consult/withdraw/abc", "/consult/withdraw/…"),
        ("/articles/draft/token/", "/articles/draft/…/"),
        ("/consult/?clinic=opelika", "/consult/"),
        ("/articles/five-things/", "/articles/five-things/"),
    ],
)
def test_masked_path_hides_tokens_and_queries(path: str, written: str) -> None:
    assert masked_path(path) == written


def written(record: logging.LogRecord) -> dict[str, object]:
    entry: dict[str, object] = json.loads(AllowListFormatter().format(record))
    return entry


def record(**extra: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "clinic", "levelname": "INFO", "msg": "said", **extra})


def test_log_line_holds_allowed_keys_only() -> None:
    entry = written(record(status=200, name_of_patient="Ana", email="ana@example.com"))
    assert entry["status"] == 200
    assert "Ana" not in str(entry)
    assert "ana@example.com" not in str(entry)


def test_log_line_of_an_exception_names_its_class_and_not_its_text() -> None:
    try:
        raise ValueError("(205) 555-0134")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    entry = written(record(exc_info=info))
    assert entry["exception"] == "ValueError"
    assert "555-0134" not in str(entry)


def test_log_line_of_a_refused_request_has_no_query() -> None:
    request = RequestFactory().get("/search/?q=secret")
    entry = written(
        record(name="django.request", msg="Not Found: %s", args=("/search/?q=secret",),
               request=request, status_code=404)
    )  # fmt: skip
    assert entry["message"] == "404 /search/"


@pytest.mark.django_db
def test_request_line_has_no_query_and_no_token(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="clinic.requests"):
        client.get("/consult/received/opens-something/?q=secret")
    lines = [AllowListFormatter().format(entry) for entry in caplog.records]
    assert any("/consult/received/…/" in line for line in lines)
    assert not any("opens-something" in line or "secret" in line for line in lines)
