"""The W3C's own checker (vnu) has nothing to say of any public page, nor of the stylesheets."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.addresses import public_pages, site_map_addresses
from tests.conftest import HTML_CHECKER
from tests.errors import ERROR_VIEWS, error_response

pytestmark = [pytest.mark.checker, pytest.mark.slow]

# Properties that browsers know and the checker does not yet; what they improve works without them.
NEWER_THAN_THE_CHECKER = ("CSS: “field-sizing”: Property “field-sizing” doesn't exist.",)
SEARCHES = ("depression", "zzzz", "i+want+to+die")


def complaints(folder: Path) -> list[str]:
    """What the checker says of the files in a folder: one run of Java for all of them."""
    command = ["java", "-Xss4m", "-jar", str(HTML_CHECKER), "--also-check-css", "--format", "json"]
    result = subprocess.run([*command, str(folder)], capture_output=True, check=False, timeout=300)
    return [
        f"{Path(found['url']).name}: {found['message']}"
        for found in json.loads(result.stderr)["messages"]
        if found["message"] not in NEWER_THAN_THE_CHECKER
    ]


def save(pages: Iterable[tuple[str, bytes]], folder: Path) -> None:
    for name, html in pages:
        (folder / f"{re.sub('[^a-z0-9]+', '-', name)}.html").write_bytes(html)


def pages_and_answers(client: Client) -> Iterator[tuple[str, bytes]]:
    """Every public page, and what the form and errors answer."""
    searches = {f"{reverse('search')}?q={words}" for words in SEARCHES}
    for address in sorted(public_pages() | site_map_addresses() | searches):
        yield f"page{address}", client.get(address).content
    form = reverse("consults:request")
    yield "form with errors", client.post(form, {"phone": "5"}).content
    yield "form from someone under 18", client.post(form, {"for_whom": "minor"}).content
    for name, view in ERROR_VIEWS.items():
        yield name, error_response(view).content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "pages"
    path.mkdir()
    return path


@pytest.mark.django_db
@pytest.mark.usefixtures("whole_site")
def test_public_page_and_stylesheet_pass_the_checker(client: Client, folder: Path) -> None:
    save(pages_and_answers(client), folder)
    for sheet in (settings.BASE_DIR / "static/css").glob("*.css"):
        shutil.copy(sheet, folder)
    assert complaints(folder) == []


def test_checker_tells_of_what_is_wrong(folder: Path) -> None:
    head = b'<!doctype html><html lang="en"><title>T</title>'
    save([("wrong", head + b"<p align=center>Text")], folder)
    (folder / "wrong.css").write_text("p { colr: red }")
    assert sorted(found.split(": ")[0] for found in complaints(folder)) == [
        "wrong.css",
        "wrong.html",
    ]
