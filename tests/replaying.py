"""Rebuild the storyboard of a project from its log alone."""

from __future__ import annotations

from agents.editing import grammar
from agents.editing.apply import apply_edits
from agents.editing.storyboard import EditableStoryboard
from storage.domain import ShotPlan, VideoFormat
from storage.library import Library


def replayed(library: Library) -> tuple[ShotPlan, ...]:
    """Return the storyboard that the log describes: the newest plan with every later edit applied again."""
    line = list(library.ancestry())
    start = max(at for at, one in enumerate(line) if not one.edits)
    transcript = library.transcript()
    assert transcript is not None
    gone: dict[str, ShotPlan] = {}
    plan = max(at for at in range(start + 1) if line[at].kind == "plan")
    for one in line[plan : start + 1]:
        gone |= {shot.id: shot for shot in library.shots(one.number)}
    first = line[start]
    shots = library.shots(first.number)
    now = EditableStoryboard(shots, transcript, first.screen or VideoFormat(), gone)
    for one in line[start + 1 :]:
        now = apply_edits(now, [grammar.edit_from_data(edit) for edit in one.edits])  # type: ignore[misc]
        names = {shot.id for shot in now.shots}
        now = EditableStoryboard(
            now.shots, transcript, now.screen, {n: s for n, s in now.dropped.items() if n not in names}
        )
    return now.shots
