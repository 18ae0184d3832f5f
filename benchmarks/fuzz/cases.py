"""Run one input by its kind and seed, and say how it ended."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.fuzz import guard
from benchmarks.fuzz.kinds import KINDS
from storage.errors import KomadoriError

MOST_CHARACTERS = 2000
"""Characters of an error that a person can still read."""


@dataclass(frozen=True)
class Outcome:
    """How an input ended."""

    kind: str
    seed: str
    end: str
    """"fine", the class of the error that refused it, or "FIND"."""
    what: str = ""
    """The find: a traceback, a file written elsewhere, too much memory or time."""
    seconds: float = 0.0
    mib: int = 0


def kind_of(number: int) -> str:
    """Return the kind of the input with this number: each kind by its weight, evenly mixed."""
    place, total = number * 37 % 100, 0
    for name, kind in KINDS.items():
        total += kind.weight
        if place < total:
            return name
    raise AssertionError("the weights sum up to 100")


def run_case(kind: str, seed: str, room: Path) -> Outcome:
    """Draw an input in `room`, which holds the prepared `base`, use it and remove it."""
    folder = room / "case"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    luck = Random(f"{kind}:{seed}")
    drawn = KINDS[kind].draw(luck, folder)
    base, end, what = _tree(room), "fine", ""
    here = Path.cwd()
    os.chdir(folder)
    watch = guard.Watch(folder)
    try:
        with _silence(folder / "foreign.txt"), guard.watching(folder) as watch:
            KINDS[kind].use(drawn, folder)
    except KomadoriError as reason:
        end, what = type(reason).__name__, _fault_of_error(reason)
    except (Exception, guard.Hang):
        what = traceback.format_exc()
    finally:
        os.chdir(here)
    what = what or _fault_of_watch(watch)
    if printed := (folder / "foreign.txt").read_text(errors="replace").strip():
        what = what or f"a library prints: {printed[:300]}"
    if moved := sorted(_tree(room) ^ base):
        what = what or f"files changed outside the case: {moved[:5]}"
    return Outcome(kind, seed, "FIND" if what else end, what, watch.seconds, watch.mib)


def _fault_of_error(reason: KomadoriError) -> str:
    """Return what is wrong with an error that should tell a user something."""
    for text in (reason.what, reason.hint):
        if not text.strip() or len(text) > MOST_CHARACTERS:
            return f"{type(reason).__name__} has {len(text)} characters: {text[:300]!r}"
    return ""


def _fault_of_watch(watch: guard.Watch) -> str:
    if watch.outside:
        return "outside the project: " + "; ".join(watch.outside[:5])
    return f"{watch.mib} MiB of memory" if watch.mib > guard.MOST_MIB else ""


def _tree(room: Path) -> set[tuple[str, int, int]]:
    """Return name, size and time of each file in `room` but those of the case itself."""
    found = set()
    for path in room.rglob("*"):
        name = path.relative_to(room)
        if name.parts[0] != "case" and path.is_file():
            status = path.stat()
            found.add((str(name), status.st_size, status.st_mtime_ns))
    return found


@contextlib.contextmanager
def _silence(foreign: Path) -> Iterator[None]:
    """Keep what the program prints from the log, and write what libraries print past Python to the file `foreign`."""
    saved = os.dup(2)
    with foreign.open("wb") as target:
        os.dup2(target.fileno(), 2)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
