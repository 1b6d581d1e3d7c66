"""The drawn map holds two facts and asks no other host for anything."""

import html
import re
from xml.etree import ElementTree as ET

import pytest

from locations.maps import map_svg
from locations.models import Location


def clinic(slug: str = "here", name: str = "Here", area: str = "") -> Location:
    return Location(slug=slug, name=name, area=area)


def words_on(drawing: str) -> list[str]:
    return [html.unescape(line) for line in re.findall(r"<text[^>]*>(.*?)</text>", drawing)]


def test_map_of_a_clinic_is_always_the_same() -> None:
    assert map_svg(clinic()) == map_svg(clinic())


def test_maps_of_two_clinics_differ() -> None:
    drawings = {map_svg(clinic(slug=f"town-{number}")) for number in range(30)}
    assert len(drawings) == 30


def test_map_names_the_town_and_its_area_and_says_that_it_is_a_drawing() -> None:
    drawing = map_svg(clinic(name="Opelika", area="Auburn, AL"))
    assert words_on(drawing) == ["Opelika", "Auburn, AL"]
    root = ET.fromstring(drawing)  # noqa: S314 -- our own drawing
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Drawing of Opelika, known by Auburn, AL, not to scale"


def test_map_without_a_known_area_names_the_town_only() -> None:
    assert words_on(map_svg(clinic(name="Opelika"))) == ["Opelika"]


def test_map_breaks_a_long_name_and_leaves_out_one_that_does_not_fit() -> None:
    assert words_on(map_svg(clinic(name="A rather long name of a town"))) == [
        "A rather long name of a",
        "town",
    ]
    assert words_on(map_svg(clinic(name="Long " * 16))) == []
    assert words_on(map_svg(clinic(name="A" * 25))) == []


@pytest.mark.parametrize("number", range(20))
def test_map_carries_classes_only_and_stands_inside_its_frame(number: int) -> None:
    drawing = map_svg(clinic(slug=f"town-{number}", area="Auburn, AL"))
    assert "style" not in drawing
    assert "href" not in drawing
    assert "url(" not in drawing
    root = ET.fromstring(drawing)  # noqa: S314 -- our own drawing
    for light in root.iter("circle"):
        assert 46 <= float(light.attrib["cx"]) <= 354
        assert 40 <= float(light.attrib["cy"]) <= 204


def test_map_with_markup_in_a_name_is_harmless() -> None:
    drawing = map_svg(clinic(name="<script>a</script>", area='"><b>'))
    assert "<script" not in drawing
    assert words_on(drawing) == ["<script>a</script>", '"><b>']
    ET.fromstring(drawing)  # noqa: S314 -- our own drawing
