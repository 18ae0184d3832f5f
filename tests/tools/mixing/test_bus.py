"""Test stems: where sounds lie, how they are cut, looped, panned and levelled, and what a long film needs of memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from storage.errors import AudioError
from tests.program import HOUSE
from tests.tools.sounds import babble, level_in_decibels, pink, tone
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import SILENT, Samples, as_samples
from tools.audio.files import read_audio, write_flac, write_wav
from tools.mixing.bus import BLOCK, FADE, STEM_CEILING, PlacedSound, render_bus
from tools.mixing.ducking import GainPoint, duck


def rendered(folder: Path, *sounds: PlacedSound, envelope: tuple[GainPoint, ...] = (), seconds: float = 4) -> Samples:
    length = round(seconds * RATE)
    render_bus(sounds, envelope, length, folder / "bus.flac")
    found = read_audio(folder / "bus.flac")
    assert found.shape == (length, 2)
    return found


def steady(seconds: float = 1.0, value: float = 0.5) -> Samples:
    return as_samples(np.full(round(seconds * RATE), value))


@pytest.mark.parametrize("start", [0, 1, 50_000, BLOCK - 3, BLOCK, 2 * BLOCK + 17])
def test_a_sound_lies_at_its_sample(tmp_path: Path, start: int) -> None:
    found = rendered(tmp_path, PlacedSound(steady(0.5), start))
    heard = np.flatnonzero(np.abs(found[:, 0]) > 1e-6)
    assert (heard[0], heard[-1]) == (start, start + RATE // 2 - 1)


def test_sounds_from_memory_and_from_a_file_are_one(tmp_path: Path) -> None:
    sound = pink(2.5)
    write_flac(tmp_path / "sound.flac", sound)
    placed = PlacedSound(sound, 30_000, gain=-3)
    one = rendered(tmp_path, placed)
    assert np.abs(one - rendered(tmp_path, replace(placed, source=tmp_path / "sound.flac"))).max() < 1e-6


def test_a_file_at_another_rate_is_resampled(tmp_path: Path) -> None:
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.full(44_100, 0.5), 44_100)
    heard = np.flatnonzero(np.abs(rendered(tmp_path, PlacedSound(tmp_path / "a.wav", 0))[:, 0]) > 0.01)
    assert heard[-1] == pytest.approx(RATE, abs=40)


def test_a_cut_fades_out_over_20_milliseconds(tmp_path: Path) -> None:
    left = rendered(tmp_path, PlacedSound(steady(3), 100, end=RATE))[:, 0]
    whole = np.sqrt(0.5) * 0.5
    assert left[RATE - FADE - 1] == pytest.approx(whole, abs=1e-4)
    assert left[RATE - FADE // 2] == pytest.approx(whole / 2, abs=1e-3)
    assert left[RATE - 1] == pytest.approx(0, abs=1e-3)
    assert (left[RATE:] == 0).all()
    assert left[100] == pytest.approx(whole, abs=1e-4)  # its own beginning is no cut
    assert np.abs(np.diff(left[200:])).max() < 2 * whole / FADE


def test_the_ends_of_the_film_are_cuts_too(tmp_path: Path) -> None:
    left = rendered(tmp_path, PlacedSound(steady(9), -RATE))[:, 0]
    assert left[0] == pytest.approx(0, abs=1e-3)
    assert left[FADE] == pytest.approx(np.sqrt(0.5) * 0.5, abs=1e-3)
    assert left[-1] == pytest.approx(0, abs=1e-3)


def test_a_sound_that_ends_by_itself_is_not_faded(tmp_path: Path) -> None:
    left = rendered(tmp_path, PlacedSound(steady(1), 0, end=RATE))[:, 0]
    assert left[RATE - 1] == pytest.approx(np.sqrt(0.5) * 0.5, abs=1e-4)


def test_sounds_outside_the_film_are_left_out(tmp_path: Path) -> None:
    outside = [PlacedSound(steady(), 9 * RATE), PlacedSound(steady(), -5 * RATE), PlacedSound(steady(), 10, end=5)]
    assert (rendered(tmp_path, *outside) == 0).all()


def test_a_loop_goes_on_without_a_seam(tmp_path: Path) -> None:
    period = tone(100, 0.73)  # 73 periods
    left = rendered(tmp_path, PlacedSound(period, 1000, loop=True, end=3 * RATE))[:, 0]
    inside = slice(1000 + FADE, 3 * RATE - FADE)
    expected = np.concatenate((np.zeros(1000), tone(100, 3) * np.sqrt(0.5)))
    assert np.abs(left[inside] - expected[inside]).max() < 1e-4


def test_pan_keeps_the_power(tmp_path: Path) -> None:
    for pan in (-1.0, -0.4, 0.0, 0.7, 1.0):
        found = rendered(tmp_path, PlacedSound(steady(), 0, pan=pan), seconds=0.5)[: RATE // 4]
        assert np.sum(found.mean(axis=0) ** 2) == pytest.approx(0.25, rel=1e-3)
        assert (found[0, 0] > found[0, 1]) == (pan < 0) or pan == 0
    hard = rendered(tmp_path, PlacedSound(steady(), 0, pan=-1), seconds=0.5)
    assert np.abs(hard[:, 1]).max() < 1e-6


def test_a_stereo_sound_in_the_middle_is_not_changed(tmp_path: Path) -> None:
    sound = pink(1.0)
    assert np.abs(rendered(tmp_path, PlacedSound(sound, 0), seconds=1) - sound).max() < 1e-6


def test_a_gain_is_in_decibels_and_silence_is_silent(tmp_path: Path) -> None:
    sound = pink(1.0, -20)
    assert level_in_decibels(rendered(tmp_path, PlacedSound(sound, 0, gain=-6.5), seconds=1)) == pytest.approx(
        -26.5, abs=0.01
    )
    assert (rendered(tmp_path, PlacedSound(sound, 0, gain=SILENT)) == 0).all()


def test_music_is_twelve_decibels_lower_under_a_line(tmp_path: Path) -> None:
    envelope = duck([(RATE, 2 * RATE)])
    found = rendered(tmp_path, PlacedSound(pink(4), 0), envelope=envelope)
    under, free = level_in_decibels(found[RATE : 2 * RATE]), level_in_decibels(found[3 * RATE :])
    assert under - free == pytest.approx(-12, abs=0.5)
    without = rendered(tmp_path, PlacedSound(pink(4), 0))
    assert level_in_decibels(found[RATE : 2 * RATE]) - level_in_decibels(without[RATE : 2 * RATE]) == pytest.approx(
        -12, abs=0.01
    )


def test_sums_beyond_full_scale_are_limited_and_said(tmp_path: Path) -> None:
    loud = [PlacedSound(tone(90, 1, -2), 0) for _ in range(4)]
    facts = render_bus(loud, (), 2 * RATE, tmp_path / "bus.flac")
    found = read_audio(tmp_path / "bus.flac")
    assert np.abs(found).max() <= 10 ** (STEM_CEILING / 20) + 1e-6
    assert facts.reduction == pytest.approx(12 - 2 - 3, abs=0.3)
    assert facts.peak == pytest.approx(STEM_CEILING, abs=0.1)


def test_the_facts_are_those_of_the_stem(tmp_path: Path) -> None:
    facts = render_bus([PlacedSound(babble(4), 0)], (), 4 * RATE, tmp_path / "bus.flac")
    assert facts.peak == pytest.approx(20 * np.log10(np.abs(babble(4)).max()) - 3.01, abs=0.01)
    assert facts.reduction == 0
    silent = render_bus([], (), 4 * RATE, tmp_path / "silent.flac")
    assert (silent.peak, silent.reduction) == (SILENT, 0)
    assert (read_audio(tmp_path / "silent.flac") == 0).all()


def test_the_same_file_may_play_many_times_at_once(tmp_path: Path) -> None:
    sound = pink(1.0, -40)
    write_flac(tmp_path / "a.flac", sound)
    starts = [0, 10, 4000, BLOCK, BLOCK + 1, 3 * RATE]
    placed = [PlacedSound(tmp_path / "a.flac", start) for start in starts]
    in_memory = [replace(one, source=sound) for one in placed]
    assert np.abs(rendered(tmp_path, *placed) - rendered(tmp_path, *in_memory)).max() < 1e-5


def test_a_sound_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.flac").write_bytes(b"nothing")
    with pytest.raises(AudioError) as error:
        rendered(tmp_path, PlacedSound(tmp_path / "bad.flac", 0))
    assert "bad.flac" in error.value.what


def test_a_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.flac", pink(3.0))
    write_flac(tmp_path / "a.flac", pink(3.0))
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError):
        rendered(tmp_path, PlacedSound(tmp_path / "a.flac", 0))


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    write_flac(tmp_path / "a.flac", pink(3.0))
    program = (
        "import sys; from pathlib import Path; from tools.mixing.bus import *; from tools.mixing.ducking import duck\n"
        "a, b = map(Path, sys.argv[1:])\n"
        "sounds = [PlacedSound(a, 99, gain=9, pan=.3), PlacedSound(a, 50000, loop=True)]\n"
        "render_bus(sounds, duck([(9, 99999)]), 300000, b)"
    )
    hashes = set()
    for name in ("one.flac", "two.flac"):
        subprocess.run([sys.executable, "-c", program, tmp_path / "a.flac", tmp_path / name], check=True, cwd=HOUSE)
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.slow
def test_an_hour_needs_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """The peak of the process grows by less than 40 MB, where an hour of samples takes 1.4 GB."""
    write_flac(tmp_path / "a.flac", pink(30.0))
    program = (
        "import resource, sys; from pathlib import Path; from tools.mixing.bus import *\n"
        "a, b = map(Path, sys.argv[1:])\n"
        "def peak(seconds):\n"
        "    places = [PlacedSound(a, 0, loop=True), *(PlacedSound(a, i * 48000 * 60) for i in range(60))]\n"
        "    render_bus(places, (), seconds * 48000, b)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "peak(60); print(peak(60), peak(3600))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "a.flac", tmp_path / "b.flac"],
        check=True, cwd=HOUSE, capture_output=True, text=True,
    )  # fmt: skip
    minute, hour = map(int, done.stdout.split())
    assert hour - minute < 40_000
