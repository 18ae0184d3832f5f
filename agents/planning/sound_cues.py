"""Plan the sounds of drawn lettering: each known onomatopoeia of a shot is heard when its lettering comes into view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storage.domain import Balloon, PageTranscript, Panel, ShotPlan, Transcript
from storage.sound import SoundCue
from tools import geometry
from tools.sound_effects.onomatopoeia import EffectMatch, match_onomatopoeia

MOST_CUES = 4
"""Sounds of one shot at most: more of them are noise."""


def add_cues(plans: Sequence[ShotPlan], transcript: Transcript) -> tuple[ShotPlan, ...]:
    """Return shots with a sound for each of their sound effects that is known; shots that name sounds keep theirs.

    Args:
        plans: The shots of a director.
        transcript: The book that they were planned from.
    """
    pages = {page.index: page for page in transcript.pages}
    return tuple(_with_cues(plan, pages[plan.page]) for plan in plans)


def _with_cues(plan: ShotPlan, page: PageTranscript) -> ShotPlan:
    if plan.sound.cues:
        return plan
    cues = tuple(_cues(plan, page))[:MOST_CUES]
    return plan.model_copy(update={"sound": plan.sound.model_copy(update={"cues": cues})}) if cues else plan


def _cues(plan: ShotPlan, page: PageTranscript) -> Iterator[SoundCue]:
    """Yield the sounds of a shot's lettering, in reading order; a sound that is drawn twice is heard twice."""
    balloons = {balloon.id: balloon for balloon in page.balloons}
    for name in plan.balloons:
        match = effect_of(balloons[name], page) if name in balloons else None
        if match is not None:
            yield SoundCue(kind=match.kind, balloon=name, seconds=round(match.seconds, 2), gain=round(match.gain_db, 1))


def effect_of(balloon: Balloon, page: PageTranscript) -> EffectMatch | None:
    """Return the sound that lettering stands for; None where it is a line, or no sound that is known.

    What stands in no balloon may be a sound too, though the reader took it for a line: only a known onomatopoeia is.
    """
    if balloon.kind != "sound" and balloon.outline:
        return None
    return match_onomatopoeia(balloon.text, share=_share_of_panel(balloon, page.panels))


def _share_of_panel(balloon: Balloon, panels: Sequence[Panel]) -> float:
    """Return how much of its panel lettering takes, 0..1: large letters are loud."""
    box = next((panel.box for panel in panels if panel.id == balloon.panel), None)
    return geometry.overlap_area(balloon.box, box) / box.area if box else 0.0
