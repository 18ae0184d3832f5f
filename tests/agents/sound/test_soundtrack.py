"""The soundtrack of a whole film as values: what is heard from which sample to which, and how loud."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from agents.film_pieces import FilmPiece
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film
from agents.sound.soundtrack import (
    LONGEST_WAIT,
    LOUDEST_UNDER_SPEECH,
    SILENCE_GAIN,
    SILENT,
    VOICE_GAP,
    Recording,
    SoundSources,
    lay_out,
)
from agents.sound.tracks import Soundtrack
from agents.stages import cast, ingest, read, storyboard
from storage.domain import Balloon, Box, CameraKey, MotionEffect, ShotSound, VideoFormat
from storage.sound import MusicCue, SoundCue
from tools.audio import SAMPLE_RATE
from tools.sound_effects import RECIPES

WHOLE = (CameraKey(t=0, box=Box(0, 0, 400, 225)),)


@pytest.fixture
def shots(context: RunContext) -> list[ShotToFilm]:
    """Three shots of two seconds with one line each, which a voice says in a second."""
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    plan, found = context.library.shots()[0], list[ShotToFilm]()
    for number in range(3):
        line = Balloon(
            id=f"t{number}", order=0, box=Box(40, 40, 120, 90), panel="p0-0", text="hello", spoken_seconds=1.0
        )
        mine = plan.model_copy(update={"id": f"s{number}", "seconds": 2.0, "camera": WHOLE, "balloons": (line.id,)})
        found.append(replace(next(shots_to_film(context, {}, [mine])), balloons=(line,)))
    return found


def with_sound(shot: ShotToFilm, **changes: object) -> ShotToFilm:
    return replace(shot, plan=shot.plan.model_copy(update={"sound": ShotSound.model_validate(changes)}))


def film_of(
    shots: list[ShotToFilm | None], sources: SoundSources | None = None, fps: Fraction | int = 24
) -> Soundtrack:
    """Lay out shots of two seconds each; None is a card."""
    frames = round(2 * fps)
    pieces = [FilmPiece("", number * frames, frames, shot) for number, shot in enumerate(shots)]
    return lay_out(pieces, sources or SoundSources(), VideoFormat(width=320, height=180, fps=fps))


def recorded(seconds: float, *names: str) -> SoundSources:
    return SoundSources({name: Recording(name * 32, seconds, -2.0) for name in names})


def test_a_film_without_sounds_has_the_tone_of_a_room_from_end_to_end(shots: list[ShotToFilm]) -> None:
    track = film_of([None, *shots])
    assert track.length == 8 * SAMPLE_RATE
    assert [(place.kind, place.start, place.end) for place in track.ambience] == [("room", 0, track.length)]
    assert (track.lines, track.effects, track.music) == ((), (), ())


def test_the_sound_is_as_long_as_the_frames_at_any_rate(shots: list[ShotToFilm]) -> None:
    ntsc = Fraction(24000, 1001)
    assert film_of([*shots], fps=ntsc).length == round(3 * 48 / ntsc * SAMPLE_RATE)


def test_lines_stand_where_they_are_said_at_the_loudness_of_all_voices(shots: list[ShotToFilm]) -> None:
    first, second = film_of([None, *shots[:2]], recorded(1.0, "t0", "t1")).lines
    assert (first.balloon, first.voice, first.gain) == ("t0", "t0" * 32, -2.0)
    assert first.end - first.start == SAMPLE_RATE
    assert second.start - first.start == 2 * SAMPLE_RATE, "the same place in the next shot"
    assert first.start >= 2 * SAMPLE_RATE, "not before its shot"


def test_a_line_longer_than_its_shot_goes_on_over_the_cut_and_the_next_one_waits(shots: list[ShotToFilm]) -> None:
    """A locked shot may be shorter than its line."""
    sources = SoundSources({"t0": Recording("a", 2.5, 0.0), "t1": Recording("b", 1.0, 0.0)})
    first, second = film_of([*shots], sources).lines
    assert (first.end - first.start, first.is_cut) == (2.5 * SAMPLE_RATE, False)
    assert second.start == first.end + round(VOICE_GAP * SAMPLE_RATE)


def test_voices_do_not_fall_ever_further_behind_and_no_two_speak_at_once(shots: list[ShotToFilm]) -> None:
    track = film_of([*shots], recorded(5.0, "t0", "t1", "t2"))
    first, second, third = track.lines
    planned = first.start
    for number, (line, following) in enumerate(((first, second), (second, third)), start=1):
        assert following.start == planned + 2 * number * SAMPLE_RATE + round(LONGEST_WAIT * SAMPLE_RATE)
        assert (line.end, line.is_cut) == (following.start, True), "it fades out as the next one begins"
    assert (third.end, third.is_cut) == (track.length, True), "it ends with the film"


def test_a_muted_shot_ends_the_voice_of_the_shot_before(shots: list[ShotToFilm]) -> None:
    (line,) = film_of([shots[0], with_sound(shots[1], muted=["voice"])], recorded(3.0, "t0", "t1")).lines
    assert (line.end, line.is_cut) == (2 * SAMPLE_RATE, True)


def test_shots_change_and_mute_their_voices_and_effects(shots: list[ShotToFilm]) -> None:
    boom = SoundCue(kind="cloth", at=0.5, gain=-3)
    louder = with_sound(shots[0], voice_gain=4, effects_gain=2, cues=[boom.model_dump()])
    muted = with_sound(shots[1], muted=["voice", "effects"], cues=[boom.model_dump()])
    track = film_of([louder, muted], recorded(1.0, "t0", "t1"))
    assert [(line.balloon, line.gain) for line in track.lines] == [("t0", 2.0)]
    assert [(effect.start, effect.gain) for effect in track.effects] == [(SAMPLE_RATE, -1.0)]


def test_a_persons_recording_is_played_for_its_kind_and_two_hits_are_not_the_same(shots: list[ShotToFilm]) -> None:
    cues = [SoundCue(kind="hit", at=at).model_dump() for at in (0.25, 0.75)] + [SoundCue(kind="door").model_dump()]
    track = film_of(
        [with_sound(shots[0], cues=cues)], SoundSources(sample=lambda kind, *_: "d" * 64 if kind == "door" else "")
    )
    door, *hits = track.effects
    assert (door.kind, door.sample) == ("door", "d" * 64)
    assert [(hit.kind, hit.sample) for hit in hits] == [("hit", "")] * 2
    assert hits[0].seed != hits[1].seed


def test_an_impact_is_heard_once(shots: list[ShotToFilm]) -> None:
    options = shots[0].plan.render_options.model_copy(update={"effects": (MotionEffect(kind="impact", at=0.5),)})
    shaking = replace(shots[0], plan=shots[0].plan.model_copy(update={"render_options": options}))
    (hit,) = film_of([shaking]).effects
    assert (hit.kind, hit.start) == ("impact", SAMPLE_RATE)
    named = with_sound(shaking, cues=[SoundCue(kind="explosion", at=0.55).model_dump()])
    assert [effect.kind for effect in film_of([named]).effects] == ["explosion"]


def test_a_loud_effect_makes_room_for_the_line_it_falls_on(shots: list[ShotToFilm]) -> None:
    """Only there, only where it is loud, and what a person added stays added."""
    cues = [SoundCue(kind="impact", at=0.5, gain=2).model_dump(), SoundCue(kind="cloth", at=0.55, gain=2).model_dump()]
    spoken, silent = with_sound(shots[0], cues=cues), with_sound(shots[1], cues=cues)
    track = film_of([spoken, silent], recorded(1.2, "t0"))
    (line,) = track.lines
    assert all(line.start < effect.start < line.end for effect in track.effects[:2])
    assert [effect.gain for effect in track.effects] == [2 + LOUDEST_UNDER_SPEECH - RECIPES["impact"].loudness, 2, 2, 2]


def test_a_line_without_words_is_a_sound(shots: list[ShotToFilm]) -> None:
    sources = SoundSources(reactions={"t0": SoundCue(kind="gasp", balloon="t0")})
    (gasp,) = film_of([*shots], sources).effects
    assert gasp.kind == "gasp"
    assert gasp.pan == pytest.approx(0.6 * (80 / 400 - 0.5), abs=1e-3)


def test_places_last_until_the_next_one_and_rain_that_falls_is_heard(shots: list[ShotToFilm]) -> None:
    street, wet, after = with_sound(shots[0], ambience="street"), shots[1], shots[2]
    options = wet.plan.render_options.model_copy(update={"effects": (MotionEffect(kind="rain"),)})
    wet = replace(wet, plan=wet.plan.model_copy(update={"render_options": options}))
    track = film_of([None, street, wet, after, None])
    ends = [2, 4, 6, 8, 10]
    assert [place.kind for place in track.ambience] == ["room", "street", "rain", "street", "room"]
    assert [place.end for place in track.ambience] == [end * SAMPLE_RATE for end in ends]
    assert [place.start for place in track.ambience[1:]] == [place.end for place in track.ambience[:-1]]


def test_music_plays_from_its_cue_to_the_next(shots: list[ShotToFilm]) -> None:
    tense = with_sound(shots[1], music={"mood": "tense"})
    silent = with_sound(shots[2], music={})
    track = film_of([shots[0], tense, silent], SoundSources(music=MusicCue(file="f" * 64)))
    assert [(piece.mood, piece.file) for piece in track.music] == [(None, "f" * 64), ("tense", "")]
    assert [(piece.start, piece.end) for piece in track.music] == [
        (0, 2 * SAMPLE_RATE), (2 * SAMPLE_RATE, 4 * SAMPLE_RATE),
    ]  # fmt: skip


def test_music_that_is_asked_for_again_goes_on(shots: list[ShotToFilm]) -> None:
    tense = [with_sound(shot, music={"mood": "tense"}) for shot in shots]
    (piece,) = film_of([*tense], SoundSources(music=MusicCue(mood="tense"))).music
    assert (piece.start, piece.end) == (0, 6 * SAMPLE_RATE)


def test_levels_change_at_cuts_only_and_silence_is_quiet(shots: list[ShotToFilm]) -> None:
    hushed = with_sound(shots[1], cues=[SoundCue(kind="silence").model_dump()], ambience_gain=-2)
    track = film_of([shots[0], hushed, with_sound(shots[2], muted=["ambience", "music"], music_gain=6)])
    second = [level.gain for level in track.ambience_levels if 2 * SAMPLE_RATE <= level.at < 4 * SAMPLE_RATE]
    assert set(second) == {SILENCE_GAIN - 2}
    assert {level.gain for level in track.music_levels} == {0.0, SILENT}
    moments = [level.at for level in track.ambience_levels]
    assert moments == sorted(moments)
