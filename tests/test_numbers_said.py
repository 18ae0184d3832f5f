"""Test that every number a user gives is accepted or refused at once, however large it is."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from pydantic import ValidationError

from agents import settings_update
from agents.conversation import turn
from agents.conversation.confirmation import unasked_edits
from agents.corrections.apply import apply_correction
from agents.corrections.grammar import parse_line as parse_fix
from agents.editing import SetPace, SetSeconds, Zoom, grammar
from agents.editing.selectors import ALL
from agents.executors import local
from agents.llm import servers
from agents.scripting import scripts
from commands.cli.arguments import parse
from storage import styles
from storage.domain import Box, Made, Panel
from storage.errors import KomadoriError, SettingsError
from storage.library import Library
from storage.settings import Settings
from tests.agents.test_editing import board, edited
from tools.ingest import books

LONG = "9" * 400
ENDLESS = "9" * 6000
"""More digits than Python turns into a number."""


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Apply one edit first, so that its imports and compilation are not measured."""
    edited("shot 3 drop", "shot 3 restore")
    grammar.is_understood("shots 1-9999 drop")


@contextmanager
def at_once() -> Iterator[None]:
    """Check that the block takes neither long nor much memory."""
    tracemalloc.start()
    start = monotonic()
    try:
        yield
    finally:
        took, (_, peak) = monotonic() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert took < 10, "on a machine that has much else to do"
    assert peak < 30_000_000


SPANS = ("shots 1-3000000", "shots 1-99999999999", f"shots 1-{LONG}", f"shots 1-{ENDLESS}", f"shot {ENDLESS}",
         "page 3000000", "pages 2-9999999999", "pages 9000-9999999", f"page {ENDLESS}", f"s{LONG}")  # fmt: skip


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("verb", ["drop", "restore", "slower", "merge", "unlock"])
def test_shots_that_are_not_there_are_refused_however_many_they_would_be(span: str, verb: str) -> None:
    there = board()
    with at_once(), pytest.raises(SettingsError) as told:
        edited(f"{span} {verb}", on=there)
    assert told.value.hint


@pytest.mark.parametrize("span", SPANS)
def test_what_a_person_says_to_a_model_is_compared_at_once(span: str) -> None:
    edits = [grammar.parse_line("shots 1-8 drop")]
    with at_once():
        assert unasked_edits(edits, f"drop {span}") == edits


NUMBERS = ("0", "-1", "nan", "inf", "-inf", "1e308", "1e999", LONG, ENDLESS, f"{LONG}.5", f"-{LONG}")
SAID = ("seconds {}", "pace {}", "zoom {}", "generated {}", "generated {}%", "split at {}", "seed {}", "take {}",
        "on balloon {}", "on panel {}", "drop balloon {}", "read balloon {}", "on box 0,0,{},10", "on box 0,0,5%,{}%",
        "after {}", "slower by {}")  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_an_edit_is_taken_or_refused(number: str) -> None:
    there, taken = board(), []
    for said in SAID:
        line = f"shot 3 {said.format(number)}"
        with at_once():
            try:
                edited(line, on=there)
                taken.append(said)
            except KomadoriError:
                continue
    assert set(taken) <= ({"generated {}", "generated {}%", "seed {}"} if number == "0" else set())


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "line",
    ["page {} delete panel 1", "page 1 delete panel {}", "page 1 swap panels 1 {}", "page 1 merge panels 1 {}",
     "page 1 move panel 1 to {}", "page 1 split panel 1 at x {}", "page 1 add panel 0,0,{},50",
     "page 1 add panel 20,20,380,200 as {}", "page 1 delete balloon {}", "page 1 move balloon 1 to panel {}",
     "page 1 text {} hello", "page 1 kind {} thought", "page 1 speaker {} mika", "page {} accept all"],
)  # fmt: skip
def test_a_number_of_a_fix_is_taken_or_refused(line: str, number: str) -> None:
    with at_once(), pytest.raises(SettingsError) as told:
        apply_correction(board().transcript, parse_fix(line.format(number)))
    assert told.value.hint


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e308, -1.0])
def test_a_number_of_a_program_is_refused_as_one_of_a_person(number: float) -> None:
    making: tuple[Callable[[], object], ...] = (
        lambda: SetSeconds(which=ALL, seconds=number),
        lambda: SetPace(which=ALL, factor=number),
        lambda: Zoom(which=ALL, by=number),
        lambda: styles.StyleSheet(pace=number),
        lambda: Settings(max_drift=number),
    )
    for make in making:
        with pytest.raises(ValidationError):
            make()
    for name in ("max_drift", "max_generated", "crf", "best_of", "max_tokens"):
        if not (name == "max_tokens" and number == 1e308):
            with pytest.raises(SettingsError):
                settings_update.update_setting(Settings(), name, number)


