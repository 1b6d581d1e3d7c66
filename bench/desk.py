"""Times the desk's pages as a lead and counts their queries; run it beside `make_requests N`.

DATABASE_URL=postgres://… python manage.py make_requests 100000
DATABASE_URL=postgres://… python -m bench.desk
"""

import os
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.db import connection  # noqa: E402 -- after the settings
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from clinic.models import User  # noqa: E402
from consults.models import ConsultRequest, SearchKey  # noqa: E402

LIST = reverse("admin:consults_consultrequest_changelist")
ROUNDS = 5


def pages(user: User) -> dict[str, str]:
    visible = ConsultRequest.objects.visible_to(user)
    newest = visible.open().order_by("-received_at")[0]
    clinic = newest.location.slug
    name = SearchKey.digests(SearchKey.Kind.NAME, "Ana")[0]
    email = SearchKey.digests(SearchKey.Kind.EMAIL, newest.email)[0]
    return {
        "home": reverse("admin:index"),
        "queue": LIST,
        "closed": f"{LIST}?view=closed",
        "one clinic": f"{LIST}?view=unclaimed&clinic={clinic}",
        "search by name": f"{LIST}?key={name}",
        "search by address": f"{LIST}?key={email}",
        "request": reverse("admin:consults_consultrequest_change", args=[newest.pk]),
        "reports": reverse("admin:consults_consultrequest_reports"),
    }


def main() -> None:
    setup_test_environment()
    user = User.objects.get(username="lead")
    client = Client()
    client.force_login(user)
    print(f"{ConsultRequest.objects.count()} requests; best and median of {ROUNDS}, in ms")
    for name, address in pages(user).items():
        client.get(address)
        times = []
        for _round in range(ROUNDS):
            start = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        slowest = max(queries, key=lambda query: float(query["time"]))
        print(
            f"{name:18} {min(times):6.0f} {statistics.median(times):6.0f}   "
            f"{len(queries)} queries, slowest {float(slowest['time']) * 1000:.0f} ms"
        )
        if "-v" in os.environ.get("BENCH", ""):
            print("   ", slowest["sql"][:600])


if __name__ == "__main__":
    main()
