"""Test that sounds stay at their moments and with their lettering when a shot is cut, joined or delayed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planning.shot_drafts import ShotDraft, split_long
from agents.planning.sound_times import delay_cues, delay_sound, divide_sound
from agents.planning.timing import TimedPath
from storage.domain import Box, ShotSound
from storage.sound import MusicCue, SoundCue
from tests.agents.planning.layouts import page_of
from tests.agents.planning.test_llm_planner import GRID, SPOKEN

AT = st.floats(0, 1)
LENGTH = st.floats(0.5, 30)


@given(AT, st.lists(LENGTH, min_size=1, max_size=4), st.floats(0, 3))
def test_a_sound_is_in_one_part_at_the_moment_at_which_it_was(at: float, parts: list[float], added: float) -> None:
    lengths = [part + added for part in parts]
    sounds = divide_sound(ShotSound(cues=(SoundCue(kind="door", at=at),)), parts, lengths, {})
    (place,) = [number for number, sound in enumerate(sounds) if sound.cues]
    moment = sounds[place].cues[0].at
    assert moment is not None
    before = sum(parts[:place])
    assert before + moment * lengths[place] - added == pytest.approx(at * sum(parts), abs=1e-4)


@given(AT, LENGTH, st.floats(0, 3))
def test_a_delayed_sound_comes_so_much_later(at: float, seconds: float, delay: float) -> None:
    total = seconds + delay
    (cue,) = delay_cues([SoundCue(kind="door", at=at)], seconds, delay, total)
    assert cue.at is not None
    assert cue.at * total == pytest.approx(at * seconds + delay)


def test_sounds_of_lettering_and_of_the_beginning_have_their_own_parts() -> None:
    first, spoken, later = (
        SoundCue(kind="hit"),
        SoundCue(kind="bell", balloon="t2"),
        SoundCue(kind="door", balloon="t9"),
    )
    whole = ShotSound(cues=(first, spoken, later), ambience="sea", music=MusicCue(), muted=("voice",), music_gain=-3)
    early, late = divide_sound(whole, [2, 3], [2, 4], {"t2": 1})
    assert early == whole.model_copy(update={"cues": (first, later)})
    assert late == whole.model_copy(update={"cues": (spoken,)})


def test_a_sound_of_the_beginning_stays_there_where_a_shot_gets_time_before_it() -> None:
    sound = ShotSound(cues=(SoundCue(kind="hit"), SoundCue(kind="bell", balloon="t2"), SoundCue(kind="door", at=0.5)))
    later = delay_sound(sound, 2.0, 1.0, 3.0)
    assert later.cues[:2] == sound.cues[:2]
    assert later.cues[2].at == pytest.approx(2 / 3)
    assert delay_sound(sound, 2.0, 0.0, 2.0) == sound
    (joined, *_) = delay_cues(sound.cues, 2.0, 1.0, 3.0)
    assert joined.at == pytest.approx(1 / 3), "in a shot that begins earlier it is no longer the beginning"


def test_a_draft_that_is_split_divides_its_sounds() -> None:
    page = page_of(GRID, SPOKEN)
    box = Box(0, 0, 160, 90)
    path = TimedPath(((0.0, box), (70.0, box)), "in-out")
    cues = (SoundCue(kind="hit"), SoundCue(kind="door", at=0.25), SoundCue(kind="bell", at=0.75))
    draft = ShotDraft(page, (page.panels[0].id,), path, (), "hold", "a long shot", sound=ShotSound(cues=cues))
    early, late = split_long(draft)
    assert [cue.kind for cue in early.sound.cues] == ["hit", "door"]
    assert [cue.kind for cue in late.sound.cues] == ["bell"]
    assert late.sound.cues[0].at == pytest.approx(0.5)
