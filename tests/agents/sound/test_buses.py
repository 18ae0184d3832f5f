"""The buses of a film as samples: each sound at its place, room for voices, and a mix that holds its stems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.sound import buses
from agents.sound.tracks import Level, PlacedAmbience, PlacedLine, PlacedMusic, PlacedSoundEffect
from storage.artifacts import Artifacts
from storage.domain import Made
from tools.audio import SAMPLE_RATE, Samples, as_samples
from tools.audio.files import read_audio, write_flac, write_wav

LENGTH = 6 * SAMPLE_RATE


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path)


def keep(artifacts: Artifacts, samples: Samples) -> str:
    path = artifacts.temporary(".flac")
    write_flac(path, samples)
    return artifacts.keep(path, "audio/flac").sha256


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


def test_the_moment_of_an_effect_is_where_it_was_placed(artifacts: Artifacts) -> None:
    """A whoosh swells before its moment; a click begins with it."""
    placed = [
        PlacedSoundEffect(kind="whoosh", start=2 * SAMPLE_RATE, seed=1),
        PlacedSoundEffect(kind="click", start=5 * SAMPLE_RATE, seed=1),
    ]
    heard = samples_of(artifacts, buses.make_effects_bus(artifacts, effects=placed, length=LENGTH))
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
        samples_of(artifacts, buses.make_effects_bus(artifacts, effects=[effect], length=LENGTH))
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

    def bus(*lines: PlacedLine, levels: tuple[Level, ...] = ()) -> Samples:
        made = buses.make_ambience_bus(artifacts, places=places, levels=levels, lines=lines, length=LENGTH)
        return samples_of(artifacts, made)

    plain, ducked = bus(), bus(line)
    assert power(plain, 4, 5) > power(plain, 1, 2) + 10
    tenths = plain.reshape(-1, SAMPLE_RATE // 10, 2)
    assert np.abs(tenths).max(axis=(1, 2)).min() > 0
    assert power(ducked, 4.1, 4.9) == pytest.approx(power(plain, 4.1, 4.9) + buses.AMBIENCE_DUCK, abs=0.2)
    assert power(ducked, 1, 2) == pytest.approx(power(plain, 1, 2), abs=0.01)
    quieter = bus(levels=(Level(at=0, gain=-6.0), Level(at=LENGTH, gain=-6.0)))
    assert power(quieter, 1, 5) == pytest.approx(power(plain, 1, 5) - 6, abs=0.01)


def test_a_mix_holds_its_stems_and_is_the_same_twice(artifacts: Artifacts) -> None:
    effects = buses.make_effects_bus(
        artifacts, effects=[PlacedSoundEffect(kind="impact", start=SAMPLE_RATE)], length=LENGTH
    )
    places = [PlacedAmbience(kind="room", start=0, end=LENGTH)]
    room = buses.make_ambience_bus(artifacts, places=places, levels=(), lines=(), length=LENGTH)
    kept = {"effects": effects.artifacts["bus"], "ambience": room.artifacts["bus"]}
    first, second = (
        buses.make_mix(artifacts, buses=kept, soundtrack="{}", length=LENGTH, loudness=-14.0)  # type: ignore[arg-type]
        for _ in range(2)
    )
    assert first == second
    assert {role: first.artifacts[role] for role in kept} == kept
    assert float(str(first.facts["true_peak"])) <= -1.0


def test_music_lasts_as_long_as_its_cue_and_makes_room_for_voices(artifacts: Artifacts) -> None:
    theme = keep(artifacts, as_samples(np.random.default_rng(5).normal(0, 0.1, 2 * SAMPLE_RATE)))
    piece = PlacedMusic(file=theme, start=SAMPLE_RATE, end=5 * SAMPLE_RATE)
    line = PlacedLine(balloon="t", voice="", start=3 * SAMPLE_RATE, end=round(3.8 * SAMPLE_RATE))
    plain, ducked = (
        samples_of(
            artifacts,
            buses.make_music_bus(artifacts, pieces=[piece], levels=(), lines=lines, length=LENGTH),
        )
        for lines in ((), (line,))
    )
    assert not plain[: SAMPLE_RATE - 1].any()
    assert not plain[5 * SAMPLE_RATE + 1 :].any()
    assert power(ducked, 3.05, 3.75) == pytest.approx(power(plain, 3.05, 3.75) + buses.MUSIC_DUCK, abs=0.3)
