"""Prints what a first visit to each article costs, compressed, in bytes.

    python -m bench.weights

Uses the development database: run `make run` once before. "opens" is the page up to the end of its
first paragraph, which is as much as a browser needs, with the style sheet, to show the first
screen; "paint" is the whole page and the style sheet; "load" has the script as well.
"""

import os
import re
from gzip import compress as gzip
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
FIRST_PAINT_LIMIT = 14 * 1024
FIRST_LOAD_LIMIT = 30 * 1024


def gzip_length(data: bytes) -> int:
    return len(gzip(data, 6))


def brotli_length(data: bytes) -> int:
    return len(brotli.compress(data, quality=5))


def static_length(name: str) -> int:
    """As whitenoise keeps it: compressed once, as far as it goes; a font is compressed already."""
    from django.contrib.staticfiles.finders import find

    data = Path(str(find(name))).read_bytes()
    return len(data) if name.endswith(".woff2") else len(brotli.compress(data, quality=11))


def opening_length(html: bytes) -> int:
    return brotli_length(html[: html.index(b"</p>", html.index(b'<div class="text prose'))])


def page(path: str) -> bytes:
    from django.test import Client

    return bytes(Client().get(path, headers={"Host": "127.0.0.1"}).content)


def main() -> None:
    from articles.models import Article

    paths = [article.get_absolute_url() for article in Article.objects.published()]
    css, script = static_length("css/site.css"), static_length("js/site.js")
    font = static_length("fonts/newsreader.woff2")
    print(f"style sheet {css}, script {script} (brotli 11); font {font}\n")
    print(f"{'HTML':>7} {'gzip 6':>7} {'br 5':>7} {'opens':>7} {'paint':>7} {'load':>7}")
    for path in paths:
        html = page(path)
        small = brotli_length(html)
        print(
            f"{len(html):7} {gzip_length(html):7} {small:7} {opening_length(html) + css:7} "
            f"{small + css:7} {small + css + script:7}  {path}"
        )
    print(f"\nlimits: first paint {FIRST_PAINT_LIMIT}, first load {FIRST_LOAD_LIMIT}")
    requests = re.findall(
        rb'<(?:link rel="(?:stylesheet|preload|icon)"|script src)', page(paths[0])
    )
    print(f"requests of {paths[0]}: {1 + len(requests)} at most")


if __name__ == "__main__":
    django.setup()
    main()
