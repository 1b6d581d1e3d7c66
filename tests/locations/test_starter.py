"""The starter content: exactly what is known, and staff's changes stay."""

import pytest

from articles.models import Treatment
from locations.models import Location, OpeningHours, Service, SpecialDay
from locations.starter import load_starter

pytestmark = pytest.mark.django_db

KNOWN_FACTS = [
    {
        "slug": "vestavia-hills",
        "practice_name": "Southern Ketamine and Wellness",
        "area": "Birmingham, AL",
        "street": "1932 Laurel Rd # 1B",
        "city": "Vestavia Hills",
        "region": "AL",
        "postal_code": "35216",
        "phone": "+12055572253",
        "time_zone": "America/Chicago",
    },
    {
        "slug": "opelika",
        "practice_name": "Southern Ketamine and Wellness",
        "area": "Auburn, AL",
        "street": "2200 Gateway Dr Suite AA",
        "city": "Opelika",
        "region": "AL",
        "postal_code": "36801",
        "phone": "+12055572253",
        "time_zone": "America/Chicago",
    },
    {
        "slug": "alexandria",
        "practice_name": "Nova Health Recovery",
        "area": "Northern Virginia / Washington DC area",
        "street": "",
        "city": "Alexandria",
        "region": "VA",
        "postal_code": "",
        "phone": "",
        "time_zone": "America/New_York",
    },
]


def test_starter_on_an_empty_site_adds_exactly_the_known_facts() -> None:
    assert load_starter() == 4
    assert list(Location.objects.values(*KNOWN_FACTS[0])) == KNOWN_FACTS
    assert not OpeningHours.objects.exists()
    assert not SpecialDay.objects.exists()
    assert Location.objects.default().slug == "vestavia-hills"


def test_starter_invents_nothing_about_a_clinic() -> None:
    load_starter()
    unknown = ("blurb", "latitude", "longitude", "texting_phone", "notice_email", "pause_message")
    rows = Location.objects.values_list(*unknown)
    assert {value for row in rows for value in row} <= {"", None}


def test_starter_service_is_offered_nowhere_until_a_clinic_says_so() -> None:
    load_starter()
    service = Service.objects.get()
    assert service.slug == "ketamine-infusion-therapy"
    assert service.treatment is None
    assert not service.locations.exists()


def test_starter_service_gets_its_treatment_where_the_record_is_there() -> None:
    treatment = Treatment.objects.create(
        slug="iv-ketamine", name="IV ketamine", status="off_label", statement="x", risks="x"
    )
    load_starter()
    assert Service.objects.get().treatment == treatment


def test_starter_loaded_again_changes_nothing_that_staff_changed() -> None:
    load_starter()
    Location.objects.filter(slug="vestavia-hills").update(street="", is_default=False)
    Location.objects.filter(slug="opelika").update(is_default=True)
    Location.objects.filter(slug="alexandria").delete()
    Service.objects.update(name="Infusions")

    assert load_starter() == 1
    assert Location.objects.get(slug="vestavia-hills").street == ""
    assert Location.objects.default().slug == "opelika"
    assert Location.objects.filter(slug="alexandria").exists()
    assert Service.objects.get().name == "Infusions"


def test_starter_where_staff_chose_another_default_leaves_their_choice() -> None:
    load_starter()
    Location.objects.filter(slug="vestavia-hills").delete()
    Location.objects.filter(slug="opelika").update(is_default=True)
    load_starter()
    assert Location.objects.default().slug == "opelika"
