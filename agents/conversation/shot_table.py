"""Describe shots as rows of data for a language model, and find the shots that a message mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.editing.selectors import full_name, short_name
from agents.editing.sounds import describe_sound
from agents.editing.storyboard import EditableStoryboard
from agents.language.vocabulary import load_vocabulary
from agents.llm.prompts import DataRow
from agents.planning.shot_schema import numbered_items
from storage.domain import ShotPlan

MAX_SHOTS = 60
"""Most shots that are described to a model."""
NEARBY_SHOTS = 4
"""Number of shots before and after a mentioned one that are described too."""
MAX_COUNTED = 12
"""Largest number that is recognized as a word."""
MAX_LINE_CHARACTERS = 80
"""Most characters of a balloon's text."""


def mentioned_numbers(text: str) -> set[str]:
    """Return the numbers in a text in the short form of shot names: digits, s007, or number words up to twelve."""
    low = text.lower()
    found = {short_name(full_name(number)) for number in re.findall(r"\bs?(\d+[a-z]?)\b", low)}
    counted = load_vocabulary("en").numbers.items()
    return found | {str(number) for word, number in counted if number <= MAX_COUNTED and re.search(rf"\b{word}\b", low)}


def mentioned_shots(board: EditableStoryboard, *texts: str) -> list[ShotPlan]:
    """Return the shots whose numbers appear in the texts, in film order."""
    numbers = set().union(*(mentioned_numbers(text) for text in texts))
    return [shot for shot in board.shots if short_name(shot.id) in numbers]


def shot_rows(board: EditableStoryboard, *texts: str) -> list[DataRow]:
    """Return shots as rows of data: all shots of a short film, or those near the mentioned shots of a long one."""
    shots: Sequence[ShotPlan] = board.shots
    if len(shots) > MAX_SHOTS:
        indices = {
            near for shot in mentioned_shots(board, *texts) for near in _nearby_indices(shot.ordinal, len(shots))
        }
        shots = [shots[index] for index in sorted(indices)][:MAX_SHOTS] or shots[:MAX_SHOTS]
    return [_shot_row(board, shot) for shot in shots]


def describe_moves(shot: ShotPlan) -> str:
    """Describe the camera move of a shot in a few words."""
    first, last = shot.camera[0].box, shot.camera[-1].box
    if first == last:
        return "hold" if len({key.box for key in shot.camera}) == 1 else "there and back"
    (ax, ay), (bx, by) = first.center, last.center
    across, down = bx - ax, by - ay
    if max(abs(across), abs(down)) > 0.15 * min(first.width, first.height):
        if abs(across) >= abs(down):
            return "pan right" if across > 0 else "pan left"
        return "tilt down" if down > 0 else "tilt up"
    return "push in" if last.width < first.width else "pull out"


def _shot_row(board: EditableStoryboard, shot: ShotPlan) -> DataRow:
    page = board.page(shot)
    panels, texts = numbered_items(page)
    panel_marks = {panel.id: f"P{at}" for at, panel in enumerate(panels, start=1)}
    balloon_marks = {text.id: f"B{at}" for at, text in enumerate(texts, start=1)}
    balloons = [
        f"{number} ({balloon_marks[balloon.id]}): {balloon.text[:MAX_LINE_CHARACTERS]}"
        + ("" if balloon.id in shot.balloons else " [unread]")
        for number, balloon in enumerate(board.lettering(shot), start=1)
    ]
    names = {member.id: member.name for member in board.transcript.cast}
    return {
        "shot": short_name(shot.id), "page": shot.page + 1,
        "panels": " ".join(panel_marks[name] for name in shot.panels),
        "seconds": round(shot.seconds, 1), "camera": describe_moves(shot), "begins": shot.transition,
        "balloons": "; ".join(balloons), "who": ", ".join(names.get(who, who) for who in shot.characters),
        "locked": shot.locked,
        **({"sound": said} if (said := describe_sound(shot, _balloon_names(board, shot))) else {}),
    }  # fmt: skip


def _balloon_names(board: EditableStoryboard, shot: ShotPlan) -> dict[str, str]:
    return {balloon: f"balloon {number}" for balloon, number in board.numbers(shot).items()}


def _nearby_indices(index: int, count: int) -> range:
    return range(max(0, index - NEARBY_SHOTS), min(count, index + NEARBY_SHOTS + 1))
