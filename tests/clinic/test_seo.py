"""Titles and descriptions that fit, and structured data that cannot end its element."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import seo


@pytest.mark.parametrize(
    ("text", "site_name", "title"),
    [
        ("Opelika", "Sample Clinics", "Opelika · Sample Clinics"),
        ("Sample Clinics, Opelika", "Sample Clinics", "Sample Clinics, Opelika"),
        ("Opelika", "", "Opelika"),
        ("Word " * 11 + "end", "Sample Clinics", "Word " * 11 + "end"),
        ("Word " * 12 + "end", "Sample Clinics", "Word " * 11 + "Word…"),
    ],
)
def test_title_fits_and_names_the_site_where_there_is_room(
    text: str, site_name: str, title: str
) -> None:
    assert seo.title(text, site_name) == title


@given(st.text(max_size=400))
def test_fit_never_exceeds_its_limit_nor_a_line(text: str) -> None:
    fitted = seo.fit(text, 60)
    assert len(fitted) <= 60
    assert "\n" not in fitted


def test_json_ld_with_a_script_end_in_it_stays_one_element() -> None:
    name = "</script><!-- & \u2028 “name”"
    element = seo.json_ld({"@type": "Thing", "name": name})
    found = re.fullmatch(r'<script type="application/ld\+json">([^<>&\u2028]*)</script>', element)
    assert found
    assert json.loads(found[1]) == {
        "@context": "https://schema.org",
        "@type": "Thing",
        "name": name,
    }


def test_breadcrumb_list_ends_with_the_page_itself() -> None:
    crumbs = seo.breadcrumb_list([("Home", "/")], ("Here", "/here/"))
    assert [(item["position"], item["name"]) for item in crumbs["itemListElement"]] == [
        (1, "Home"),
        (2, "Here"),
    ]
    assert crumbs["itemListElement"][1]["item"] == seo.absolute("/here/")
