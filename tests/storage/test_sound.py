"""Sound as values of the plan: it is not written where nothing was asked for, so that old plans stay as they were."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from storage.domain import Box, CameraKey, ShotPlan
from storage.sound import MusicCue, ShotSound, SoundCue

PLAN = ShotPlan(id="s1", ordinal=0, page=0, panels=("p0-0",), seconds=2, camera=(CameraKey(t=0, box=Box(0, 0, 9, 9)),))


def test_a_shot_that_asks_for_no_sound_has_none_in_its_json() -> None:
    assert "sound" not in PLAN.model_dump()


def test_the_sound_of_a_shot_is_kept() -> None:
    sound = ShotSound(
        cues=(SoundCue(kind="thunder", balloon="t3", gain=-6), SoundCue(sample="a" * 64, at=0.5)),
        ambience="rain", music=MusicCue(mood="tense"), muted=("music",), voice_gain=3,
    )  # fmt: skip
    plan = PLAN.model_copy(update={"sound": sound})
    assert ShotPlan.model_validate_json(plan.model_dump_json()) == plan
    assert (sound.gain("voice"), sound.gain("effects")) == (3, 0)


def test_a_cue_has_one_source() -> None:
    for sources in ({}, {"kind": "hit", "sample": "a" * 64}):
        with pytest.raises(ValidationError):
            SoundCue.model_validate(sources)
