"""Test that sounds of any format are read at 48 kHz, and that damaged, endless and empty ones are refused."""

from __future__ import annotations

import hashlib
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from storage.errors import AudioError, StorageError
from tests.tools.sounds import level_in_decibels, pink, tone
from tools.audio import SAMPLE_RATE, as_samples
from tools.audio.files import convert_to_wav, read_audio, write_flac, write_wav
from tools.video.ffmpeg import run_ffmpeg


@pytest.mark.parametrize(("writer", "depth"), [(write_flac, "PCM_24"), (write_flac, "PCM_16"), (write_wav, "PCM_16")])
def test_what_is_written_is_read_again(tmp_path: Path, writer: object, depth: str) -> None:
    sound = pink(0.5)
    path = tmp_path / "-sound:1.audio"
    assert callable(writer)
    writer(path, sound, depth=depth)
    assert np.abs(read_audio(path) - sound).max() < 2 ** -(22 if depth == "PCM_24" else 14)


def test_equal_samples_are_equal_bytes(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one.flac", "two.flac"):
        write_flac(tmp_path / name, pink(0.5))
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000])
def test_other_rates_are_resampled_to_the_same_tone(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "tone.wav"
    time = np.arange(rate) / rate
    soundfile.write(path, (0.5 * np.sin(2 * np.pi * 997 * time)).astype(np.float32), rate)
    found = read_audio(path)
    assert found.ndim == 1
    assert abs(len(found) - SAMPLE_RATE) <= 64
    inside = slice(4800, 43_200)
    spectrum = np.abs(np.fft.rfft(found[inside] * np.hanning(38_400)))
    assert np.argmax(spectrum) * SAMPLE_RATE / 38_400 == pytest.approx(997, abs=1.3)
    assert level_in_decibels(found[inside]) == pytest.approx(-9.03, abs=0.05)


@pytest.mark.parametrize("name", ["sound.mp3", "sound.m4a", "sound.ogg"])
def test_packed_formats_are_read_in_stereo(tmp_path: Path, name: str) -> None:
    write_wav(tmp_path / "sound.wav", pink(2.0))
    codec = {"sound.ogg": ["-c:a", "libvorbis"]}.get(name, [])
    run_ffmpeg(["-i", str(tmp_path / "sound.wav"), *codec, str(tmp_path / name)], tmp_path / name)
    found = read_audio(tmp_path / name)
    assert found.shape[1] == 2
    assert len(found) == pytest.approx(2 * SAMPLE_RATE, abs=2500)
    assert level_in_decibels(found) == pytest.approx(-20, abs=1)


def test_six_channels_are_mixed_down_to_two(tmp_path: Path) -> None:
    path = tmp_path / "surround.wav"
    soundfile.write(path, np.repeat(tone()[:, None], 6, axis=1), SAMPLE_RATE)
    assert read_audio(path).shape == (SAMPLE_RATE, 2)


def test_floats_beyond_full_scale_are_brought_to_it(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, tone(level=0) * 3, SAMPLE_RATE, subtype="FLOAT")
    assert np.abs(read_audio(path)).max() == pytest.approx(1)


@pytest.mark.parametrize(
    "content", [b"", b"no sound at all " * 99, b"RIFF\x00\x00\x00\x00WAVEfmt ", b"ID3" + bytes(500)]
)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError):
        read_audio(path)


def test_a_missing_file_a_folder_and_a_picture_are_refused(tmp_path: Path) -> None:
    run_ffmpeg(
        ["-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", "1", str(tmp_path / "a.png")], tmp_path / "a.png"
    )
    for path in (tmp_path / "none.wav", tmp_path, tmp_path / "a.png"):
        with pytest.raises(AudioError):
            read_audio(path)


def test_a_sound_without_samples_and_one_of_no_numbers_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros(0, np.float32), SAMPLE_RATE)
    soundfile.write(tmp_path / "nan.wav", np.full(99, np.nan, np.float32), SAMPLE_RATE, subtype="FLOAT")
    for name in ("empty.wav", "nan.wav"):
        with pytest.raises(AudioError):
            read_audio(tmp_path / name)


@pytest.mark.parametrize("rate", [SAMPLE_RATE, 44_100])
def test_a_sound_that_is_too_long_is_refused(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "long.flac", np.zeros(rate * 3), rate)
    with pytest.raises(AudioError):
        read_audio(tmp_path / "long.flac", longest=2)
    assert len(read_audio(tmp_path / "long.flac", longest=3.1)) == 3 * SAMPLE_RATE


def test_a_header_that_promises_hours_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "liar.wav"
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 2**32 - 1, b"WAVE", b"fmt ", 16, 1, 2, 48_000, 192_000, 4, 16)
    path.write_bytes(head + struct.pack("<4sI", b"data", 2**32 - 64) + bytes(400))
    with suppress(AudioError):
        assert len(read_audio(path)) <= 400


def test_a_playlist_opens_no_other_file_over_the_network(tmp_path: Path) -> None:
    (tmp_path / "list.mp3").write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/segment.ts\n")
    with pytest.raises(AudioError):
        read_audio(tmp_path / "list.mp3")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_flac(tmp_path / "none" / "a.flac", as_samples(np.zeros(10)))


def test_a_stem_is_converted_to_wav_sample_by_sample(tmp_path: Path) -> None:
    samples = as_samples(np.random.default_rng(1).integers(-(1 << 22), 1 << 22, (5000, 2)) / (1 << 23))
    write_flac(tmp_path / "a.flac", samples)
    convert_to_wav(tmp_path / "a.flac", tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFF"
    assert np.array_equal(read_audio(tmp_path / "a.wav"), samples)
    (tmp_path / "a.flac").write_bytes(b"fLaC and no more")
    with pytest.raises(AudioError):
        convert_to_wav(tmp_path / "a.flac", tmp_path / "b.wav")
