"""Kill the program, its workers and its ffmpeg at random moments, and compare the projects with undisturbed ones.

    python -m benchmarks.chaos [--kills 200] [--seed N] [--only STEP]

Every step of a small film's life (animate, chat, fix, undo, redo, retake, run) is run once undisturbed. Then each trial
puts back the project before a step, kills the step one to five times, lets it finish, and compares. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from storage.errors import KomadoriError
from storage.library import Library
from tests.conftest import draw_chapter, transcript_of

HOUSE = Path(__file__).resolve().parents[1]
MOST_KILLS = 5
"""Kills in one trial."""
MOST_RUNS = 6
"""Runs after the last kill in which a command must come to its end."""
PATIENCE = 600.0
"""Seconds after which a run that was not killed counts as hanging."""
SCRIPT = """source = "{book}"
project = "{project}"
output = "{film}"
transcript = "{transcript}"
height = 180
fps = 12
edits = ["shot 2 slower", "shot 3 seconds 2"]
"""


@dataclass(frozen=True)
class Step:
    """One command in the life of a film."""

    name: str
    words: tuple[str, ...]
    """The command; {project}, {film}, {book}, {transcript} and {script} stand for paths."""
    repeats: bool = False
    """Whether the same command may be given again after it was killed. Others change the film once: after their change
    is stored, `animate` ends what they began."""
    films: bool = True
    """Whether the command makes the film too."""


ANIMATE = (
    "animate", "{book}", "--project", "{project}", "-o", "{film}", "--transcript", "{transcript}", "--height", "180",
    "--fps", "12",
)  # fmt: skip
STEPS = (
    Step("animate", ANIMATE, repeats=True),
    Step("chat", ("chat", "{project}", "shot 2 slower; shots 5-6 swap", "-o", "{film}")),
    Step("fix", ("fix", "{project}", "page 2 swap panels 1 2"), films=False),
    Step("refilm", ANIMATE[:6], repeats=True),
    Step("undo", ("undo", "{project}", "-o", "{film}")),
    Step("redo", ("redo", "{project}", "-o", "{film}")),
    Step("retake", ("retake", "{project}", "1", "3", "--seed", "7", "-o", "{film}")),
    Step("run", ("run", "{script}"), repeats=True),
)
TARGETS = ("program", "program", "worker", "ffmpeg")


@dataclass(frozen=True)
class ProjectState:
    """What a project holds, without times."""

    head: tuple[int, int]
    """Numbers of the storyboard's revision and of the reading's correction."""
    storyboard: str
    film: str
    """Hash of the film; "" where the step makes none."""
    keys: frozenset[str]
    """Content keys of all results."""
    seconds: float = 0.0
    """How long the undisturbed step took."""


@dataclass
class Tally:
    """What was done and what was found."""

    killed: Counter[str] = field(default_factory=Counter)
    """Kills by step and target."""
    ended: int = 0
    """Runs that ended before they could be killed."""
    trials: int = 0
    faults: list[str] = field(default_factory=list)


class Room:
    """A folder with one project, its book, its transcript and its script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project, self.film = folder / "film.komadori", folder / "film.mp4"

    def create(self) -> None:
        """Draw the book and write its transcript and script."""
        self.folder.mkdir(parents=True)
        draw_chapter(self.folder / "book")
        (self.folder / "transcript.json").write_text(transcript_of(2).model_dump_json(by_alias=True), encoding="utf-8")
        (self.folder / "script.toml").write_text(SCRIPT.format(**self._paths()), encoding="utf-8")

    def command(self, words: Sequence[str]) -> list[str]:
        """Return the command with its paths."""
        return [sys.executable, "main.py", *(word.format(**self._paths()) for word in words)]

    def _paths(self) -> dict[str, Path]:
        names = {"book": "book", "transcript": "transcript.json", "script": "script.toml"}
        return {"project": self.project, "film": self.film, **{key: self.folder / name for key, name in names.items()}}

    def run(self, words: Sequence[str]) -> tuple[int, str]:
        """Run a command to its end; return its status and what it printed on stderr."""
        done = subprocess.run(
            self.command(words), cwd=HOUSE, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        return done.returncode, done.stderr

    def head(self) -> tuple[int, int]:
        """Return the numbers of the storyboard's revision and of the correction in force; 0 where there is none."""
        try:
            with Library.open(self.project, readonly=True) as library:
                revision, correction = library.head(), library.correction()
                return revision.number if revision else 0, correction.number if correction else 0
        except KomadoriError:
            return 0, 0  # not made yet

    def state(self, seconds: float = 0.0) -> ProjectState:
        """Return what the project holds."""
        with Library.open(self.project, readonly=True) as library:
            board = "\n".join(plan.model_dump_json() for plan in library.shots())
            keys = frozenset(str(event.facts["key"]) for event in library.events(kinds={"made"}))
        film = hashlib.sha256(self.film.read_bytes()).hexdigest() if self.film.exists() else ""
        return ProjectState(self.head(), hashlib.sha256(board.encode()).hexdigest(), film, keys, seconds)

    def faults(self) -> list[str]:
        """Return what is wrong with the project by itself: a job done twice, a lost or damaged file, a leftover."""
        found = []
        with Library.open(self.project, readonly=True) as library:
            made = Counter(str(event.facts["key"]) for event in library.events(kinds={"made"}))
            found += [f"done {times} times: {key}" for key, times in made.items() if times > 1]
            found += [f"lost: {key}" for key in made.keys() - library.find_many(made).keys()]
            files = [path for path in self.project.rglob("*") if path.is_file()]
            stored = [path.name for path in files if len(path.name) == 64]
            found += [f"damaged: {name}" for name in stored if not library.artifacts.is_intact(name)]
        return found + [f"left behind: {path}" for path in files if path.parent.name == "tmp" or path.suffix == ".part"]


def descendants(process: int) -> dict[int, str]:
    """Return the processes below a process, by number, with their commands."""
    parents, commands = dict[int, int](), dict[int, str]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                commands[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
    below, new = set[int](), {process}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        below |= new
    return {child: commands.get(child, "") for child in below}


def find_target(process: int, target: str, luck: Random) -> int | None:
    """Return the process to kill: the program, one of its worker processes or an ffmpeg; None while there is none."""
    if target == "program":
        return process
    mark = "ffmpeg" if target == "ffmpeg" else "spawn_main"
    found = sorted(child for child, command in descendants(process).items() if mark in command)
    return luck.choice(found) if found else None


def run_and_kill(room: Room, words: Sequence[str], target: str, moment: float, luck: Random) -> int | None:
    """Run a command and kill the target at a moment, or as soon after it as the target exists.

    Returns:
        The status of the command, negative where it was killed itself; None where it ended before anything was killed.
    """
    begin, victim = time.monotonic(), None
    with subprocess.Popen(
        room.command(words), cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and victim is None:
            if time.monotonic() - begin >= moment:
                victim = find_target(process.pid, target, luck)
            time.sleep(0.005)
        if victim is None:
            return None
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        return process.wait(PATIENCE)


def try_step(step: Step, after: ProjectState, room: Room, luck: Random, tally: Tally) -> None:
    """Run one trial of a step: kill it a few times, let it end, and compare."""
    tally.trials += 1
    start = room.head()
    for _ in range(luck.randint(1, MOST_KILLS)):
        words = next_words(step, room, start, after.head)
        if words is None:
            break
        target = luck.choice(TARGETS)
        moment = luck.uniform(0, after.seconds * 1.1) if target == "program" else luck.uniform(0, after.seconds * 0.6)
        status = run_and_kill(room, words, target, moment, luck)
        if status is None:
            tally.ended += 1
        else:
            tally.killed[f"{step.name} {target}"] += 1
        if room.head() not in (start, after.head, (start[0], after.head[1])):
            tally.faults.append(f"{step.name}: half a change, {start} -> {room.head()} instead of {after.head}")
    status, said = 0, ""
    for _ in range(MOST_RUNS):
        words = next_words(step, room, start, after.head)
        status, said = room.run(words) if words else (0, "")
        if status == 0 and (room.head() == after.head or step.repeats):
            break
    tally.faults += [f"{step.name}: {fault}" for fault in differences(step, room, after, status, said)]


def next_words(step: Step, room: Room, start: tuple[int, int], end: tuple[int, int]) -> Sequence[str] | None:
    """Return the command that a person gives now: the step's own, or `animate` once its change is stored.

    A correction that is stored is planned by `animate` too. None means that nothing is left to do.
    """
    if step.repeats or room.head() == start:
        return step.words
    return ANIMATE[:6] if step.films or room.head() != end else None


def differences(step: Step, room: Room, after: ProjectState, status: int, said: str) -> list[str]:
    """Return in what a project differs from the undisturbed one."""
    compared = ("head", "storyboard", "film") if step.films else ("storyboard",)
    if status:
        return [f"it ends with {status}: {said[-400:]}"]
    state = room.state()
    found = room.faults()
    found += [f"{name} differs" for name in compared if getattr(state, name) != getattr(after, name)]
    if lost := after.keys - state.keys:
        found.append(f"{len(lost)} jobs were never done")
    return found


def run_undisturbed(room: Room) -> list[ProjectState]:
    """Run all steps, keep a copy of the room before each, and return the state after each."""
    found = list[ProjectState]()
    for step in STEPS:
        shutil.copytree(room.folder, saved(room, step))
        begin = time.monotonic()
        status, said = room.run(step.words)
        if status:
            raise SystemExit(f"{step.name} ends with {status} undisturbed: {said}")
        found.append(room.state(time.monotonic() - begin))
        if faults := room.faults():
            raise SystemExit(f"{step.name} undisturbed: {faults}")
        print(f"{step.name}: {found[-1].seconds:.1f} s undisturbed, film {found[-1].film[:10]}", flush=True)
    return found


def saved(room: Room, step: Step) -> Path:
    """Return the folder with the copy of the room before a step."""
    return room.folder.with_name(f"before-{step.name}")


def chaos(folder: Path, kills: int, seed: str, only: str) -> Tally:
    """Run trials until there were enough kills, and print what is found at once."""
    room = Room(folder / "room")
    room.create()
    undisturbed, tally = run_undisturbed(room), Tally()
    for trial in itertools.count():
        step, after = STEPS[trial % len(STEPS)], undisturbed[trial % len(STEPS)]
        if only in ("", step.name):
            known = len(tally.faults)
            shutil.rmtree(room.folder)
            shutil.copytree(saved(room, step), room.folder)
            try_step(step, after, room, Random(f"{seed}-{trial}"), tally)
            for fault in tally.faults[known:]:
                print(f"FAULT in trial {seed}-{trial}, {fault}", flush=True)
            if tally.faults[known:]:
                shutil.copytree(room.folder, folder / f"fault-{trial}")
        if tally.killed.total() >= kills:
            break
        if trial % 8 == 7:
            print(f"{tally.killed.total()} kills in {tally.trials} trials, {len(tally.faults)} faults", flush=True)
    return tally


def main(words: list[str]) -> int:
    """Parse the command line, run trials and print a summary. Return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default=time.strftime("%m%d%H%M"))
    parser.add_argument("--only", choices=[step.name for step in STEPS], default="")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work in this folder, and leave it")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        tally = chaos(given.keep or Path(name), given.kills, given.seed, given.only)
    for what, times in sorted(tally.killed.items()):
        print(f"{what:<18}{times:4d} kills")
    print(
        f"{tally.killed.total()} kills in {tally.trials} trials ({tally.ended} runs ended first), seed {given.seed}: ",
        end="",
    )
    print(f"{len(tally.faults)} faults")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
