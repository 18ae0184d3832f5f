"""A project and fixes in; corrections that can be undone, a new plan, and how many shots are stale out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from pathlib import Path

from agents.executors.local import LocalExecutor
from agents.fixes import Accept, CastFix, MergeCharacters, PageFix, RenameCharacter, words
from agents.fixes.apply import apply_fix
from agents.fixes.people import character_of, page_of
from agents.graph import run_stages
from agents.revising.board import onlooker
from agents.shots import in_force
from agents.stages import composite
from agents.understanding import proposals
from agents.workshop import Progress, Workshop
from storage.errors import ProjectError
from storage.library import Library
from storage.records import Author
from storage.settings import Settings
from storage.shapes import PageTranscript, Transcript

Say = Callable[[Progress], None]


@dataclass(frozen=True)
class Outcome:
    """What was done, in words; how many shots are planned now, and how many of them have no film yet."""

    said: tuple[str, ...]
    shots: int
    stale: int
    stale_before: int


def fix(
    project: Path, wanted: Sequence[PageFix | CastFix], *, author: Author = "hand", say: Say = lambda progress: None
) -> Outcome:
    """Mend what was read, one correction a fix, all or none, and plan anew where there is a plan.

    Raises SettingsError for a fix that cannot be done, ProjectError when nothing has been read.
    """

    return _changed(project, lambda library: _correct(library, wanted, author), say)


def mend(
    library: Library, wanted: Sequence[PageFix | CastFix], *, author: Author, say: Say = lambda progress: None
) -> list[str]:
    """The same in a project that is open; says what was done."""
    said = _correct(library, wanted, author)
    plan(library, say)
    return said


def undo(project: Path, steps: int = 1, say: Say = lambda progress: None) -> Outcome:
    """Take the newest corrections back; says which. ProjectError when there is none."""
    return _changed(project, lambda library: [library.undo_correction().message for _ in range(steps)], say)


def redo(project: Path, steps: int = 1, say: Say = lambda progress: None) -> Outcome:
    """Do again what was undone last; says what. ProjectError when there is nothing."""
    return _changed(project, lambda library: [library.redo_correction().message for _ in range(steps)], say)


def stale(library: Library) -> tuple[int, int]:
    """How many shots are planned, and how many of them no film stands for."""
    if library.head() is None:
        return 0, 0
    shop = onlooker(library)
    shots = composite.resolve_shots(shop, in_force(shop, {}))
    return len(shots), sum(resolved.segment is None for resolved in shots)


def _correct(library: Library, wanted: Sequence[PageFix | CastFix], author: Author) -> list[str]:
    states = [_transcript(library)]
    for one in wanted:  # the first that fails stops all
        states.append(applied(library, states[-1], one))
    return [_keep(library, one, *around, author) for one, around in zip(wanted, pairwise(states), strict=True)]


def applied(library: Library, transcript: Transcript, one: PageFix | CastFix) -> Transcript:
    """The transcript with one thing mended, also with what the project's model proposes."""
    steps = proposals.fixes_of(library, transcript, one) if isinstance(one, Accept) else [one]
    return reduce(apply_fix, steps, transcript)


def _changed(project: Path, change: Callable[[Library], list[str]], say: Say) -> Outcome:
    with Library.open(project) as library:
        head, before = library.correction(), _stale_before(library)
        try:
            said = change(library)
        finally:
            if library.correction() != head:  # also when the second of two steps back failed: the first is done
                plan(library, say)
        return Outcome(tuple(said), *stale(library), before)


def _stale_before(library: Library) -> int:
    try:
        return stale(library)[1]
    except ProjectError:
        return 0  # the last change was broken off before its plan: this one plans for both


def plan(library: Library, say: Say) -> None:
    """Lay the corrections over what was read, and plan the shots anew where there is a storyboard."""
    executor = LocalExecutor(library.artifacts.root)
    try:
        shop = Workshop(library, library.settings() or Settings(), executor, say=say)
        run_stages(shop, until="storyboard" if library.head() else "understand")
    finally:
        executor.close()


def _transcript(library: Library) -> Transcript:
    transcript = library.transcript()
    if transcript is None:
        raise ProjectError(f"nothing has been read in {library.folder} yet", "run: main.py animate SOURCE")
    return transcript


def _keep(library: Library, one: PageFix | CastFix, before: Transcript, after: Transcript, author: Author) -> str:
    message = words.written(one)
    pages: dict[str, PageTranscript | None] = {}
    names, merged, result = dict[str, str](), dict[str, str | None](), ""
    images = {image.index: image.artifact for image in library.pages()}
    if isinstance(one, RenameCharacter):
        names = {character_of(before, one.character).id: one.name}
    elif isinstance(one, MergeCharacters):
        merged = {character_of(before, one.character).id: character_of(before, one.into).id}
    elif isinstance(one, Accept):
        accepted = [(old, new) for old, new in zip(before.pages, after.pages, strict=True) if old != new]
        for old, new in accepted:
            proposals.carry(library, old, new, before)
        pages = {images[new.index]: new for _, new in accepted}
        result = f" ({_count([text for pair in accepted for text in _new(*pair)], 'text')})"
    else:
        page = page_of(after, one.page)
        pages = {images[page.index]: page}
        result = f" (page {one.page} has {_count(page.panels, 'panel')}, {_count(page.texts, 'balloon')} now)"
    kept = library.add_correction(
        pages, author=author, message=message, edits=[one.model_dump(mode="json")], names=names, merged=merged
    )
    return f"{message}{result}" if kept else f"{message}: that is so already"


def _new(before: PageTranscript, after: PageTranscript) -> list[str]:
    """The texts that are others now."""
    return [new.text for old, new in zip(before.texts, after.texts, strict=True) if old.text != new.text]


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