@pytest.mark.parametrize("edge", [float("nan"), float("inf"), float("-inf")])
def test_no_box_reaches_for_ever(edge: float) -> None:
    for box in (Box(0, 0, edge, 10), Box(edge, 0, 10, 10), Box(0, edge, 10, 10)):
        with pytest.raises(ValidationError):
            Panel(id="p", order=0, box=box)


def test_a_project_without_a_bound_on_money_is_read_again(tmp_path: Path) -> None:
    with Library.open(tmp_path / "p.komadori", create=True) as library:
        library.set_settings(Settings(max_cost=float("inf")))
        kept = library.settings()
        library.add_made("k", "t", made := Made(facts={"far": float("inf")}))
        assert library.find_made("k") == made
    assert kept
    assert kept.max_cost == float("inf")


@pytest.mark.parametrize("spec", ["1-9999999999", "1-999999999", f"1-{LONG}", LONG, ENDLESS, f"{ENDLESS}-", "3-1", "0"])
def test_pages_that_are_not_in_the_book_are_refused(spec: str) -> None:
    pages = tuple(books.PageRef(at, f"{at}.png") for at in range(8))
    with at_once(), pytest.raises(SettingsError):
        books.choose_pages(pages, spec)


@pytest.mark.parametrize(
    "line",
    ['pages = "1-9999999999"\nfps = 99999999999', f"height = {LONG}", "height = inf", "fps = nan", "fps = 0",
     "height = 0", 'fps = "1/0"', "budget = nan",
     "budget = -inf", f'edits = ["shots 1-{ENDLESS} drop"]', 'edits = ["pages 1-99999999999 slower"]',
     f'edits = ["page {LONG} delete panel 1"]', 'edits = ["shot 3 slower by 1e308"]'],
)  # fmt: skip
def test_a_number_of_a_script_is_refused_with_its_line(line: str, tmp_path: Path) -> None:
    script = tmp_path / "film.toml"
    script.write_text(f'source = "book"\n{line}\n', encoding="utf-8")
    with at_once(), pytest.raises(SettingsError) as told:
        scripts.load_script(script)
    assert str(script) in told.value.what


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "1e308", LONG, ENDLESS, "0000000000030"])
@pytest.mark.parametrize(
    "option", ["--fps", "--height", "--max-cost", "--max-tokens", "--max-drift", "--max-generated", "--best-of",
               "--max-retakes"],
)  # fmt: skip
def test_a_number_on_the_command_line_is_refused(option: str, number: str) -> None:
    if option == "--max-cost" and number == "0000000000030":
        assert parse(["animate", "book", option, number]).max_cost == 30
        return
    with at_once(), pytest.raises(SettingsError):
        parse(["animate", "book", f"{option}={number}"])


@pytest.mark.parametrize("number", ["nan", "inf", LONG, ENDLESS, "0000000000064", "-3", "1e3"])
def test_a_number_of_the_environment_is_refused(number: str) -> None:
    for name in ("KOMADORI_TIMEOUT", "KOMADORI_TOGETHER", "KOMADORI_WINDOW", "KOMADORI_ANSWER"):
        with at_once(), pytest.raises(SettingsError):
            servers.configured_server("", {"KOMADORI_MODEL": "m", "OPENAI_API_KEY": "k", name: number})


@pytest.mark.parametrize("number", ["999999999", LONG, ENDLESS])
def test_no_number_of_processes_is_out_of_bounds(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(local.WORKERS_VARIABLE, number)
    with at_once():
        assert 1 <= local.worker_count() <= local.MAX_WORKERS


@pytest.mark.parametrize(
    "said", ["undo 999999999999", f"undo {ENDLESS}", f"shot {ENDLESS} restore", "shots 1-3000000 drop"]
)
def test_a_turn_of_the_conversation_with_such_a_number_changes_nothing(said: str, finished: Path) -> None:
    with at_once(), pytest.raises(KomadoriError):
        turn.take_turn(finished / "chapter.komadori", said, dry_run=True)
