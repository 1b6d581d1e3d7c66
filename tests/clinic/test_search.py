"""What a search finds and in which order, and that nothing anyone types breaks it."""

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.models import SearchEntry, SearchWord
from clinic.search import full_text
from clinic.search.find import MOST_HITS, fields_of, find
from clinic.search.full_text import LOOK_THROUGH, ZONES, Ask
from clinic.search.query import Term, read, terms_of, weigh
from clinic.search.ranking import Fields, rank
from clinic.search.snippets import SNIPPET_LENGTH, snippet
from clinic.search.spelling import distance
from clinic.search.suggestions import suggest
from clinic.words import stems
from tests.clinic.build import page

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
QUESTION = {
    "question": "Will I be asleep?",
    "answer": "Usually not, but you may be sleepy.",
    "anchor": "question-1",
}


def titles(query: str, *, exact: bool = False) -> list[str]:
    return [hit.title for hit in find(query, exact=exact).hits()]


# --- What is found ------------------------------------------------------------------------------


def test_find_is_one_list_of_all_kinds() -> None:
    page("clinic", title="Sleepy Hollow")
    page("service", title="Sleepy talk")
    page("article", title="Sleepy mornings")
    assert {(hit.kind, hit.title) for hit in find("sleepy").hits()} == {
        ("Clinic", "Sleepy Hollow"),
        ("Service", "Sleepy talk"),
        ("Article", "Sleepy mornings"),
    }


def test_find_shows_nothing_before_its_time_or_after() -> None:
    now = timezone.now()
    page(title="Sleep soon", live_from=now + HOUR)
    page(title="Sleep before", live_from=now - HOUR, live_until=now)
    assert titles("sleep") == []
    page(title="Sleep now", live_until=now + HOUR)
    assert titles("sleep") == ["Sleep now"]


def test_find_brings_words_to_their_stem_without_case_and_accents() -> None:
    page(title="Café Zürich", text="About infusions and driving.")
    for query in ("cafe", "ZURICH", "infusion", "drive", "drives"):
        assert titles(query) == ["Café Zürich"]


def test_find_takes_words_in_quotes_as_one() -> None:
    page(title="One", text="They offer talk therapy here.")
    page(title="Two", text="Therapy, not talk.")
    assert titles('"talk therapy"') == ["One"]
    assert titles("“talk therapy”") == ["One"]
    assert sorted(titles("talk therapy")) == ["One", "Two"]


def test_find_in_quotes_takes_small_words_at_their_word() -> None:
    page(title="One", text="What to do before you go.")
    page(title="Two", text="Before dawn.")
    assert titles('"before you"') == ["One"]


def test_find_by_an_everyday_word_what_pages_call_otherwise() -> None:
    page(title="Cost and insurance")
    page(title="An infusion in a vein")
    assert titles("price") == ["Cost and insurance"]
    assert titles("drip") == ["An infusion in a vein"]


def test_find_knows_an_everyday_phrase_that_is_made_of_small_words() -> None:
    page(title="What it costs", text="The price of a visit.")
    page(title="Visit")
    page(title="Throwing", text="How much there is to throw.")
    page(title="An upset stomach")
    assert titles("how much is a visit")[0] == titles("how much is it")[0]
    assert titles("how much is it")[0] == "What it costs"
    assert titles("does it make you throw up")[0] == "An upset stomach"
    assert find("is it").terms == find("is it", exact=True).terms != []


def test_find_prefers_the_word_that_was_typed() -> None:
    page(title="Cost of a visit")
    page(title="Price of a visit")
    assert titles("price")[0] == "Price of a visit"
    assert titles("cost")[0] == "Cost of a visit"


def test_find_leaves_small_words_out_unless_there_is_nothing_else() -> None:
    page(title="Driving", text="You may go home with a friend.")
    page(title="Which is it", text="Which of them it is.")
    assert titles("can i go driving") == ["Driving"]
    assert titles("which is it") == ["Which is it"]


# --- In which order -----------------------------------------------------------------------------


def test_find_weighs_title_question_summary_heading_and_text_in_this_order() -> None:
    for number in range(9):
        page(title=f"Filler {number}", text="Nothing to see.")
    page(title="In the text", text="Some words and then bladder and more words.")
    page(title="In a heading", text="A bladder.", headings=["Your bladder and you"])
    page(title="In the summary", text="A bladder.", summary="The bladder may hurt for some time.")
    page(title="Asked", text="A bladder.", questions=[QUESTION | {"question": "And my bladder?"}])
    page(title="Bladder pain", text="A bladder.")
    found = find("bladder").hits()
    assert [hit.within or hit.title for hit in found] == [
        "Bladder pain", "Asked", "In the summary", "In a heading", "In the text",
    ]  # fmt: skip


