"""Test the finished mix as ffmpeg measures it: loudness, true peak, the distance of ambience, and equal bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from storage.sound import Bus
from tests.tools.sounds import babble, level_in_decibels, pink, syllables, tone
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import Samples, amplitude, as_samples, as_stereo
from tools.audio.files import read_audio, write_flac
from tools.mixing.bus import PlacedSound, render_bus
from tools.mixing.compressor import compress_voice
from tools.mixing.ducking import duck
from tools.mixing.mastering import MOST_LIFT, MOST_LIMITED, MixFacts, master
from tools.mixing.measurement import measure
from tools.mixing.stem_facts import StemFacts, StemMeter
from tools.mixing.stretches import Levels, Stretch, encode_stretch, stretch_spans
from tools.mixing.voice_level import level_voice
from tools.sound_effects import make_effect

SECONDS = 20
LOST = -0.33
"""Decibels of pink noise that AAC leaves out, at the highest frequencies."""
LINES = [(start * RATE, (start + 3) * RATE) for start in (1, 5, 12)]


def mixed(
    folder: Path, stems: dict[Bus, Samples], *, name: str = "mix", seconds: float = SECONDS, loudness: float = -14.0
) -> MixFacts:
    paths, facts = dict[Bus, Path](), dict[Bus, StemFacts]()
    for bus, samples in stems.items():
        paths[bus], meter = folder / f"{bus}.flac", StemMeter()
        write_flac(paths[bus], samples)
        meter.feed(as_stereo(samples))
        facts[bus] = meter.facts()
    return mastered(paths, facts, round(seconds * RATE), folder / f"{name}.m4a", loudness)


def mastered(
    paths: dict[Bus, Path], facts: dict[Bus, StemFacts], length: int, path: Path, loudness: float = -14.0
) -> MixFacts:
    def encode(levels: Levels) -> list[Stretch]:
        return [
            encode_stretch(paths, start, end, length, levels, path.parent / f"{start}.aac")
            for start, end in stretch_spans(length)
        ]

    return master(facts, length, encode, path, loudness=loudness)


def hits() -> Samples:
    """Return a sharp hit every two seconds, mono."""
    hit = tone(150, 0.5, -1) * np.exp(-np.arange(RATE // 2) / 3000)
    sound = np.zeros(SECONDS * RATE)
    for start in range(RATE, SECONDS * RATE - RATE, 2 * RATE):
        sound[start : start + len(hit)] += hit
    return as_samples(sound)


def spoken(folder: Path) -> Samples:
    render_bus([PlacedSound(babble(3, -14, start), start) for start, _ in LINES], (), SECONDS * RATE, folder / "v.flac")
    return read_audio(folder / "v.flac")


def scored(folder: Path) -> Samples:
    render_bus([PlacedSound(pink(8, -26), 0, loop=True)], duck(LINES), SECONDS * RATE, folder / "m.flac")
    return read_audio(folder / "m.flac")


@pytest.mark.parametrize("loudness", [-14.0, -16.0, -23.0])
def test_a_film_has_its_loudness_and_no_peak_beyond_minus_one(tmp_path: Path, loudness: float) -> None:
    stems: dict[Bus, Samples] = {
        "voice": spoken(tmp_path), "effects": hits(), "music": scored(tmp_path), "ambience": pink(SECONDS, -38)
    }  # fmt: skip
    facts = mixed(tmp_path, stems, loudness=loudness)
    found = measure(tmp_path / "mix.m4a")
    assert found.integrated == pytest.approx(loudness, abs=0.5)
    assert found.true_peak <= -1
    assert (facts.integrated, facts.true_peak, facts.range) == (found.integrated, found.true_peak, found.range)
    assert facts.has_foreground
    assert len(read_audio(tmp_path / "mix.m4a")) == SECONDS * RATE


def test_speech_with_pauses_alone_reaches_it_too(tmp_path: Path) -> None:
    mixed(tmp_path, {"voice": spoken(tmp_path), "ambience": pink(SECONDS, -40)})
    assert measure(tmp_path / "mix.m4a").integrated == pytest.approx(-14, abs=0.5)


@pytest.mark.parametrize("gap", [0.4, 2.0, 5.0])
@pytest.mark.parametrize("others", [(), ("effects", "ambience", "music")])
def test_speech_with_high_peaks_is_encoded_once_and_hardly_limited(
    tmp_path: Path, gap: float, others: tuple[Bus, ...]
) -> None:
    """Peaks of speech lie 16 dB and more over its loudness: they are lowered before the limiter."""
    lines, at = list[PlacedSound](), 1.0
    while at < 28:
        line = syllables(1.5, -30, seed=len(lines))
        lines.append(PlacedSound(compress_voice(line), round(at * RATE), gain=level_voice(line) + 2))
        at += 1.5 + gap
    spans = [(line.start, line.start + round(1.5 * RATE)) for line in lines]
    knocks = [PlacedSound(make_effect("knock", None, at).samples, at * RATE) for at in (3, 11, 23)]
    sounds: dict[Bus, list[PlacedSound]] = {
        "voice": lines, "effects": knocks, "music": [PlacedSound(pink(8, -21), 0, loop=True)],
        "ambience": [PlacedSound(pink(8, -35), 0, loop=True)],
    }  # fmt: skip
    buses: tuple[Bus, ...] = ("voice", *others)
    stems = {bus: tmp_path / f"{bus}.flac" for bus in buses}
    measured = {
        bus: render_bus(sounds[bus], duck(spans) if bus == "music" else (), 30 * RATE, stems[bus]).stem for bus in buses
    }
    facts = mastered(stems, measured, 30 * RATE, tmp_path / "mix.m4a")
    assert facts.encodings == 1
    assert facts.integrated == pytest.approx(-14, abs=0.5)
    assert facts.true_peak <= -1
    assert facts.reduction < 4
    assert abs(facts.gain) < 3


def test_loud_noise_is_made_again_only_until_its_peaks_are_under_the_bound(tmp_path: Path) -> None:
    facts = mixed(tmp_path, {"music": as_samples(pink(SECONDS, -12) * amplitude(6))})
    assert facts.true_peak <= -1
    assert facts.integrated == pytest.approx(-14, abs=0.5)
    assert facts.encodings <= 2


def test_one_gain_is_held_so_that_ducking_stays(tmp_path: Path) -> None:
    """A leveller would bring back the 12 dB by which music was lowered."""
    facts = mixed(tmp_path, {"music": scored(tmp_path)}, loudness=-20)
    found, stem = read_audio(tmp_path / "mix.m4a"), read_audio(tmp_path / "m.flac")
    spans = [*LINES, (9 * RATE, 11 * RATE), (17 * RATE, 18 * RATE)]
    gains = [level_in_decibels(found[start:end]) - level_in_decibels(stem[start:end]) for start, end in spans]
    assert gains == pytest.approx([facts.gain + LOST] * len(gains), abs=0.15)
    under = level_in_decibels(found[LINES[0][0] : LINES[0][1]])
    assert under - level_in_decibels(found[9 * RATE : 11 * RATE]) == pytest.approx(-12, abs=1)


def test_a_film_of_ambience_alone_is_not_lifted(tmp_path: Path) -> None:
    facts = mixed(tmp_path, {"ambience": pink(SECONDS, -40)})
    assert (facts.gain, facts.ambience_gain, facts.has_foreground) == (0, 0, False)
    assert level_in_decibels(read_audio(tmp_path / "mix.m4a")) == pytest.approx(-40 + LOST, abs=0.15)
    assert facts.integrated < -35


def test_the_ambience_keeps_its_distance_to_the_loudness_aimed_at(tmp_path: Path) -> None:
    voice = spoken(tmp_path)
    stems: dict[Bus, Samples] = {"voice": as_samples(voice * 0.5), "ambience": pink(SECONDS, -40)}
    for loudness, gain in ((-14.0, 0.0), (-23.0, -9.0)):
        facts = mixed(tmp_path, stems, loudness=loudness)
        assert facts.ambience_gain == pytest.approx(gain)
        quiet, stem = (sound[17 * RATE : 19 * RATE] for sound in (read_audio(tmp_path / "mix.m4a"), stems["ambience"]))
        assert level_in_decibels(quiet) - level_in_decibels(stem) == pytest.approx(gain + LOST, abs=0.15)


def test_rare_quiet_sounds_are_not_lifted_without_end(tmp_path: Path) -> None:
    effects = np.zeros(SECONDS * RATE, np.float32)
    effects[9 * RATE : 9 * RATE + 4800] = tone(800, 0.1, -55)
    facts = mixed(tmp_path, {"effects": effects, "ambience": pink(SECONDS, -40)})
    assert facts.gain == MOST_LIFT
    assert facts.encodings == 1, "it cannot become louder"
    assert facts.integrated < -35


def test_rare_sharp_sounds_are_not_lifted_far_into_the_limiter(tmp_path: Path) -> None:
    effects = np.zeros((SECONDS * RATE, 2), np.float32)
    for seconds in (4, 13):
        knock = make_effect("knock", None, seconds).samples
        effects[seconds * RATE : seconds * RATE + len(knock)] = knock
    facts = mixed(tmp_path, {"effects": effects, "ambience": pink(SECONDS, -50)})
    assert facts.gain > 0
    assert facts.reduction <= MOST_LIMITED + 1
    assert facts.true_peak <= -1
    assert facts.encodings <= 2


def test_a_silent_film_is_silent(tmp_path: Path) -> None:
    facts = mixed(tmp_path, {"voice": as_samples(np.zeros(RATE))}, seconds=3)
    assert (facts.integrated, facts.true_peak) == (-70, float("-inf"))
    assert mixed(tmp_path, {}, seconds=3).has_foreground is False


def test_a_stem_that_is_shorter_or_mono_ends_in_silence(tmp_path: Path) -> None:
    mixed(tmp_path, {"voice": babble(5), "ambience": pink(2, -40)}, seconds=8)
    found = read_audio(tmp_path / "mix.m4a")
    assert len(found) == 8 * RATE
    assert (found[6 * RATE :] == 0).all()


def test_equal_stems_give_equal_bytes(tmp_path: Path) -> None:
    stems: dict[Bus, Samples] = {"voice": spoken(tmp_path), "effects": hits()}
    hashes = set()
    for name in ("one", "two"):
        mixed(tmp_path, stems, name=name)
        hashes.add(hashlib.sha256((tmp_path / f"{name}.m4a").read_bytes()).hexdigest())
    assert len(hashes) == 1
