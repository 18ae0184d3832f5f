"""Test that a storyboard still waits for approval after its process has ended, as long as nothing changed."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents import graph, run
from agents.checkpoints import NAME
from agents.corrections import replan
from agents.editing import SetSeconds, revise
from agents.editing.selectors import ShotSelector
from agents.graph import run_graph, stage_names
from agents.run_context import RunContext
from komadori import animate, open_project, render
from main import main
from storage.domain import VideoFormat
from storage.errors import StorageError
from storage.library import Library
from tests.agents.sound.test_speech import TONES
from tests.conftest import transcript_of
from tests.program import HOUSE
from tests.test_film import kill_in

pytestmark = pytest.mark.film


PLANNING = {"ingest", "read", "cast", "understand", "storyboard"}
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def paused_once(tmp_path_factory: pytest.TempPathFactory, finished: Path) -> Path:
    """A project whose storyboard waits for approval, left by a process that has ended."""
    room = tmp_path_factory.mktemp("paused")
    shutil.copytree(finished / "chapter", room / "chapter")
    shutil.copy(finished / "transcript.json", room)
    said = subprocess.run(words(room), cwd=HOUSE, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert said.returncode == 0, said.stderr
    assert not (room / "film.mp4").exists()
    return room


@pytest.fixture
def paused(paused_once: Path, tmp_path: Path) -> Path:
    """A copy of it, at the same place as seen from inside."""
    room = tmp_path / "room"
    shutil.copytree(paused_once, room)
    with Library.open(room / "p.komadori") as library:
        library.set_project(str(room / "chapter"), library.info())
    return room


def words(room: Path, *more: str) -> list[str]:
    return [
        sys.executable, "main.py", "animate", str(room / "chapter"), "--project", str(room / "p.komadori"), "-o",
        str(room / "film.mp4"), "--transcript", str(room / "transcript.json"), "--height", "180", "--fps", "12",
        "--approve", *more,
    ]  # fmt: skip


def animated(room: Path, *, agree: run.Agree | None = None, **changes: Any) -> tuple[run.Report, set[str]]:
    """Run the same command in this process; the report, and the stages that had something to say or to do."""
    with Library.open(room / "p.komadori", readonly=True) as library:
        settings, since = library.settings(), library.last_event()
    assert settings
    corrections = transcript_of(1 if "pages" in changes or settings.pages else 2)
    wishes = run.RunOptions(room / "chapter", room / "film.mp4", True, corrections, agree)
    report = run.animate(room / "p.komadori", settings.model_copy(update=changes), wishes)
    with Library.open(room / "p.komadori", readonly=True) as library:
        return report, {event.stage for event in library.events(since)}


def yes(library: Library) -> bool:
    return True


def test_a_second_process_asks_again_and_films_what_was_planned_in_the_first(paused: Path) -> None:
    assert graph.is_waiting(paused / "p.komadori")
    report, stages = animated(paused)
    assert (report.film, report.shots) == (None, 8)
    assert not stages, "it has gone on from the pause, and waits in it"
    seen: list[int] = []

    def agree(library: Library) -> bool:
        seen.append(len(library.shots()))
        return True

    report, stages = animated(paused, agree=agree)
    assert report.film == paused / "film.mp4"
    assert seen == [8]
    assert not stages & PLANNING
    assert {"clean", "composite"} <= stages
    assert not graph.is_waiting(paused / "p.komadori")


def test_the_command_without_approve_agrees(paused: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = paused / "p.komadori"
    assert main(["show", "project", str(project)]) == 0
    assert "waiting" in capfd.readouterr().out
    assert main([word for word in words(paused)[2:] if word != "--approve"]) == 0
    assert (paused / "film.mp4").exists()
    assert main(["show", "project", str(project)]) == 0
    assert "waiting" not in capfd.readouterr().out


def test_showing_that_it_waits_writes_nothing(paused: Path) -> None:
    before = {path: path.read_bytes() for path in paused.rglob("*") if path.is_file()}
    assert graph.is_waiting(paused / "p.komadori")
    assert {path: path.read_bytes() for path in paused.rglob("*") if path.is_file()} == before


def edit(room: Path) -> None:
    revise.revise(room / "p.komadori", [SetSeconds(which=ShotSelector.of("s001"), seconds=7)], author="chat")


def correct(room: Path) -> None:
    from agents.corrections import grammar as fixes

    replan.correct_project(room / "p.komadori", [fixes.parse_line('page 1 text 1 "good evening"')])


def another_page(room: Path) -> None:
    (room / "chapter" / "002.png").write_bytes((room / "chapter" / "001.png").read_bytes())


@pytest.mark.parametrize("change", [edit, correct, another_page])
def test_what_changed_since_is_planned_asked_about_and_filmed(change: Change, paused: Path) -> None:
    change(paused)
    seen: list[tuple[float, str]] = []

    def agree(library: Library) -> bool:
        transcript = library.transcript()
        assert transcript
        seen.append((library.shots()[0].seconds, transcript.pages[0].balloons[0].text))
        return True

    report, stages = animated(paused, agree=agree)
    assert "storyboard" in stages
    assert report.film
    with Library.open(paused / "p.komadori", readonly=True) as library:
        first = library.shots()[0].seconds
        assert (first == 7) == (change is edit)
        cut, head = library.cut(), library.head()
        assert cut is not None
        assert head is not None
        assert cut.revision == head.number
    assert seen == [(first, "good evening" if change is correct else "hello there")]


@pytest.mark.parametrize(
    "changes", [{"screen": VideoFormat(width=180, height=320, fps=12)}, {"crf": 31}, {"pages": "1"}], ids=str
)
def test_with_other_settings_it_is_planned_and_asked_anew(changes: dict[str, Any], paused: Path) -> None:
    report, stages = animated(paused, **changes)
    assert report.film is None
    assert "storyboard" in stages
    report, stages = animated(paused, agree=yes)
    assert report.film
    assert not stages & PLANNING
    with Library.open(paused / "p.komadori", readonly=True) as library:
        settings = library.settings()
        assert settings
        assert {name: getattr(settings, name) for name in changes} == changes
        assert {plan.page for plan in library.shots()} == ({0} if "pages" in changes else {0, 1})


@pytest.mark.parametrize(
    "changes", [{"loudness": -20.0}, {"music": "theme.ogg"}, {"sound": False}, {"voice_fallback": "espeak"}], ids=str
)
def test_a_sound_that_changes_no_plan_is_not_asked_about(changes: dict[str, Any], paused: Path) -> None:
    report, stages = animated(paused, **changes)
    assert report.film is None
    assert not stages


def test_who_speaks_is_asked_about_where_it_changes_a_line(paused: Path) -> None:
    """The voices of a film are settings, the environment, and the table beside the pictures of the cast."""
    assert "storyboard" in animated(paused, voice=TONES)[1]
    assert not animated(paused)[1]
    (paused / "cast").mkdir()
    shutil.copy(paused / "chapter" / "001.png", paused / "cast" / "mika.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOMADORI_VOICE", TONES)
        animated(paused, cast=str(paused / "cast"), voice="auto")
        assert not animated(paused)[1]
        (paused / "cast" / "voices.toml").write_text("[voices]\nnarrator = {rate = 1.5}\n")
        assert "storyboard" in animated(paused)[1]
        assert not animated(paused)[1]


def gone(file: Path) -> None:
    file.unlink()


def garbage(file: Path) -> None:
    file.write_bytes(b"\x00garbage" * 999)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def unreadable(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("update checkpoints set checkpoint = x'c1c1', type = 'msgpack'")


def old(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("create table checkpoints (thread_id text, state text)")


@pytest.mark.parametrize("spoil", [gone, garbage, truncated, unreadable, old])
def test_without_its_checkpoints_it_is_asked_anew(spoil: Change, paused: Path) -> None:
    spoil(paused / "p.komadori" / NAME)
    assert not graph.is_waiting(paused / "p.komadori")
    report, stages = animated(paused)
    assert report.film is None
    assert "storyboard" in stages
    assert graph.is_waiting(paused / "p.komadori")
    assert animated(paused, agree=yes)[0].film


def test_checkpoints_run_no_code_of_others(paused: Path, tmp_path: Path) -> None:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    kind, bad = JsonPlusSerializer().dumps_typed(Touch(str(tmp_path / "touched")))
    (tmp_path / "touched").unlink()
    with sqlite3.connect(paused / "p.komadori" / NAME) as connection:
        connection.execute("update writes set value = ?, type = ? where channel = '__interrupt__'", (bad, kind))
    animated(paused)
    assert not (tmp_path / "touched").exists()


class Touch(tuple[str]):
    """Makes a file when it is made."""

    _fields = ("place",)

    def __new__(cls, place: str) -> Touch:
        Path(place).touch()
        return super().__new__(cls, (place,))

    def _asdict(self) -> dict[str, str]:
        return {"place": self[0]}


def test_a_film_that_was_agreed_to_and_killed_is_not_asked_about_again(context: RunContext) -> None:
    assert run_graph(context, {"approve": True})["approve"]

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context.executor, "run", fail)
        with pytest.raises(KeyboardInterrupt):
            run_graph(context, None)
    assert not run_graph(context, {"approve": True})["approve"]
    assert context.library.cut() is not None
    assert run_graph(context, {"approve": True})["approve"], "the film is made: who wants to approve again is asked"


def test_killed_after_the_pause_it_makes_what_an_undisturbed_run_makes_and_nothing_twice(
    paused: Path, tmp_path: Path
) -> None:
    whole = shutil.copytree(paused, tmp_path / "whole")
    agreed, killed = [word for word in words(paused) if word != "--approve"], Counter[str]()
    for stage in ("clean", "composite"):
        kill_in(agreed, paused / "p.komadori", stage, 0.05, killed)
    assert set(killed) == {"clean", "composite"}
    assert animated(paused, agree=yes)[0].film
    assert animated(whole, agree=yes)[0].film
    torn, undisturbed = made(paused), made(whole)
    assert torn.keys() == undisturbed.keys()
    assert set(torn.values()) == {1}


def made(room: Path) -> Counter[str]:
    """How often each job was done whose content key speaks of plans and pictures alone, not of encoded bytes."""
    with Library.open(room / "p.komadori", readonly=True) as library:
        events = library.events(kinds={"made"})
    return Counter(
        str(event.facts["key"]) for event in events if event.stage in PLANNING | set(stage_names("clean", "composite"))
    )


def test_a_full_disk_has_a_cure(paused: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def full(*args: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **more)
        if NAME in str(args[0]):
            connection.execute("pragma max_page_count = 1")
        return connection

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(StorageError) as raised:
        animated(paused, crf=31)
    assert raised.value.hint


def test_a_program_waits_and_goes_on(chapter: Path, tmp_path: Path) -> None:
    project = open_project(chapter, tmp_path / "p.komadori")
    waiting = animate(project, height=180, fps=12, preset="ultrafast", pages="1", approve=True)
    assert waiting.film is None
    assert waiting.shots == len(project.shots)
    assert render(project).film
