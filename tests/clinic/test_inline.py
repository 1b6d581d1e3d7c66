"""The style sheet and scripts that a page carries within it."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from django.test import Client

from clinic import inline

pytestmark = pytest.mark.django_db
FILES = (*inline.STYLE_SHEETS, *inline.SCRIPTS)


def hashes(html: str, tag: str) -> set[str]:
    """What a browser compares with the policy: the hash of all that stands between two tags."""
    inner = re.findall(rf"<{tag}>(.*?)</{tag.split()[0]}>", html, re.DOTALL)
    return {f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in inner}


@pytest.mark.parametrize("path", ["/", "/consult/", "/nowhere/"])
def test_policy_allows_what_a_page_carries_and_no_more(client: Client, path: str) -> None:
    response = client.get(path)
    directives = dict(
        directive.strip().split(" ", 1)
        for directive in response.headers["Content-Security-Policy"].split(";")
    )
    html = response.content.decode()
    styles, scripts = hashes(html, "style"), hashes(html, 'script type="module"')
    assert styles == {inline.hash_source(name) for name in inline.STYLE_SHEETS}
    assert scripts <= {inline.hash_source(name) for name in inline.SCRIPTS}
    assert inline.hash_source("js/site.js") in scripts
    assert styles <= set(directives["style-src"].split())
    assert scripts <= set(directives["script-src"].split())
    for directive in directives.values():
        assert "unsafe" not in directive


@pytest.mark.parametrize("name", FILES)
def test_file_within_a_page_cannot_end_its_own_tag(name: str) -> None:
    assert re.findall("</(?:style|script)", inline.text(name), re.IGNORECASE) == []


@pytest.mark.parametrize("name", FILES)
def test_file_within_a_page_loses_its_comments_only(name: str) -> None:
    whole = (inline.STATIC / name).read_text()
    text = inline.text(name)
    assert "/*" not in text
    assert re.findall(r"(?m)^\s*//", text) == []
    bare = re.sub(r"/\*.*?\*/", "", whole, flags=re.DOTALL)
    bare = re.sub(r"(?m)^\s*//.*$", "", bare)
    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", bare)


@pytest.mark.parametrize("name", inline.STYLE_SHEETS)
def test_style_sheet_within_a_page_names_no_file(name: str) -> None:
    """Its address would depend on the page's, and its hash on the file's hashed name."""
    assert "url(" not in inline.text(name)