def test_find_puts_pages_with_all_words_before_those_with_some() -> None:
    page(title="Sleep sleep sleep", text="Sleep.")
    page(title="Other", text="Light, and far from it a word about sleep and herons.")
    found = find("herons sleep")
    assert found.hits()[0].title == "Other"
    assert found.has_all is True


def test_find_says_when_no_page_has_all_words() -> None:
    page(title="Sleep")
    page(title="Light")
    found = find("sleep light")
    assert sorted(hit.title for hit in found.hits()) == ["Light", "Sleep"]
    assert found.has_all is False


def test_find_breaks_a_tie_by_the_newest() -> None:
    now = timezone.now()
    page(title="Sleep", key="old", dated=now - 2 * HOUR)
    page(title="Sleep", key="new", dated=now - HOUR)
    assert [hit.key for hit in find("sleep").ranked] == ["new", "old"]


def test_find_shows_the_question_that_answers_with_its_anchor() -> None:
    page(title="Five things", path="/articles/five/", text="Asleep.", questions=[QUESTION])
    hit = find("will i be asleep").hits()[0]
    assert (hit.kind, hit.title, hit.within) == ("Question", "Will I be asleep?", "Five things")
    assert hit.url == "/articles/five/#question-1"
    assert hit.snippet == "Usually not, but you may be sleepy."


def test_find_lists_a_page_once_though_its_questions_match_too() -> None:
    page(title="Sleep", text="Sleep.", questions=[QUESTION | {"question": "Sleep?"}])
    assert titles("sleep") == ["Sleep"]


def test_find_gives_a_hundred_at_most() -> None:
    entries = [
        SearchEntry.of_page(
            kind="article", key=f"k{n}", path=f"/{n}/", title="Sleep", opening="", text=""
        )
        for n in range(MOST_HITS + 20)
    ]
    SearchEntry.objects.put("article", entries)
    assert len(find("sleep").ranked) <= MOST_HITS


# --- Misspelled ---------------------------------------------------------------------------------


@pytest.fixture
def _a_few_pages() -> None:
    page(title="Ketamine for depression", text="An infusion has side effects. Anxiety is another.")
    page(title="Ketamine and Spravato compared", text="Insurance and appointment.")
    page("clinic", title="Vestavia Hills", text="A clinic near Birmingham.")


@pytest.mark.usefixtures("_a_few_pages")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ketamin", "ketamine"),
        ("ketemin", "ketamine"),
        ("depresion", "depression"),
        ("spravatto", "spravato"),
        ("vestavia hils", "vestavia hills"),
        ("Vestavia Hils!", "Vestavia hills!"),
        ("anxeity", "anxiety"),
        ("sideeffects", "side effects"),
        ("birmin", "birmingham"),
        ("insurence apointment", "insurance appointment"),
    ],
)
def test_find_takes_a_misspelled_word_for_one_of_our_own(typed: str, meant: str) -> None:
    found = find(typed)
    assert found.corrected == meant
    assert found.has_all is True


@pytest.mark.usefixtures("_a_few_pages")
@pytest.mark.parametrize("query", ["ketamine", "infusions", "depressed", "xyz", "1234", "hill"])
def test_find_leaves_a_word_alone_that_is_right_or_too_far_off(query: str) -> None:
    assert find(query).corrected == ""


@pytest.mark.usefixtures("_a_few_pages")
def test_find_exactly_what_was_typed_when_asked_to() -> None:
    assert find("depresion", exact=True).ranked == []
    assert find('"depresion"').ranked == []


def test_find_offers_no_word_of_a_text_that_is_not_live() -> None:
    page(title="Spravato soon", live_from=timezone.now() + HOUR)
    assert SearchWord.objects.filter(word="spravato").exists()
    found = find("spravatto")
    assert (found.corrected, list(found.ranked)) == ("", [])


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("same", "same", 0),
        ("hils", "hills", 1),
        ("anxeity", "anxiety", 1),
        ("depresion", "depression", 1),
        ("kitten", "sitting", 3),
        ("", "abc", 3),
    ],
)
def test_distance_counts_mistakes(one: str, other: str, count: int) -> None:
    assert distance(one, other, 3) == distance(other, one, 3) == count
    assert distance(one, other, 0) == min(count, 1)


# --- Any input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "%",
        "'\"",
        "🎈",
        "*",
        "\\",
        '"',
        '""',
        '"" ""',
        "''",
        "()",
        "&",
        "--",
        "؟",
        "\u0301",
    ],
)
def test_find_without_a_word_finds_nothing(query: str) -> None:
    page(title="Sleep")
    assert list(find(query).ranked) == []


