"""What machines read of the site and its clinics: what the pages say, and nothing else."""

from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.test import Client

from clinic.models import SiteText
from locations.models import Location
from tests import build
from tests.pages import Page, words_for_readers

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def whole_site() -> None:
    call_command("load_starter_content", verbosity=0)
    call_command("load_demo_data", verbosity=0)


@pytest.mark.usefixtures("whole_site")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/about/",
        "/privacy/",
        "/locations/opelika/",
        "/locations/vestavia-hills/",
        "/locations/alexandria/",
        "/services/ketamine-infusion-therapy/",
        "/articles/ketamine-infusion-therapy-for-depression/",
        "/articles/topics/",
    ],
)
def test_words_for_machines_are_on_the_page(client: Client, path: str) -> None:
    page = Page(client, path)
    words = [text for node in page.json_ld() for text in words_for_readers(node)]
    assert words
    assert [text for text in words if text not in page.text] == []


@pytest.mark.usefixtures("whole_site")
def test_every_phone_number_for_machines_can_be_called_from_the_page(client: Client) -> None:
    for path in ("/", "/locations/opelika/"):
        page = Page(client, path)
        phones = [node["telephone"] for node in page.json_ld() if "telephone" in node]
        assert phones
        assert [phone for phone in phones if f"tel:{phone}" not in page.links] == []


@pytest.mark.usefixtures("whole_site")
def test_home_names_the_organization_and_each_clinic_with_an_address(client: Client) -> None:
    page = Page(client, "/")
    assert page.node("MedicalOrganization") == {
        "@type": "MedicalOrganization",
        "@id": f"{SITE}/#organization",
        "name": SiteText.objects.current().name,
        "url": f"{SITE}/",
    }
    clinics = {node["@id"]: node for node in page.json_ld() if node["@type"] == "MedicalClinic"}
    known = [place for place in Location.objects.listed() if place.street and place.postal_code]
    assert list(clinics) == [f"{SITE}/locations/{place.slug}/#clinic" for place in known]


@pytest.mark.usefixtures("whole_site")
def test_home_and_clinic_page_call_a_clinic_by_the_same_id(client: Client) -> None:
    def ids(path: str) -> set[str]:
        nodes = Page(client, path).json_ld()
        return {node["@id"] for node in nodes if node["@type"] == "MedicalClinic"}

    for identifier in ids("/"):
        path = identifier.removeprefix(SITE).removesuffix("#clinic")
        assert ids(path) == {identifier}


def test_clinic_belongs_to_the_site_only_under_its_name(client: Client) -> None:
    build.site_text(name="Sample Clinics")
    address = {"street": "1 Example St", "postal_code": "36801"}
    build.location(slug="ours", practice_name="Sample Clinics", **address)
    build.location(slug="theirs", practice_name="Nova Example", **address)
    parents = {
        node["name"]: node.get("parentOrganization")
        for node in Page(client, "/").json_ld()
        if node["@type"] == "MedicalClinic"
    }
    ours = {"@id": f"{SITE}/#organization"}
    assert parents == {"Sample Clinics": ours, "Nova Example": None}
    on_its_page = Page(client, "/locations/ours/").node("MedicalClinic")["parentOrganization"]
    assert (on_its_page["@id"], on_its_page["name"]) == (ours["@id"], "Sample Clinics")


def test_clinic_without_a_whole_address_is_left_out(client: Client) -> None:
    build.site_text()
    build.location(slug="no-street", postal_code="36801")
    build.location(slug="no-code", street="1 Example St")
    assert "MedicalClinic" not in [node["@type"] for node in Page(client, "/").json_ld()]


def test_site_without_a_name_tells_machines_nothing(client: Client) -> None:
    build.location(street="1 Example St", postal_code="36801")
    assert Page(client, "/").json_ld() == []


def test_search_address_for_machines_finds_things(client: Client) -> None:
    build.site_text()
    action = Page(client, "/").node("WebSite")["potentialAction"]
    template = unquote(action["target"]["urlTemplate"])
    assert template == f"{SITE}/search/?q={{search_term_string}}"
    address = template.removeprefix(SITE).replace("{search_term_string}", "ketamine")
    assert "ketamine" in Page(client, address).html


def test_hostile_names_stay_text(client: Client) -> None:
    name = "</script><!--<b>& Co"
    build.site_text(name=name)
    build.location(slug="here", practice_name=name, street="1 <i> St", postal_code="36801")
    for path in ("/", "/locations/here/"):
        page = Page(client, path)
        assert page.html.count("<script") == page.html.count("</script>")
        assert page.node("MedicalClinic")["name"] == name
        assert page.node("MedicalClinic")["address"]["streetAddress"] == "1 <i> St"
