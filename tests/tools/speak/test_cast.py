"""Test that recordings of actors are found by their balloons and taken as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import BackendError
from tests.tools.speech.test_decoding import sound
from tools.speak import SpeechBackend, Voice, cast, load_speech_backend


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mika").mkdir()
    for name, seconds in (("mika/t2-4.wav", 0.5), ("t2-4.wav", 0.7), ("s012-t3-1.flac", 0.9)):
        kind = "FLAC" if name.endswith("flac") else "WAV"
        (tmp_path / name).write_bytes(sound(seconds, kind=kind))
    (tmp_path / "notes.txt").write_text("not a recording", encoding="utf-8")
    return tmp_path


def actors(folder: Path) -> SpeechBackend:
    return load_speech_backend("cast", folder=str(folder))


@pytest.mark.parametrize(
    ("voice", "seconds"), [("mika/t2-4", 0.5), ("t2-4", 0.7), ("ken/t2-4", 0.7), ("ken/t3-1", 0.9)]
)
def test_a_line_is_the_recording_of_who_says_it_else_of_anybody(folder: Path, voice: str, seconds: float) -> None:
    speech = actors(folder).speak("…", language="ja", voice=voice, rate=2.0, pitch=5.0)
    assert speech.seconds == pytest.approx(seconds, abs=0.01)
    assert np.abs(speech.samples).max() == pytest.approx(0.5, abs=0.02)


def test_every_folder_is_a_voice_of_any_language(folder: Path) -> None:
    assert actors(folder).voices("ko") == (Voice(""), Voice("mika"))


@pytest.mark.parametrize("voice", ["mika/t9-9", "t2", "mika/..", "../t3-1", ""])
def test_a_line_that_nobody_recorded_is_refused(folder: Path, voice: str) -> None:
    with pytest.raises(BackendError):
        actors(folder / "mika").speak("…", language="ja", voice=voice)


def test_no_recording_outside_the_folder_is_taken(folder: Path) -> None:
    assert actors(folder / "mika").speak("…", language="ja", voice="../t2-4").seconds == pytest.approx(0.5, abs=0.01)


def test_silent_and_damaged_recordings_are_refused(folder: Path) -> None:
    (folder / "t5-1.wav").write_bytes(sound()[:44] + bytes(20_000))
    (folder / "t5-2.wav").write_bytes(b"no sound")
    for balloon in ("t5-1", "t5-2"):
        with pytest.raises(BackendError):
            actors(folder).speak("…", language="ja", voice=balloon)


def test_only_the_recordings_of_the_lines_are_read_and_each_has_its_own_hash(folder: Path) -> None:
    backend = actors(folder)
    assert isinstance(backend, cast.Backend)
    (folder / "t9-9.wav").mkdir()
    (folder / "mika" / "t9-9.wav").symlink_to(folder / "nowhere.wav")
    asked = ("mika/t2-4", "t2-4", "ken/t3-1", "ken/t9-9")
    before = backend.recording_hashes(asked)
    assert len({before["mika/t2-4"], before["t2-4"], before["ken/t3-1"], ""}) == 4
    assert before["ken/t9-9"] == ""
    (folder / "t2-4.wav").write_bytes(sound(0.6))
    after = backend.recording_hashes(asked)
    assert [name for name in asked if after[name] != before[name]] == ["t2-4"]


def test_without_a_folder_nobody_speaks(tmp_path: Path) -> None:
    for backend in (load_speech_backend("cast"), actors(tmp_path / "none")):
        with pytest.raises(BackendError):
            backend.voices("ja")