@pytest.mark.parametrize(
    "query",
    [
        "sleep AND", "NOT sleep", "NEAR(sleep, 2)", "title_words:sleep", "sleep*", "^sleep",
        "sleep OR light", "(sleep", "sleep & !", "sleep:*", "sleep <-> ", "'sleep'",
        "sleep'; DROP TABLE x --", '"sleep', 'sle"ep" sleep', "sleep 🎈", "{sleep}",
        "+sleep -light", "sle\\ep sleep",
    ],
)  # fmt: skip
def test_find_takes_operators_for_what_they_are_in_a_sentence(query: str) -> None:
    page(title="Sleep", text="Light and near, or not, and title words; drop a table.")
    assert titles(query)[:1] == ["Sleep"]


@given(st.text(st.characters(exclude_categories=()), max_size=300))  # lone surrogates, too
@example("\0 \ud800sleep\udfff \0")
@example("\u202e\u05d0 sleep")
def test_find_takes_any_text(query: str) -> None:
    find(query).hits()
    suggest(query)


@given(st.lists(st.sampled_from(['"', "'", "sleep", "NEAR(", ")", "*", " ", "OR", "\\", "&", ":"])))
def test_find_takes_any_mix_of_operators(parts: list[str]) -> None:
    find("".join(parts)).hits()


def test_find_takes_ten_thousand_characters() -> None:
    page(title="Sleep")
    assert list(find("sleep " * 2000).ranked) != []
    assert list(find("a" * 10_000).ranked) == []


# --- Both databases agree -----------------------------------------------------------------------


WORDS = ["sleep", "light", "heron", "bladder", "visit", "night"]


@given(st.lists(st.sampled_from(WORDS), min_size=1))
def test_the_database_only_narrows(words: list[str]) -> None:
    """What it leaves out would not have been shown: so the order is the same on any database."""
    if not SearchEntry.objects.exists():
        for n, text in enumerate(("sleep light", "heron sleep", "visit at night", "bladder light")):
            page(title=text, text=f"{text} {'sleep ' * n}", dated=timezone.now() - n * HOUR)
    terms = weigh(terms_of(read(" ".join(words))))
    everything = [Fields(*row) for row in SearchEntry.objects.values_list(*Fields._fields)]
    assert list(find(" ".join(words)).ranked) == rank(everything, terms)


def test_the_newest_that_match_are_found_however_many_newer_ones_do_not() -> None:
    """PostgreSQL looks through the newest first: what it then reads of the index adds the rest."""
    now = timezone.now()
    old = [page(title="Heron light").pk for _number in range(3)]
    page(title="Heron light", live_from=now - 2 * HOUR, live_until=now - HOUR)
    page(title="Heron light", live_from=now + HOUR)
    before_them = page(title="Heron light").pk
    for _number in range(2 * LOOK_THROUGH - 1):
        page(title="Egret")
    last = page(title="Heron light").pk
    for terms in ([("heron",)], [("heron",), ("light",)]):
        for worth in (0.1, 9.0):  # a word of every page, and a rare one
            asked = [Term(phrase, (), {phrase: worth}) for phrase in terms]
            for zone in ZONES:
                for most in (1, 2, 50):
                    newest = [last, before_them, *reversed(old)][:most]
                    assert full_text.entries([Ask(zone, asked, most)]) == set(newest)
    assert full_text.stems_on_pages({"heron", "egret", "zebra"}) == {"heron", "egret"}


# --- Snippets -----------------------------------------------------------------------------------


def test_snippet_marks_the_words_found_and_escapes_the_rest() -> None:
    assert snippet("Depressión & <b>sleeping</b> again", set(stems("depression sleep"))) == (
        "<mark>Depressión</mark> &amp; &lt;b&gt;<mark>sleeping</mark>&lt;/b&gt; again"
    )


def test_snippet_is_cut_where_most_of_the_words_stand() -> None:
    text = "sleep " + "word " * 100 + "sleep near light " + "word " * 100
    cut = snippet(text, set(stems("sleep light")))
    assert cut.startswith("… word")
    assert "<mark>sleep</mark> near <mark>light</mark> word" in cut
    assert cut.endswith("word…")
    assert len(cut.replace("<mark>", "").replace("</mark>", "")) <= SNIPPET_LENGTH + 2


@given(st.text(), st.text(min_size=1, max_size=20))
def test_snippet_is_safe_whatever_the_text(text: str, word: str) -> None:
    cut = snippet(f"{text} <b>{word}</b>", set(stems(word)))
    assert "<" not in cut.replace("<mark>", "").replace("</mark>", "")


def test_fields_of_nothing_is_nothing() -> None:
    assert fields_of([]) == []
