"""Find when the words of a shot's lines are heard; a line that no voice says lasts while it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.sound import schedule, speech
from agents.sound.speech_facts import choose_backends
from storage.domain import Made, Transcript
from storage.settings import Settings

WordTimes = list[tuple[float, float]]
"""When the words of a line are heard, in order: start and end in seconds of the shot."""


@dataclass(frozen=True)
class SpokenLines:
    """The lines of a book that are recorded, by the ids of their balloons, and for what they were looked up."""

    transcript: Transcript
    settings: Settings
    recorded: Mapping[str, Made]


def word_times(context: RunContext, shot: ShotToFilm) -> dict[str, WordTimes]:
    """Return when the words of each line of a shot are heard, or else the time in which it is read, by balloon.

    A line ends where the next one begins, and at the end of the shot. A line that has to wait for one that goes on
    from the shot before is taken to begin as planned.
    """
    screen, length = context.settings.screen, shot.plan.seconds
    times = {line.id: [(start, min(end, length))] for line, start, end in schedule.lettering_times(shot, length)}
    if "voice" in shot.plan.sound.muted:
        return times
    recorded = _recorded(context, shot)
    heard = [(line, begin) for line, begin in schedule.speech_times(shot, screen) if line.id in recorded]
    for number, (line, begin) in enumerate(heard):
        latest = min(length, *(following for _, following in heard[number + 1 : number + 2]), length)
        times[line.id] = _words(context, recorded[line.id], begin, latest)
    return times


def _words(context: RunContext, made: Made, begin: float, latest: float) -> WordTimes:
    """Return when the words of a recording that begins at a second are said; one span where it has no marks."""
    marks = json.loads(context.library.artifacts.open(made.artifacts["marks"].sha256).read_bytes())
    seconds = float(str(made.facts["seconds"]))
    spans = [(float(mark["start"]), float(mark["end"])) for mark in marks] or [(0.0, seconds)]
    placed = ((begin + max(0.0, start), min(latest, begin + min(end, seconds))) for start, end in spans)
    return [(round(start, 4), round(end, 4)) for start, end in placed if end > start]


def _recorded(context: RunContext, shot: ShotToFilm) -> Mapping[str, Made]:
    """Return the recorded lines of the book, which are looked up once for all shots of a round."""
    assert shot.transcript is not None, "shots_to_film gives every shot the transcript"
    known = context.spoken
    if isinstance(known, SpokenLines) and known.transcript is shot.transcript and known.settings == context.settings:
        return known.recorded
    recorded: dict[str, Made] = {}
    if choose_backends(context.settings, context.library):
        book = speech.spoken_book(context.settings, context.library, shot.transcript)
        found = speech.recorded_lines(context.settings, context.library, book)
        recorded = {balloon: line.made for balloon, line in found.items()}
    context.spoken = SpokenLines(shot.transcript, context.settings, recorded)
    return recorded
