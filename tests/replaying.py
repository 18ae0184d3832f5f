"""A project in, its storyboard as the log alone tells it out."""

from __future__ import annotations

from agents.edits import words
from agents.edits.applied import all_applied
from agents.edits.board import Board
from storage.library import Library
from storage.shapes import Screen, ShotPlan


def replayed(library: Library) -> tuple[ShotPlan, ...]:
    """The head as its log says: the newest plan by a director, with every edit since done anew."""
    line = list(library.line())
    start = max(at for at, one in enumerate(line) if not one.edits)
    transcript = library.transcript()
    assert transcript is not None
    gone: dict[str, ShotPlan] = {}
    for one in line[: start + 1]:
        gone |= {shot.id: shot for shot in library.shots(one.number)}
    first = line[start]
    shots = library.shots(first.number)
    now = Board(shots, transcript, first.screen or Screen(), gone)
    for one in line[start + 1 :]:
        now = all_applied(now, [words.read(edit) for edit in one.edits])  # type: ignore[misc]
        names = {shot.id for shot in now.shots}
        now = Board(now.shots, transcript, now.screen, {n: s for n, s in now.gone.items() if n not in names})
    return now.shots
