"""Test that a film that is encoded stretch by stretch is one sound, and that a change makes its own stretches again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from storage.sound import Bus
from tests.tools.sounds import babble, pink
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import Samples, as_samples, as_stereo
from tools.audio.files import read_audio, write_flac
from tools.mixing.limiter import Limiter
from tools.mixing.stem_facts import StemFacts, StemMeter
from tools.mixing.stretches import (
    FRAME,
    STRETCH,
    Levels,
    adts_frames,
    encode_stretch,
    hashes_around,
    join_stretches,
    stretch_spans,
)
from tools.video.ffmpeg import ffmpeg_path

LENGTH = 2 * STRETCH + 3 * RATE + 123
LEVELS = Levels(6.0, 0.0, -2.0)


def facts_of(samples: Samples) -> StemFacts:
    meter = StemMeter()
    meter.feed(samples)
    return meter.facts()


def test_stretches_join_to_one_sound_with_no_seam(tmp_path: Path) -> None:
    """At each seam the decoded sound differs from the limited sum by no more than elsewhere; nothing is lost."""
    voice = as_samples(as_stereo(babble(LENGTH / RATE + 1))[:LENGTH] * np.float32(3))
    stems: dict[Bus, Path] = {"voice": tmp_path / "voice.flac", "ambience": tmp_path / "ambience.flac"}
    write_flac(stems["voice"], voice)
    write_flac(stems["ambience"], pink(LENGTH / RATE, -30))
    spans = stretch_spans(LENGTH)
    stretches = [encode_stretch(stems, start, end, LENGTH, LEVELS, tmp_path / f"{start}.aac") for start, end in spans]
    frames = [len(adts_frames(stretch.aac.read_bytes())) for stretch in stretches]
    assert frames == [STRETCH // FRAME, STRETCH // FRAME, -(-(LENGTH - 2 * STRETCH) // FRAME) + 1]
    join_stretches(stretches, LENGTH, tmp_path / "mix.m4a")
    found = read_audio(tmp_path / "mix.m4a")
    assert len(found) == LENGTH
    limiter = Limiter(LEVELS.ceiling)
    ambience = read_audio(stems["ambience"])
    whole = as_samples(read_audio(stems["voice"]) * np.float32(10 ** (LEVELS.foreground / 20)))
    whole[: len(ambience)] += ambience[:LENGTH]
    expected = np.concatenate((limiter.feed(whole), limiter.finish()))
    assert limiter.reduction > 3
    noise = (found - expected)[: LENGTH // FRAME * FRAME].reshape(-1, 2 * FRAME)
    levels = 10 * np.log10(np.mean(noise.astype(np.float64) ** 2, axis=1) + 1e-12)
    seams = [end // FRAME + near for _, end in spans[:-1] for near in (-1, 0, 1)]
    assert levels[seams].max() <= np.percentile(levels, 99)


def test_a_stretch_is_made_again_where_something_in_it_or_just_beside_it_changed() -> None:
    sound = pink(LENGTH / RATE)[:LENGTH]
    spans = stretch_spans(LENGTH)
    before = facts_of(sound)

    def changed(at: int) -> list[bool]:
        other = sound.copy()
        other[at] *= np.float32(0.5)
        after = facts_of(other)
        return [hashes_around(before, *span) != hashes_around(after, *span) for span in spans]

    assert changed(STRETCH // 2) == [True, False, False]
    assert changed(STRETCH - 1) == [True, True, False]
    assert changed(STRETCH + 1) == [True, True, False]
    assert changed(LENGTH - 1) == [False, False, True]


def test_frames_of_adts_are_told_apart() -> None:
    words = ["-f", "lavfi", "-i", "sine=d=0.3:r=48000", "-ac", "2", "-c:a", "aac", "-f", "adts", "pipe:1"]
    stream = subprocess.run([ffmpeg_path(), "-v", "error", *words], capture_output=True, check=True).stdout
    frames = adts_frames(stream)
    assert b"".join(frames) == stream
    assert len(frames) == -(-14400 // FRAME) + 1
