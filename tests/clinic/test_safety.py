"""The rules that read for crisis. Sentences are invented; some are hard to read."""

import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from clinic import safety
from clinic.safety import reads_like_crisis

HERE = Path(__file__).parent
EXAMPLES = HERE / "crisis_examples.csv"
# Written before the rules that now find them; docs/measurements.md says what was found at first.
HELD_OUT = sorted(HERE.glob("crisis_heldout*.csv"))


def check(file: Path) -> list[str]:
    out = StringIO()
    call_command("check_safety", str(file), stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself",
        "I WANT TO KILL MYSELF",
        "i want 2 kil my self",
        "thinkin bout endin it allll tonite",
        "I want to k1ll myself!!!",
        "I want to k i l l myself",
        "I want to kiiill myself",
        "I don\u2019t want to live",
        "I dont   want\n to    live",
        "feeling suicdal today",
        "having suicidle thoughts",
        "No quiero vivir más",
        "No quiero vivir mas",
        "QUIERO MORIRME",
        "Do you open on Fridays? I think about ending my life. My number is above.",
    ],
)
def test_crisis_is_read_however_it_is_typed(text: str) -> None:
    assert reads_like_crisis(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "this commute is killing me",
        "my phone died",
        "I am dead tired",
        "The deadline is Friday",
        "I am not suicidal",
        "No thoughts of suicide or self-harm",
        "I lost my brother to suicide",
        "my grandmother died in the spring",
        "I cut myself shaving",
        "me muero de risa",
        "How long does it take?",
    ],
)
def test_idioms_denials_and_grief_are_left_alone(text: str) -> None:
    assert not reads_like_crisis(text)


def test_denial_takes_nothing_from_what_else_is_said() -> None:
    assert reads_like_crisis("I am not suicidal. But I think about ending my life.")
    assert reads_like_crisis("I'm not suicidal but sometimes everyone seems better off without me")
    assert reads_like_crisis("My phone died and I want to die")


@pytest.mark.parametrize("file", [EXAMPLES, *HELD_OUT], ids=lambda file: file.stem)
def test_examples_are_read_with_few_misses_and_few_false_alarms(file: Path) -> None:
    summary = check(file)[-1]
    recall, alarms, others = summary.split()[1].rstrip(","), *summary.split()[4::2]
    assert float(recall) >= 0.95
    assert int(alarms) <= int(others) * 0.08


def test_check_prints_each_miss_and_false_alarm(tmp_path: Path) -> None:
    file = tmp_path / "examples.csv"
    file.write_text(
        "text,label,note\n"
        "I want to die,crisis,\n"
        "Hello,crisis,made to miss\n"
        "I want to die,not,made to alarm\n"
        '"Hello, again",not,\n'
    )
    assert check(file) == [
        "miss: Hello",
        "false alarm: I want to die",
        "recall 0.50, false alarms 1 of 2",
    ]


@pytest.mark.parametrize("content", [b"words\nhello\n", b"text,label\n\xff\xfe,crisis\n", None])
def test_check_refuses_a_file_it_cannot_read(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "examples.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match="with the columns text and label"):
        call_command("check_safety", str(file))


def seconds(text: str) -> float:
    """Processor time of the best of three runs."""
    times = []
    for _run in range(3):
        start = time.process_time()
        reads_like_crisis(text)
        times.append(time.process_time() - start)
    return min(times)


def test_five_thousand_characters_are_read_in_fifty_milliseconds() -> None:
    starts = [words[0] for words in safety.RULES.crisis.sets.values()]
    texts = [
        "Could you call me after work, I am in the car until five. ",
        *(f"{word} " for word in starts),
        " ".join(starts) + " ",
        "a ",
        "x",
        "!",
    ]
    slowest = max(seconds((text * 5000)[:5000]) for text in texts)
    assert slowest < 0.05


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert reads_like_crisis(text) in {True, False}
