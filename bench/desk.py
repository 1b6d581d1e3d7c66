"""Times the desk's pages as a lead and counts their queries; run it beside `make_requests N`.

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
    print("| page | best | median | queries | all queries | slowest |\n|---|---|---|---|---|---|")
    for name, address in pages(user).items():
        client.get(address)
        times = []
        for _round in range(ROUNDS):
            start = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        spent = [float(query["time"]) * 1000 for query in queries]
        print(
            f"| {name} | {min(times):.0f} | {statistics.median(times):.0f} "
            f"| {len(queries)} | {sum(spent):.0f} | {max(spent):.0f} |"
        )
        if "-v" in sys.argv:
            print("   ", max(queries, key=lambda query: float(query["time"]))["sql"])


if __name__ == "__main__":
    main()
