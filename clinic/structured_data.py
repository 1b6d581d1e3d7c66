"""The home page as structured data: the site, who stands behind it, and its clinics."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.safestring import SafeString

from clinic import seo
from locations.models import Location
from locations.structured_data import clinic_node


def home_page(clinics: Iterable[Location], site_name: str) -> SafeString | str:
    """Nothing while the site has no name: a nameless node says nothing to anyone."""
    if not site_name:
        return ""
    home = seo.absolute("/")
    search = seo.absolute(reverse("search"))
    organization = {
        "@type": "MedicalOrganization",
        "@id": seo.organization_id(),
        "name": site_name,
        "url": home,
    }
    website = {
        "@type": "WebSite",
        "@id": f"{home}#website",
        "name": site_name,
        "url": home,
        "publisher": {"@id": organization["@id"]},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }
    known = [node for clinic in clinics if (node := clinic_node(clinic, site_name))]
    return seo.json_ld({"@graph": [website, organization, *known]})
