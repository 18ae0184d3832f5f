"""Test that a model chooses what is heard from closed vocabularies, and only with lettering of its shot."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from agents.llm.structured_output import strict_schema
from agents.planning.shot_schema import make_text_only_plan_type
from agents.planning.sound_choices import MUSIC, PLACES, SOUNDS
from agents.planning.tool_options import ToolOptions
from agents.run_context import RunContext
from storage.domain import ShotSound
from storage.sound import AmbienceKind, Mood, MusicCue, SoundCue, SoundKind
from tests.agents.planning.test_llm_planner import panels_in, shot
from tests.agents.planning.test_llm_planning import plan
from tests.agents.planning.test_text_only import IGNORES_PICTURES, directs
from tests.agents.planning.test_tool_options import offered, planned
from tests.loopback import Asked, Said, serving

USUAL = ToolOptions()
SILENT_FILM = ToolOptions(hears=False)


def heard(means: ToolOptions = USUAL, **said: Any) -> ShotSound:
    """Return what the first shot, of panel 1 with lettering 1, sounds like."""
    return planned(means, shot(1, **said), shot(2), shot(3), shot(4))[0].sound


def test_every_word_is_on_offer_and_nothing_is_usual() -> None:
    words = offered(USUAL)
    assert words["sound"] == ["none", *get_args(SoundKind)] == list(SOUNDS)
    assert words["place"] == ["same", *get_args(AmbienceKind)] == list(PLACES)
    assert words["music"] == ["same", "silence", *get_args(Mood)] == list(MUSIC)
    assert "sound_balloon" in words
    assert heard() == ShotSound()


def test_what_a_model_names_is_heard() -> None:
    assert heard(sound="door").cues == (SoundCue(kind="door"),)
    assert heard(sound="hit", sound_balloon=1).cues == (SoundCue(kind="hit", balloon="t0-0"),)
    assert heard(place="sea", music="tense") == ShotSound(ambience="sea", music=MusicCue(mood="tense"))
    assert heard(music="silence").music == MusicCue()


def test_a_sound_of_lettering_that_is_in_another_shot_is_left_out() -> None:
    assert heard(sound="hit", sound_balloon=2, place="sea") == ShotSound(ambience="sea")


@pytest.mark.parametrize(
    "said",
    [
        {"sound": "kazoo", "place": "mars", "music": "dubstep"},
        {"sound": ["door"], "place": None, "music": 3},
        {"sound": None, "sound_balloon": 1},
        {"sound": "none", "sound_balloon": 2},
        {"sound": {"sample": "/etc/passwd"}, "music": {"file": "x"}},
    ],
)
def test_a_word_that_was_not_offered_is_the_usual(said: dict[str, Any]) -> None:
    assert heard(**said) == ShotSound()


@pytest.mark.parametrize("number", [0, -1, 99, True, "1", 1.5, None])
def test_a_number_of_no_lettering_is_the_beginning_of_the_shot(number: object) -> None:
    assert heard(sound="door", sound_balloon=number).cues == (SoundCue(kind="door"),)


def test_a_film_without_sound_is_asked_for_none() -> None:
    words = offered(SILENT_FILM)
    assert not {"sound", "sound_balloon", "place", "music"} & set(words)
    assert heard(SILENT_FILM, sound="door", place="sea", music="sad") == ShotSound()
    for means, there in ((USUAL, True), (SILENT_FILM, False)):
        answer = make_text_only_plan_type(means, 2, 1)
        fields = strict_schema(answer)["properties"]["shots"]["items"]["properties"]
        assert ({"place", "music"} <= set(fields)) is there
        assert "sound" not in fields


def test_each_part_of_a_long_shot_has_its_own_sounds() -> None:
    """A sound at the beginning is in the first part only, and one with lettering where that is read."""
    for framing in ("hold", "whole", "push-in", "pan", "tilt", "fill"):
        shots = planned(
            USUAL, shot(1, framing=framing, sound="hit", sound_balloon=1, place="sea"), shot(2), shot(3), shot(4)
        )
        parts = [one for one in shots if one.panels == ("p0-0",)]
        cues = [(one.id, cue) for one in parts for cue in one.sound.cues]
        assert len(cues) == (1 if parts[0].director == "llm" else 0)
        assert all(one.sound.ambience == "sea" for one in parts if one.director == "llm")
        readers = {one.id for one in parts if "t0-0" in one.balloons}
        assert {name for name, _ in cues} <= readers


def test_a_model_that_sees_no_pictures_names_places_and_moods(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hears(asked: Asked, number: int) -> Said:
        if "Plan" not in asked.name:
            return directs(asked, number)
        shots = [
            {"panels": [at], "framing": "hold", "place": "street", "music": "calm", "sound": "door"}
            for at in panels_in(asked)
        ]
        return Said(json.dumps({"shots": shots}))

    with serving(hears, probe=IGNORES_PICTURES) as there:
        plan(context, monkeypatch, there)
    by_model = [one for one in context.library.shots() if one.director == "llm"]
    assert by_model
    assert {(one.sound.ambience, one.sound.music) for one in by_model} == {("street", MusicCue(mood="calm"))}
    assert not any(cue.kind == "door" for one in by_model for cue in one.sound.cues), "it was not offered"
