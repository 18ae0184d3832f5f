"""Decide when each line of a shot is said and each effect is heard, by when their lettering is in view."""

from __future__ import annotations

from agents.planning import timing
from agents.planning.panels import SPEECH_DELAY, need_of, page_unit
from agents.planning.shot_drafts import REST_AFTER_DISSOLVE
from agents.shots import ShotToFilm
from storage.domain import Balloon, Box, VideoFormat
from storage.sound import SoundCue
from tools.video.camera_path import camera_at

LETTERS_DELAY_SECONDS = 0.2
"""Seconds of a shot before its first letters come up: its picture is seen first."""
PAN_SPREAD = 0.6
"""How far to the side a speaker at the edge of the screen is heard: half of it, so that no voice is hard left."""


def first_letters(shot: ShotToFilm) -> float:
    """Return the second of a shot before which no letters come up; a dissolve into it ends first."""
    return LETTERS_DELAY_SECONDS + (REST_AFTER_DISSOLVE if shot.plan.transition == "dissolve" else 0.0)


def lettering_times(shot: ShotToFilm, seconds: float) -> list[tuple[Balloon, float, float]]:
    """Return when each lettering of a shot that lasts `seconds` is read, in order: start and end in seconds.

    The eye rests on sounds that are drawn, too, before it reads on.
    """
    lettering = _lettering_of(shot)
    times = timing.line_times(shot.plan, lettering, page_unit(shot.page), seconds)
    return [(line, start, end) for line, (start, end) in zip(lettering, times, strict=True)]


def read_lines_of(shot: ShotToFilm) -> list[Balloon]:
    """Return the lines that are read in a shot, in order; sounds that are drawn are seen and not read."""
    return [line for line in _lettering_of(shot) if _is_line(line)]


def reading_times(shot: ShotToFilm, screen: VideoFormat) -> list[tuple[Balloon, float, float]]:
    """Return the lines that are read in a shot, each with the seconds at which its subtitle begins and ends.

    It begins with its letters, and stays while the line is in view, also where a sound that is drawn is seen after it.
    """
    lines, length = read_lines_of(shot), _length(shot, screen)
    letters = {line.id: start for line, start, _ in lettering_times(shot, length)}
    times = timing.line_times(shot.plan, lines, page_unit(shot.page), length)
    return [
        (line, letters[line.id] if start < letters[line.id] < end else start, end)
        for line, (start, end) in zip(lines, times, strict=True)
    ]


def speech_times(shot: ShotToFilm, screen: VideoFormat) -> list[tuple[Balloon, float]]:
    """Return the lines of a shot that a voice says, each with the second at which it begins.

    By then the balloon is in view and its letters come up. Voices follow each other: one that lasts longer than its
    line is in view delays the next.
    """
    found = list[tuple[Balloon, float]]()
    earliest = first_letters(shot)
    for line, start, _ in lettering_times(shot, _length(shot, screen)):
        if line.spoken_seconds:
            begin = max(start + SPEECH_DELAY, earliest)
            found.append((line, begin))
            earliest = begin + line.spoken_seconds
    return found


def _is_line(lettering: Balloon) -> bool:
    return lettering.kind != "sound" and bool(lettering.text.strip())


def _lettering_of(shot: ShotToFilm) -> list[Balloon]:
    balloons = {balloon.id: balloon for balloon in shot.balloons}
    return [balloons[name] for name in shot.plan.balloons if name in balloons]


def effect_second(shot: ShotToFilm, cue: SoundCue, screen: VideoFormat) -> float:
    """Return the second of a shot at which a sound effect is heard.

    It is when its lettering comes into view. Lettering that the shot never shows as a whole is heard when its panel
    appears; a cue without lettering at its own moment.
    """
    length = _length(shot, screen)
    balloon = next((b for b in shot.balloons if b.id == cue.balloon), None)
    if balloon is None:
        return (cue.at or 0.0) * length
    path, opens = timing.path_of(shot.plan, length), timing.appearance_times(shot.plan, [balloon], length)
    need = need_of(balloon, page_unit(shot.page))
    (reading,) = timing.read_lines(path, [need], opens)
    return reading.start


def pan_of(shot: ShotToFilm, place: Box, second: float, screen: VideoFormat) -> float:
    """Return where a place of the page is heard, -1..1, by where it stands on the screen at a second of the shot."""
    plan = shot.plan
    view = camera_at(plan.camera, min(1.0, second / _length(shot, screen)), plan.ease)
    share = (place.center[0] - view.x0) / view.width
    return round(PAN_SPREAD * (min(1.0, max(0.0, share)) - 0.5), 3)


def speaker_place(shot: ShotToFilm, line: Balloon) -> Box:
    """Return where a line is said on the page: at its speaker where it is seen in the line's panel, else its balloon.

    A tail points at a speaker who is not known.
    """
    pages = shot.transcript.pages if shot.transcript else ()
    seen = (one for page in pages if page.index == shot.plan.page for one in page.characters if one.panel == line.panel)
    speaker = next((one.box for one in seen if line.speaker and one.character == line.speaker), None)
    if speaker is not None:
        return speaker
    if line.tail is not None:
        x, y = line.tail
        return Box(x - 1, y - 1, x + 1, y + 1)
    return line.box


def _length(shot: ShotToFilm, screen: VideoFormat) -> float:
    """Return the seconds that a shot lasts in whole frames."""
    return float(screen.frame_count(shot.plan.seconds) / screen.fps)
