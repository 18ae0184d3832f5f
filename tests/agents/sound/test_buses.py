"""The buses of a film as samples: each sound at its place, room for voices, and a mix that holds its stems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.sound import buses
from agents.sound.tracks import Level, PlacedAmbience, PlacedLine, PlacedMusic, PlacedSoundEffect
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.sound import AmbienceKind, Bus
from tools.audio import SAMPLE_RATE, Samples, as_samples
from tools.audio.files import read_audio, write_flac, write_wav
from tools.mixing.stretches import Levels, stretch_spans

LENGTH = 6 * SAMPLE_RATE


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path)


def keep(artifacts: Artifacts, samples: Samples) -> str:
    path = artifacts.temporary(".flac")
    write_flac(path, samples)
    return artifacts.keep(path, "audio/flac").sha256


def beds_of(artifacts: Artifacts, *kinds: AmbienceKind) -> dict[AmbienceKind, str]:
    return {kind: buses.make_bed(artifacts, kind=kind, seconds=5.0).artifacts["bed"].sha256 for kind in kinds}


def effects_bus(artifacts: Artifacts, *effects: PlacedSoundEffect) -> Made:
    """Make the sounds of effects, and their bus."""
    sounds = []
    for effect in effects:
        if effect.kind is None:
            sounds.append((effect.sample, 0.0))
            continue
        made = buses.make_effect_sound(
            artifacts, kind=effect.kind, sample=effect.sample, seconds=effect.seconds, seed=effect.seed
        )
        sounds.append((made.artifacts["effect"].sha256, float(str(made.facts["onset"]))))
    return buses.make_effects_bus(artifacts, effects=effects, sounds=sounds, length=LENGTH)


def samples_of(artifacts: Artifacts, made: Made) -> Samples:
    samples = read_audio(artifacts.open(made.artifacts["bus"]))
    assert len(samples) == LENGTH
    return samples


def power(samples: Samples, start: float, end: float) -> float:
    """Return the mean power of a stretch of seconds in decibels."""
    part = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(10 * np.log10(np.mean(part.astype(np.float64) ** 2) + 1e-20))


def voice(seconds: float) -> Samples:
    return as_samples(0.2 * np.sin(np.arange(round(seconds * SAMPLE_RATE)) * 0.03))


def test_voices_stand_at_their_place_and_side(artifacts: Artifacts) -> None:
    recording = keep(artifacts, voice(1.0))
    left, right = (
        PlacedLine(balloon=str(start), voice=recording, start=start * SAMPLE_RATE, end=(start + 1) * SAMPLE_RATE,
                   gain=gain, pan=pan)
        for start, gain, pan in ((1, 0.0, -0.3), (4, 6.0, 0.3))
    )  # fmt: skip
    heard = samples_of(artifacts, buses.make_voice_bus(artifacts, lines=[left, right], length=LENGTH))
    assert not heard[: SAMPLE_RATE - 1].any()
    assert not heard[round(2.1 * SAMPLE_RATE) : 4 * SAMPLE_RATE - 1].any()
    assert power(heard[:, :1], 1.1, 1.9) > power(heard[:, 1:], 1.1, 1.9) + 3
    assert power(heard[:, 1:], 4.1, 4.9) == pytest.approx(power(heard[:, :1], 1.1, 1.9) + 6, abs=0.1)


def test_a_line_that_is_cut_short_fades_and_others_end_as_they_were_recorded(artifacts: Artifacts) -> None:
    recording = keep(artifacts, voice(2.0))
    cut, whole = (
        PlacedLine(balloon="t", voice=recording, start=0, end=SAMPLE_RATE, is_cut=is_cut) for is_cut in (True, False)
    )
    heard, all_of_it = (
        samples_of(artifacts, buses.make_voice_bus(artifacts, lines=[line], length=LENGTH)) for line in (cut, whole)
    )
    assert not heard[SAMPLE_RATE:].any()
    assert power(heard, 0.95, 1) < power(heard, 0.85, 0.9) - 5
    assert power(heard, 0.7, 0.84) == pytest.approx(power(heard, 0.2, 0.5), abs=0.2)
    assert power(all_of_it, 1.9, 1.99) == pytest.approx(power(heard, 0.2, 0.5), abs=0.2)


def test_the_moment_of_an_effect_is_where_it_was_placed(artifacts: Artifacts) -> None:
    """A whoosh swells before its moment; a click begins with it."""
    placed = [
        PlacedSoundEffect(kind="whoosh", start=2 * SAMPLE_RATE, seed=1),
        PlacedSoundEffect(kind="click", start=5 * SAMPLE_RATE, seed=1),
    ]
    heard = samples_of(artifacts, effects_bus(artifacts, *placed))
    loud = np.abs(heard).max(axis=1)
    loudest = int(loud[: 4 * SAMPLE_RATE].argmax())
    assert abs(loudest / SAMPLE_RATE - 2) < 0.25
    assert loud[: 2 * SAMPLE_RATE].any(), "it swells before"
    click = 4 * SAMPLE_RATE + int((loud[4 * SAMPLE_RATE :] > 0.001).argmax())
    assert abs(click - 5 * SAMPLE_RATE) < SAMPLE_RATE / 24, "within a frame"


def test_a_recording_of_a_person_is_as_loud_as_its_kind_and_cut_where_it_was_asked(artifacts: Artifacts) -> None:
    source = artifacts.temporary(".wav")
    write_wav(source, as_samples(np.random.default_rng(3).normal(0, 0.01, 4 * SAMPLE_RATE)))
    sample = artifacts.keep(source, "audio/wav").sha256
    made, cut = (
        samples_of(artifacts, effects_bus(artifacts, effect))
        for effect in (
            PlacedSoundEffect(kind="door", sample=sample, start=SAMPLE_RATE),
            PlacedSoundEffect(sample=sample, seconds=1.0, start=SAMPLE_RATE),
        )
    )
    assert power(made, 1.2, 4) > power(cut, 1.2, 1.8) + 6, "a door is louder than the recording was"
    assert not cut[round(2.05 * SAMPLE_RATE) :].any()


def test_places_are_never_silent_cross_over_and_make_room_for_voices(artifacts: Artifacts) -> None:
    places = [
        PlacedAmbience(kind="room", start=0, end=3 * SAMPLE_RATE),
        PlacedAmbience(kind="rain", start=3 * SAMPLE_RATE, end=LENGTH),
    ]
    line = PlacedLine(balloon="t", voice="", start=4 * SAMPLE_RATE, end=5 * SAMPLE_RATE)
    beds = beds_of(artifacts, "room", "rain")

    def bus(*lines: PlacedLine, levels: tuple[Level, ...] = ()) -> Samples:
        spoken = [(line.start, line.end) for line in lines]
        made = buses.make_ambience_bus(artifacts, beds=beds, places=places, levels=levels, spoken=spoken, length=LENGTH)
        return samples_of(artifacts, made)

    plain, ducked = bus(), bus(line)
    assert power(plain, 4, 5) > power(plain, 1, 2) + 10
    tenths = plain.reshape(-1, SAMPLE_RATE // 10, 2)
    assert np.abs(tenths).max(axis=(1, 2)).min() > 0
    assert power(ducked, 4.1, 4.9) == pytest.approx(power(plain, 4.1, 4.9) + buses.AMBIENCE_DUCK, abs=0.2)
    assert power(ducked, 1, 2) == pytest.approx(power(plain, 1, 2), abs=0.01)
    quieter = bus(levels=(Level(at=0, gain=-6.0), Level(at=LENGTH, gain=-6.0)))
    assert power(quieter, 1, 5) == pytest.approx(power(plain, 1, 5) - 6, abs=0.01)


def test_a_place_that_comes_again_goes_on_and_does_not_begin_anew(artifacts: Artifacts) -> None:
    turns: tuple[tuple[AmbienceKind, int], ...] = (("rain", 0), ("room", 2), ("rain", 4))
    places = [
        PlacedAmbience(kind=kind, start=start * SAMPLE_RATE, end=(start + 2) * SAMPLE_RATE) for kind, start in turns
    ]
    beds = beds_of(artifacts, "room", "rain")
    made = buses.make_ambience_bus(artifacts, beds=beds, places=places, levels=(), spoken=(), length=LENGTH)
    heard, bed = samples_of(artifacts, made), read_audio(artifacts.open(beds["rain"]))
    for start in (1.0, 4.5):
        at = round(start * SAMPLE_RATE)
        assert np.abs(heard[at : at + 4800] - bed[at : at + 4800]).max() < 1e-6


def test_a_mix_holds_its_stems_and_is_the_same_twice(artifacts: Artifacts) -> None:
    effects = effects_bus(artifacts, PlacedSoundEffect(kind="impact", start=SAMPLE_RATE))
    places = [PlacedAmbience(kind="room", start=0, end=LENGTH)]
    room = buses.make_ambience_bus(
        artifacts, beds=beds_of(artifacts, "room"), places=places, levels=(), spoken=(), length=LENGTH
    )
    made: dict[Bus, Made] = {"effects": effects, "ambience": room}
    kept = {str(bus): one.artifacts["bus"] for bus, one in made.items()}

    def encode(levels: Levels) -> list[Made]:
        stems = {bus: one.artifacts["bus"].sha256 for bus, one in made.items()}
        return [
            buses.make_stretch(artifacts, stems=stems, start=start, end=end, length=LENGTH, levels=levels)
            for start, end in stretch_spans(LENGTH)
        ]

    first, second = (
        buses.make_mix(artifacts, encode, buses=made, soundtrack="{}", length=LENGTH, loudness=-14.0) for _ in range(2)
    )
    assert first == second
    assert {role: first.artifacts[role] for role in kept} == kept
    assert float(str(first.facts["true_peak"])) <= -1.0


def test_music_lasts_as_long_as_its_cue_and_makes_room_for_voices(artifacts: Artifacts) -> None:
    theme = keep(artifacts, as_samples(np.random.default_rng(5).normal(0, 0.1, 2 * SAMPLE_RATE)))
    piece = PlacedMusic(file=theme, start=SAMPLE_RATE, end=5 * SAMPLE_RATE)
    line = 3 * SAMPLE_RATE, round(3.8 * SAMPLE_RATE)
    made = buses.make_music(artifacts, mood=None, file=theme, samples=piece.end - piece.start, seed=0)
    played = [made.artifacts["music"].sha256]
    plain, ducked = (
        samples_of(
            artifacts,
            buses.make_music_bus(artifacts, pieces=[piece], played=played, levels=(), spoken=spoken, length=LENGTH),
        )
        for spoken in ((), (line,))
    )
    assert not plain[: SAMPLE_RATE - 1].any()
    assert not plain[5 * SAMPLE_RATE + 1 :].any()
    assert power(ducked, 3.05, 3.75) == pytest.approx(power(plain, 3.05, 3.75) + buses.MUSIC_DUCK, abs=0.3)
