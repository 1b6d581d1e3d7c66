"""How long it takes to bring a WordPress export along, and how much memory.

    VAR_DIR=$(mktemp -d) .venv/bin/python -m bench.wordpress 1000

Makes an export of that many posts of about 800 words each, with headings, lists, a table, links to
each other and a picture without a file, brings it into the configured database twice, and takes it
back.
"""

import os
import resource
import sys
import time

import django


def post(n: int) -> str:
    words = " ".join(f"This is sentence {k} of post {n}, which says little." for k in range(12))
    part = (
        "<!-- wp:heading --><h2>A part of it</h2><!-- /wp:heading -->"
        f"<!-- wp:paragraph --><p>{words} <a href='/post-{n - 1}/'>Before</a></p>"
        "<!-- /wp:paragraph --><!-- wp:list --><ul><li>One</li><li>Two</li></ul><!-- /wp:list -->"
    )
    table = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    return f'{part * 7}{table}<img src="/wp-content/uploads/{n}.jpg" alt="A room">'


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from articles.importers.media import Media
    from articles.importers.wordpress import bring
    from articles.importers.wxr import parse
    from tests.articles.wxr import export, item

    call_command("migrate", verbosity=0)
    data = export(*(item(n, post(n), title=f"Post {n}") for n in range(1, count + 1)))
    with transaction.atomic():
        for name in ("first", "again"):
            start = time.perf_counter()
            report = bring(parse(data), Media(None))
            print(
                f"{name}: {len(report.created)} new, {len(report.skipped)} left, "
                f"{time.perf_counter() - start:.1f} s"
            )
        transaction.set_rollback(True)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"export {len(data) / 1e6:.1f} MB, most memory {most:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1000)
