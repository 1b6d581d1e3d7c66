import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Reference, Treatment
from clinic.models import SiteText, User
from clinic.staff import GROUPS
from consults.models import ConsultRequest, Outbox
from locations.models import Location, Membership
from tests import build

pytestmark = pytest.mark.django_db


def load() -> None:
    call_command("load_starter_content", verbosity=0)


def demo() -> None:
    call_command("load_demo_data", verbosity=0)


def test_starter_content_holds_what_a_new_site_needs() -> None:
    load()
    assert set(Group.objects.values_list("name", flat=True)) == set(GROUPS)
    assert SiteText.objects.current().name == "Southern Ketamine and Wellness"
    assert Article.objects.count() == 10
    assert not Article.objects.published().exists()
    assert Treatment.objects.count() == 3
    assert not User.objects.exists()


def test_starter_clinics_are_exactly_the_known_facts() -> None:
    load()
    facts = {
        place.slug: (
            place.practice_name, place.area, place.street, place.city, place.region,
            place.postal_code, place.phone_display, place.time_zone,
        )
        for place in Location.objects.all()
    }  # fmt: skip
    southern, phone, central = "Southern Ketamine and Wellness", "(205) 557-2253", "America/Chicago"
    assert facts == {
        "vestavia-hills": (southern, "Birmingham, AL", "1932 Laurel Rd # 1B", "Vestavia Hills",
                           "AL", "35216", phone, central),
        "opelika": (southern, "Auburn, AL", "2200 Gateway Dr Suite AA", "Opelika", "AL", "36801",
                    phone, central),
        "alexandria": ("Nova Health Recovery", "Northern Virginia / Washington DC area", "",
                       "Alexandria", "VA", "", "", "America/New_York"),
    }  # fmt: skip
    assert not any(place.opening_hours.exists() for place in Location.objects.all())


def test_starter_content_loaded_again_keeps_what_staff_changed() -> None:
    load()
    Location.objects.filter(slug="opelika").update(practice_name="Changed by staff")
    SiteText.objects.create(name="Changed by staff")
    counts = [model.objects.count() for model in (Article, Reference, Treatment, Location)]
    load()
    assert Location.objects.get(slug="opelika").practice_name == "Changed by staff"
    assert SiteText.objects.current().name == "Changed by staff"
    assert [model.objects.count() for model in (Article, Reference, Treatment, Location)] == counts


def test_demo_data_makes_the_documented_accounts() -> None:
    load()
    demo()
    assert set(User.objects.values_list("username", flat=True)) == {
        "admin", "lead", "staff-vestavia", "staff-opelika", "staff-alexandria", "editor",
        "reviewer",
    }  # fmt: skip
    assert all(account.check_password("porch-light-demo") for account in User.objects.all())
    assert Article.objects.published().count() == 10
    assert ConsultRequest.objects.filter(is_sample=True).count() == ConsultRequest.objects.count()
    assert not Outbox.objects.exists()


def test_demo_staff_see_their_own_clinic_only() -> None:
    load()
    demo()
    for username, clinics in {
        "staff-opelika": {"opelika"},
        "lead": {"opelika", "alexandria", "vestavia-hills"},
        "admin": set(),
        "editor": set(),
    }.items():
        seen = ConsultRequest.objects.visible_to(User.objects.get(username=username))
        assert set(seen.values_list("location__slug", flat=True)) == clinics
        assert Membership.objects.filter(user__username=username).count() == len(clinics)


def test_demo_data_loaded_again_changes_nothing() -> None:
    load()
    demo()
    counts = (User.objects.count(), ConsultRequest.objects.count())
    demo()
    assert (User.objects.count(), ConsultRequest.objects.count()) == counts


def test_demo_data_loaded_again_after_a_real_request_is_silent() -> None:
    """The second `make run`, after somebody tried the form."""
    load()
    demo()
    ConsultRequest.objects.update(is_sample=False)
    demo()


@override_settings(PRODUCTION=True)
def test_demo_data_is_refused_in_production() -> None:
    load()
    with pytest.raises(CommandError, match="not for production"):
        demo()
    assert not User.objects.exists()


def test_demo_data_is_refused_beside_a_real_account() -> None:
    load()
    build.user(username="real")
    with pytest.raises(CommandError, match="1 accounts and 0 requests that are not demo"):
        demo()
    assert User.objects.count() == 1


def test_home_with_starter_content_only_looks_finished(client: Client) -> None:
    load()
    page = client.get("/").content.decode()
    assert "Vestavia Hills" in page
    assert 'href="/articles/"' in page
    assert "None" not in page


def test_home_takes_the_same_queries_with_1_and_3_clinics_and_articles(client: Client) -> None:

    build.site_text()
    counts = []
    for more in (1, 2):
        for _number in range(more):
            build.weekday_hours(build.location())
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
