"""check_claims and audit_claims."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles.importers.starter import FOLDER
from articles.models import Article
from clinic.models import SiteText
from locations.models import Location, Service
from tests.articles import build as articles

HEADER = '---\ntitle: "Two miracles"\ndescription: "Three cures"\nsummary: "It is a cure."\n'


def run(name: str, *args: str) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def saved(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


# --- check_claims -------------------------------------------------------------------------------


def test_csv_prints_each_wrong_line_and_the_count(tmp_path: Path) -> None:
    file = saved(
        tmp_path,
        "lines.csv",
        "\ufefftext,note,expect\n"
        "It cures depression.,x,flag\n"
        '"Hello, there.",x,flag\n'
        '"A cure,\nand more.",x,pass\n'
        "This is not a cure.,,pass\n"
        "No label.,,\n",
    )
    assert run("check_claims", file) == (
        "expected flag: Hello, there.\n"
        "expected pass: A cure,\nand more. (cure “cure”)\n"
        "right 2 of 4\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        "text,expect\nIt “cures”.,flag\n".encode("utf-16"),
        "text,expect\nIt “cures”.,flag\n".encode("cp1252"),
        b"text;expect\r\nIt cures.;FLAG \r\n",
        b"note\ttext\texpect\n,\tIt cures.\tflag\n",
        b'text,expect\n"' + b"It cures. " * 14_000 + b'",flag\n',
        b"expect,text\nflag,It cures\x00.\n\nno label\n",
    ],
)
def test_csv_is_read_as_spreadsheets_save_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.CSV"
    path.write_bytes(content)
    assert run("check_claims", str(path)) == "right 1 of 1\n"


@pytest.mark.parametrize("content", [b"text,label\nx,flag\n", b"\xff\xfe\x00", b""])
def test_csv_that_cannot_be_read_says_what_to_give(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="columns text and expect"):
        run("check_claims", str(path))
    with pytest.raises(CommandError, match="Cannot read"):
        run("check_claims", str(tmp_path / "missing.csv"))


def test_markdown_prints_findings_and_counts_by_level(tmp_path: Path) -> None:
    out = run("check_claims", saved(tmp_path, "page.md", "It cures. About 70% respond. Act now."))
    assert out.splitlines()[0] == "block cure: It cures."
    assert out.splitlines()[1] == (
        "    “cures”: No evidence of cure; relapse is common (ekstrand2022). "
        "Use instead: 'ease symptoms', 'treat'"
    )
    assert out.splitlines()[-1] == "block 1, warn 1, cite 1"


def test_article_file_is_read_field_by_field(tmp_path: Path) -> None:
    text = f"{HEADER}questions:\n- question: Is it a cure?\n  answer: Absolutely.\n---\nA miracle."
    out = run("check_claims", saved(tmp_path, "page.md", text))
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [
        "block miracle: Two miracles",
        "block cure: Three cures",
        "block cure: It is a cure.",
        "block miracle: A miracle.",
        "block cure: Is it a cure?",
        "block 5, warn 0, cite 0",
    ]


def test_starter_articles_print_nothing_but_the_count() -> None:
    for path in FOLDER.glob("*.md"):
        assert run("check_claims", str(path)) == "block 0, warn 0, cite 0\n"


def test_time_is_printed_on_request(tmp_path: Path) -> None:
    out = run("check_claims", saved(tmp_path, "page.txt", "Nothing here."), "--time")
    assert out.splitlines()[-1].startswith("2 words in ")


def test_rules_prints_precision_and_recall_of_each_rule() -> None:
    lines = run("check_claims", "--rules").splitlines()
    assert lines[0].split() == ["rule", "flag", "pass", "precision", "recall"]
    assert lines[1].split() == ["figures", "10", "10", "1.00", "1.00"]
    assert lines[-1] == "43 of 43 rules without a mistake"


def test_command_without_a_file_says_what_to_give() -> None:
    with pytest.raises(CommandError, match="Name a file"):
        run("check_claims")


# --- audit_claims -------------------------------------------------------------------------------


def audit() -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("audit_claims", stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


@pytest.mark.django_db
def test_audit_passes_when_nothing_live_blocks() -> None:
    articles.live(body="It is a small study. About 70% responded.")
    out, code = audit()
    assert code == 0
    assert out.splitlines()[-1] == "block 0, warn 0, cite 1"


@pytest.mark.django_db
def test_audit_names_the_place_of_what_blocks() -> None:
    treatment = articles.treatment(slug="drip", risks="It has no side effects.")
    article = articles.live(
        slug="promises",
        title="A miracle",
        questions=[{"question": "Is it a cure?", "answer": "Absolutely."}],
    )
    Service.objects.create(
        slug="infusion",
        name="Infusion",
        description="A" * 60,
        body="It cures.",
        treatment=treatment,
    )
    Location.objects.create(
        slug="here", name="Here", practice_name="P", city="C", region="AL",
        time_zone="America/Chicago", blurb="The best clinic in town.",
    )  # fmt: skip
    SiteText.objects.create(name="Site", about="We work miracles.")
    out, code = audit()
    assert code == 1
    places = [line for line in out.splitlines() if line.startswith("block ")]
    assert places == [
        "block miracle in article promises, title: A miracle",
        "block cure in article promises, question 1: Is it a cure?",
        "block cure in service infusion, body: It cures.",
        "block best in clinic here, blurb: The best clinic in town.",
        "block no_side_effects in treatment drip, risks: It has no side effects.",
        "block miracle in site texts, about: We work miracles.",
        "block 6, warn 0, cite 0",
    ]
    assert article.visible_id is not None


@pytest.mark.django_db
def test_audit_leaves_out_what_readers_cannot_see() -> None:
    articles.draft(title="A miracle")
    withdrawn = articles.live(title="A cure")
    Article.objects.filter(pk=withdrawn.pk).update(live_revision=None, live_from=None)
    SiteText.objects.create(name="Site", about="We work miracles.")
    SiteText.objects.create(name="Site", about="We are three clinics.")
    assert audit() == ("block 0, warn 0, cite 0\n", 0)
