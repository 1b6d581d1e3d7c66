"""Prints what a first visit to the pages that matter most costs, compressed, in bytes.

    python -m bench.weights

Uses the development database: run `make run` once before. A page carries its style sheet and
script. "opens" is an article up to the end of its first paragraph, which is as much as a browser
needs to show the first screen, as gzip 6; it should come in one round trip, as other pages do
whole.
"""

import os
from gzip import compress as gzip

import brotli  # type: ignore[import-untyped]
import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
OPENING_LIMIT = 14 * 1024
FIRST_LOAD_LIMIT = 30 * 1024


def gzip_length(data: bytes) -> int:
    return len(gzip(data, 6))


def brotli_length(data: bytes) -> int:
    return len(brotli.compress(data, quality=5))


def opening(html: bytes) -> bytes:
    start = html.find(b'<div class="text prose')
    return html if start == -1 else html[: html.index(b"</p>", start)]


def page(path: str) -> bytes:
    from django.test import Client

    return bytes(Client().get(path, headers={"Host": "127.0.0.1"}).content)


def main() -> None:
    from articles.models import Article
    from clinic import inline

    for name in (*inline.STYLE_SHEETS, *inline.SCRIPTS):
        print(f"{name}: {gzip_length(inline.text(name).encode())} by itself, gzip 6")
    print(f"\n{'HTML':>7} {'opens':>7} {'gzip 6':>7} {'br 5':>7}")
    articles = [article.get_absolute_url() for article in Article.objects.published()]
    for path in ["/", "/locations/opelika/", "/consult/", *articles]:
        html = page(path)
        opens, whole = gzip_length(opening(html)), gzip_length(html)
        print(f"{len(html):7} {opens:7} {whole:7} {brotli_length(html):7}  {path}")
    print(f"\nlimits: opens {OPENING_LIMIT}, whole {FIRST_LOAD_LIMIT}")


if __name__ == "__main__":
    django.setup()
    main()
