"""The sounds of drawn lettering become cues of the shot that shows it."""

from __future__ import annotations

from agents.planning.sound_cues import MOST_CUES, add_cues, effect_of
from storage.domain import Balloon, Box, CameraKey, PageTranscript, ShotPlan, ShotSound, Transcript
from storage.sound import SoundCue
from tests.agents.planning.layouts import page_of

PANEL = Box(40, 40, 440, 440)
SMALL = Box(60, 60, 100, 100)


def sound(name: str, text: str, box: Box = SMALL, **changes: object) -> Balloon:
    found = Balloon(id=name, order=0, box=box, panel="p0-0", kind="sound", text=text, language="ja")
    return found.model_copy(update=changes)


def planned(*balloons: Balloon, **changes: object) -> ShotPlan:
    page = page_of([PANEL]).model_copy(update={"balloons": balloons})
    plan = ShotPlan(
        id="s1", ordinal=0, page=0, panels=("p0-0",), seconds=2, camera=(CameraKey(t=0, box=PANEL),),
        balloons=tuple(balloon.id for balloon in balloons),
    ).model_copy(update=changes)  # fmt: skip
    (found,) = add_cues([plan], Transcript(order="rtl", backend="x", pages=(page,)))
    return found


def test_each_known_sound_of_a_shot_is_a_cue_at_its_lettering() -> None:
    cues = planned(sound("a", "ドン"), sound("b", "qzx"), sound("c", "ガチャ")).sound.cues
    assert [(cue.kind is not None, cue.balloon) for cue in cues] == [(True, "a"), (True, "c")]
    assert all(cue.seconds for cue in cues)


def test_larger_letters_are_louder() -> None:
    small, large = sound("a", "ドン"), sound("b", "ドン", Box(40, 40, 400, 400))
    quiet, loud = planned(small, large).sound.cues
    assert loud.gain > quiet.gain


def test_a_line_in_a_balloon_is_no_sound_and_lettering_without_one_may_be() -> None:
    page = PageTranscript(index=0, image="x", width=480, height=480, panels=page_of([PANEL]).panels)
    outline = ((50.0, 50.0), (110.0, 50.0), (110.0, 110.0))
    assert effect_of(sound("a", "ドン", kind="speech", outline=outline), page) is None
    assert effect_of(sound("a", "ドン", kind="speech"), page) is not None
    assert effect_of(sound("a", "まさか", kind="speech"), page) is None


def test_a_shot_that_names_its_sounds_keeps_them_and_has_no_more_than_some() -> None:
    named = ShotSound(cues=(SoundCue(kind="bird"),))
    assert planned(sound("a", "ドン"), sound=named).sound == named
    assert len(planned(*(sound(f"b{number}", "ドン") for number in range(9))).sound.cues) == MOST_CUES


def test_a_shot_without_sounds_is_the_plan_that_it_was() -> None:
    assert planned(sound("b", "qzx")).sound == ShotSound()
