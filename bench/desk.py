"""Times the desk's pages as a lead and counts their queries; run it beside `make_requests N`.

"Works" is the least processor time of the site and of PostgreSQL's side of the connection.

DATABASE_URL=postgres://… python manage.py make_requests 100000
DATABASE_URL=postgres://… python -m bench.desk           # -v for the slowest query of each page
"""

import logging
import os
import statistics
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.db import connection  # noqa: E402 -- after the settings
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from bench.desk_pages import pages  # noqa: E402
from bench.search import processor_seconds  # noqa: E402
from clinic.models import User  # noqa: E402
from consults.models import ConsultRequest  # noqa: E402

ROUNDS = 5


def main() -> None:
    setup_test_environment()
    logging.disable(logging.INFO)
    user = User.objects.get(username="lead")
    client = Client()
    client.force_login(user)
    print(f"{ConsultRequest.objects.count()} requests; best and median of {ROUNDS}, in ms")
    print("| page | best | median | works | queries |\n|---|---|---|---|---|")
    for name, address in pages(user).items():
        client.get(address)
        times, worked = [], []
        for _round in range(ROUNDS):
            start, began = time.perf_counter(), processor_seconds()
            client.get(address)
            times.append((time.perf_counter() - start) * 1000)
            worked.append((processor_seconds() - began) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        figures = f"{min(times):.0f} | {statistics.median(times):.0f} | {min(worked):.0f}"
        print(f"| {name} | {figures} | {len(queries)} |")
        if "-v" in sys.argv:
            print("   ", max(queries, key=lambda query: float(query["time"]))["sql"])


if __name__ == "__main__":
    main()
