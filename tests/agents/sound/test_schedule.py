"""When lines are said and effects are heard: never before their lettering is in view, and never two voices at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.planning.panels import SPEECH_DELAY
from agents.planning.shot_drafts import REST_AFTER_DISSOLVE
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film
from agents.sound import schedule
from agents.stages import cast, ingest, read, storyboard
from storage.domain import Appearance, Balloon, Box, CameraKey
from storage.sound import SoundCue

NEAR, FAR = Box(20, 20, 180, 110), Box(220, 100, 380, 190)
PAN = (CameraKey(t=0, box=NEAR), CameraKey(t=0.5, box=NEAR), CameraKey(t=0.6, box=FAR), CameraKey(t=1, box=FAR))


@pytest.fixture
def shot(context: RunContext) -> ShotToFilm:
    """A shot of six seconds that pans from one place to another, with no lettering yet."""
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    plan = context.library.shots()[0].model_copy(update={"seconds": 6.0, "camera": PAN, "balloons": ()})
    return replace(next(shots_to_film(context, {}, [plan])), balloons=())


def with_lettering(shot: ShotToFilm, *balloons: Balloon) -> ShotToFilm:
    plan = shot.plan.model_copy(update={"balloons": tuple(balloon.id for balloon in balloons)})
    return replace(shot, plan=plan, balloons=balloons)


def line(name: str, box: Box, spoken: float = 0.0, **changes: object) -> Balloon:
    found = Balloon(id=name, order=0, box=box, panel="p0-0", text="well now", language="en", spoken_seconds=spoken)
    return found.model_copy(update=changes)


def test_a_voice_begins_when_its_balloon_is_in_view_and_after_the_voice_before(
    shot: ShotToFilm, context: RunContext
) -> None:
    here, there = line("a", Box(60, 40, 120, 80), 4.5), line("b", Box(260, 120, 330, 170), 1.0)
    (first, begin), (second, later) = schedule.speech_times(with_lettering(shot, here, there), context.settings.screen)
    assert (first, second) == (here, there)
    assert begin == SPEECH_DELAY
    assert later == pytest.approx(max(3.6 + SPEECH_DELAY, begin + 4.5), abs=0.3)
    assert later >= begin + 4.5


def test_nobody_says_a_line_that_has_no_voice_or_is_a_sound(shot: ShotToFilm, context: RunContext) -> None:
    silent, boom = line("a", Box(60, 40, 120, 80)), line("b", Box(60, 40, 120, 80), kind="sound")
    heard = with_lettering(shot, silent, boom)
    assert schedule.speech_times(heard, context.settings.screen) == []
    assert schedule.read_lines_of(heard) == [silent]


def test_a_voice_waits_for_the_dissolve_into_its_shot(shot: ShotToFilm, context: RunContext) -> None:
    spoken = with_lettering(shot, line("a", Box(60, 40, 120, 80), 1.0))
    dissolving = replace(spoken, plan=spoken.plan.model_copy(update={"transition": "dissolve"}))
    ((_, begin),) = schedule.speech_times(dissolving, context.settings.screen)
    assert begin == schedule.LETTERS_DELAY_SECONDS + REST_AFTER_DISSOLVE


def test_an_effect_is_heard_when_its_lettering_comes_into_view(shot: ShotToFilm, context: RunContext) -> None:
    screen = context.settings.screen
    near, far = (
        line(name, box, kind="sound") for name, box in (("a", Box(60, 40, 99, 80)), ("b", Box(260, 120, 330, 170)))
    )
    heard = with_lettering(shot, near, far)
    assert schedule.effect_second(heard, SoundCue(kind="hit", balloon="a"), screen) == 0.0
    comes = schedule.effect_second(heard, SoundCue(kind="hit", balloon="b"), screen)
    assert 3.0 <= comes <= 3.6, "when the camera comes to it"
    assert schedule.effect_second(heard, SoundCue(kind="hit", at=0.25), screen) == 1.5
    assert schedule.effect_second(heard, SoundCue(kind="hit", balloon="gone"), screen) == 0.0


def test_an_effect_of_a_panel_that_is_revealed_waits_for_it(shot: ShotToFilm, context: RunContext) -> None:
    boom = line("a", Box(240, 260, 330, 320), kind="sound", panel="p0-1")
    seen = Box(-400, 0, 800, 675)
    changes = {"panels": ("p0-0", "p0-1"), "reveals": (0.0, 0.5), "camera": (CameraKey(t=0, box=seen),)}
    heard = with_lettering(shot, boom)
    heard = replace(heard, plan=heard.plan.model_copy(update=changes))
    assert schedule.effect_second(heard, SoundCue(kind="hit", balloon="a"), context.settings.screen) == 3.0


def test_a_voice_comes_from_its_speaker_else_from_its_tail_or_balloon(shot: ShotToFilm, context: RunContext) -> None:
    screen, said = context.settings.screen, line("a", Box(60, 40, 120, 80), 1.0)
    assert schedule.speaker_place(shot, said) == said.box
    assert schedule.speaker_place(shot, said.model_copy(update={"tail": (30.0, 90.0)})).center == (30, 90)
    assert shot.transcript is not None
    seen = Appearance(id="k", box=Box(140, 30, 180, 100), character="mika", panel="p0-0")
    page = shot.transcript.pages[0].model_copy(update={"characters": (seen,)})
    known = replace(shot, transcript=shot.transcript.model_copy(update={"pages": (page, *shot.transcript.pages[1:])}))
    spoken = said.model_copy(update={"speaker": "mika", "tail": (30.0, 90.0)})
    assert schedule.speaker_place(known, spoken) == seen.box
    assert schedule.pan_of(shot, seen.box, 0.0, screen) == pytest.approx(0.6 * (140 / 160 - 0.5), abs=1e-3)
    assert schedule.pan_of(shot, Box(-90, 0, -80, 9), 0.0, screen) == -0.3, "beyond the screen"


def test_a_subtitle_begins_with_its_letters_and_stays_while_a_sound_is_seen(
    shot: ShotToFilm, context: RunContext
) -> None:
    bang, crash = (line(name, Box(40, 40, 90, 80), kind="sound", text="BANG") for name in ("a", "c"))
    words = line("b", Box(100, 40, 150, 80))
    heard = with_lettering(shot, bang, words, crash)
    ((said, start, end),) = schedule.reading_times(heard, context.settings.screen)
    before, letters, after = (begin for _, begin, _ in schedule.lettering_times(heard, 6.0))
    assert (said, start) == (words, letters)
    assert before < start < after < end
