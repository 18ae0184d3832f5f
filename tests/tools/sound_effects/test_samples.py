"""Test a person's own recordings: what is found by which name, and how it is levelled, cut and refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from storage.errors import AudioError, SettingsError
from storage.sound import SoundKind
from tests.tools.sounds import pink, tone
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import as_samples
from tools.audio.files import write_flac, write_wav
from tools.audio.loudness import loudest_moment
from tools.sound_effects import RECIPES
from tools.sound_effects.samples import SampleFolder, load_sample

FILES = ("impact.wav", "step 1.wav", "step_02.flac", "step-b.wav", "ドン.wav", "BOOM!.wav", "door/old.wav",
         "door/Slam 3.wav", "notes.txt", "vacation.wav", "tick-tock.wav")  # fmt: skip


@pytest.fixture
def sounds(tmp_path: Path) -> SampleFolder:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write_wav(path, tone(440, 0.2))
    return SampleFolder(tmp_path)


def test_files_are_listed_with_what_they_are_played_for(sounds: SampleFolder) -> None:
    listed = {str(one.path.relative_to(sounds.folder)): (one.kind, one.word) for one in sounds.listing}
    assert listed == {
        "impact.wav": ("impact", ""), "step 1.wav": ("step", ""), "step_02.flac": ("step", ""),
        "step-b.wav": ("step", ""),
        "ドン.wav": (None, "ドン"), "BOOM!.wav": (None, "boom!"), "door/old.wav": ("door", ""),
        "door/Slam 3.wav": (None, "slam"), "vacation.wav": (None, ""), "tick-tock.wav": (None, "tick-tock"),
    }  # fmt: skip


def test_a_lettering_goes_before_its_kind(sounds: SampleFolder) -> None:
    def name(kind: SoundKind | None, lettering: str, seed: int) -> str | None:
        path = sounds.find(kind, lettering, seed)
        return path.name if path else None

    assert name("impact", "どん!", 0) == "ドン.wav"
    assert name("impact", "ドーン", 0) == "impact.wav"
    assert name("explosion", "BOOOOM", 0) is None
    assert name("explosion", "Boom", 0) == "BOOM!.wav"
    assert name("door", "", 5) == "old.wav"
    assert name("bird", "チュン", 0) is None
    assert name(None, "ば", 0) is None
    assert {name("step", "", seed) for seed in range(3)} == {"step 1.wav", "step_02.flac", "step-b.wav"}


def test_a_recording_is_levelled_resampled_and_comes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "hit.wav"
    late = np.concatenate((np.zeros(44_100), np.sin(np.arange(22_050) * 0.1) * 0.03))
    soundfile.write(path, late, 44_100)
    found = load_sample(path, "hit", None)
    assert found.samples.shape[1] == 2
    assert found.onset_seconds == 0
    assert len(found.samples) == pytest.approx(RATE / 2, abs=200)
    assert loudest_moment(found.samples) == pytest.approx(RECIPES["hit"].loudness, abs=0.7)


def test_a_long_recording_is_faded_out(tmp_path: Path) -> None:
    write_flac(tmp_path / "rain.flac", pink(8))
    found = load_sample(tmp_path / "rain.flac", "rain", 3.0).samples
    assert len(found) == 3 * RATE
    assert np.abs(found[-10:]).max() < 0.001
    assert np.abs(found[-RATE // 2 - 4800 : -RATE // 2]).max() > 0.05 * np.abs(found).max()


def test_what_is_silent_damaged_or_endless_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "silent.wav", as_samples(np.zeros(4800)))
    (tmp_path / "bad.wav").write_bytes(b"RIFF....")
    soundfile.write(tmp_path / "endless.flac", np.zeros(601 * 8000), 8000)
    for name in ("silent.wav", "bad.wav", "endless.flac", "none.wav"):
        with pytest.raises(AudioError):
            load_sample(tmp_path / name, "hit", None)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(SettingsError):
            SampleFolder(path)
