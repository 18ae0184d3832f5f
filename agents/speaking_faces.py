"""Find the faces of a shot whose mouths move: whose they are, where, and which lines they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.domain import Appearance, Balloon, Box, PageTranscript, ShotPlan
from storage.styles import StyleSheet

HEAD_SHARE = 1.25
"""Height of the part of a sighting in which a head lies, in widths of the sighting: a close-up is all head."""


DRAWINGS = {
    "open": "the mouth is wide open, as in speaking; nothing else changes",
    "closed": "the mouth is closed; nothing else changes",
    "blink": "the eyes are closed; nothing else changes",
}
"""What an image editor is asked to draw of a face, by the name of the drawing.

Of an open mouth and a closed one, one is mostly what the artist has drawn.
"""


@dataclass(frozen=True)
class SpeakingFace:
    """A character in one panel of a shot."""

    character: str
    """The id of the character."""
    panel: str
    """The id of the panel."""
    box: Box
    """Where the head is, in page pixels."""
    lines: tuple[str, ...] = ()
    """The ids of the balloons that it says in the shot; none for a face that only blinks."""


def speaking_faces(page: PageTranscript, plan: ShotPlan, style: StyleSheet) -> tuple[SpeakingFace, ...]:
    """Return the faces of a shot whose mouths move, in the order in which their characters are named.

    Args:
        page: The page of the shot.
        plan: The shot; it says whose mouths move, or leaves it to the style.
        style: The style of the film.
    """
    chosen = plan.render_options.mouths
    if chosen is None:
        chosen = speakers_seen(page, plan) if style.mouths else ()
    return tuple(face for character in chosen for face in _faces(page, plan, character))


def drawings_of(face: SpeakingFace) -> dict[str, str]:
    """Return what an editor draws of a face, by the names of the drawings: only eyes where it says nothing."""
    return {name: prompt for name, prompt in DRAWINGS.items() if face.lines or name == "blink"}


def speakers_seen(page: PageTranscript, plan: ShotPlan) -> tuple[str, ...]:
    """Return the ids of the characters who speak in a shot and are seen in it, in the order in which they speak."""
    seen = {one.character for one in page.characters if one.panel in plan.panels}
    speakers = (line.speaker for line in _spoken_lines(page, plan))
    return tuple(dict.fromkeys(who for who in speakers if who and who in seen))


def wants_mouths(plan: ShotPlan, style: StyleSheet) -> bool:
    """Return whether any mouth of a shot may have to move, as far as its plan tells."""
    chosen = plan.render_options.mouths
    return bool(chosen) if chosen is not None else style.mouths and bool(plan.balloons)


def head_box(sighting: Box) -> Box:
    """Return the upper part of a sighting, in which the head is."""
    return Box(sighting.x0, sighting.y0, sighting.x1, min(sighting.y1, sighting.y0 + HEAD_SHARE * sighting.width))


def _faces(page: PageTranscript, plan: ShotPlan, character: str) -> Iterable[SpeakingFace]:
    """Yield the largest sighting of a character in each panel of a shot; lines from elsewhere go with the first."""
    places = _largest_sightings(page, plan, character)
    lines = [line for line in _spoken_lines(page, plan) if line.speaker == character]
    first = next(iter(places), None)
    for panel, one in places.items():
        own = (line.id for line in lines if line.panel == panel or (panel == first and line.panel not in places))
        yield SpeakingFace(character, panel, head_box(one.box), tuple(own))


def _largest_sightings(page: PageTranscript, plan: ShotPlan, character: str) -> Mapping[str, Appearance]:
    """Return the largest sighting of a character in each panel that shows them, by panel, in the shot's order."""
    found: dict[str, Appearance] = {}
    for panel in plan.panels:
        seen = [one for one in page.characters if one.character == character and one.panel == panel]
        if seen:
            found[panel] = max(seen, key=lambda one: one.box.area)
    return found


def _spoken_lines(page: PageTranscript, plan: ShotPlan) -> list[Balloon]:
    """Return the lines of a shot that are said aloud: no thoughts, captions or drawn sounds."""
    balloons = {balloon.id: balloon for balloon in page.balloons}
    lines = (balloons[name] for name in plan.balloons if name in balloons)
    return [line for line in lines if line.kind == "speech" and line.text.strip()]
