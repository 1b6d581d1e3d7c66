"""How well the search finds what people look for, and the command that says so."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.search.find import find
from tests.clinic.build import page

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent


def report(file: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    call_command("search_quality", file)
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


@pytest.mark.usefixtures("whole_site")
@pytest.mark.parametrize(
    ("name", "first", "three"),
    [
        ("search_questions.csv", 0.97, 0.97),  # what the engine was tuned on
        ("search_held_out.csv", 0.82, 0.90),  # what it was not
    ],
)
def test_search_finds_what_people_look_for(
    name: str, first: float, three: float, capsys: pytest.CaptureFixture[str]
) -> None:
    *_misses, figures = report(HERE / name, capsys)
    hit_1, hit_3 = (float(part.split()[1]) for part in figures.split(" of ")[0].split(", "))
    assert figures.endswith(" of 40")
    assert (hit_1, hit_3) >= (first, three), figures
    assert hit_3 >= three, figures


def test_search_quality_prints_each_miss_and_the_shares(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = {"question": "And egrets?", "answer": "Yes.", "anchor": "question-1"}
    page(key="herons", title="Herons", questions=[question])
    page(key="waders", title="Waders and herons", text="Herons.")
    table.write_text(
        "note,query,expect\n"
        "first,herons,herons | other\n"
        "second,herons,waders\n"
        "question,and egrets,herons\n"
        "none,zebras,herons\n"
    )
    lines = report(table, capsys)
    assert lines == [
        "Nothing is published: publish articles first, or load demo data.",
        "found later: herons -> herons, waders",
        "missed: zebras -> nothing",
        "hit@1 0.50, hit@3 0.75 of 4",
    ]


def test_search_quality_reads_a_table_as_spreadsheets_save_it(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page(key="herons", title="Herons, egrets")
    rows = ("Query, Expect", '"herons, egrets",herons', '"say ""herons""", "none|herons"', "", "x")
    table.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    assert report(table, capsys)[1:] == ["missed: x -> nothing", "hit@1 0.67, hit@3 0.67 of 3"]


def test_search_quality_of_an_empty_table_is_zero(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_text("query,expect\n")
    assert report(table, capsys)[-1] == "hit@1 0.00, hit@3 0.00 of 0"


@pytest.mark.parametrize("content", [None, "", "q,e\na,b\n", b"\xff\xfe\x00"])
def test_search_quality_of_what_is_no_table_fails_in_words(
    table: Path, content: str | bytes | None
) -> None:
    if isinstance(content, bytes):
        table.write_bytes(content)
    elif content is not None:
        table.write_text(content)
    with pytest.raises(CommandError, match=r"table\.csv (cannot be read|needs the columns)"):
        call_command("search_quality", table)


@pytest.mark.usefixtures("whole_site")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ketamin", "ketamine"),
        ("depresion", "depression"),
        ("vestavia hils", "vestavia hills"),
        ("spravatto", "spravato"),
    ],
)
def test_search_takes_common_misspellings_for_what_was_meant(typed: str, meant: str) -> None:
    found = find(typed)
    assert found.corrected == meant
    assert list(found.ranked) == list(find(meant).ranked) != []
