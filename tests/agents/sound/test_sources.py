"""What cues stand for: a person's own recordings and music; what cannot be had is named, and nothing stops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.run_context import RunContext
from agents.sound.sources import sound_sources
from agents.stages import voice
from storage.sound import MusicCue
from tests.agents.sound.test_speech import SPEAKING, book
from tests.conftest import transcript_of
from tools.audio import as_samples
from tools.audio.files import write_wav


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a door, a sound that is named by its lettering, and one that is none."""
    place = tmp_path / "own"
    place.mkdir()
    for number, name in enumerate(("door.wav", "ドン.wav")):
        write_wav(place / name, as_samples(0.1 * np.random.default_rng(number).normal(size=4800)))
    (place / "bell.wav").write_bytes(b"no sound at all")
    return place


@pytest.fixture
def read(context: RunContext) -> RunContext:
    context.library.set_transcript(transcript_of(2))
    return context


def notes(context: RunContext) -> list[str]:
    return [event.text for event in context.library.events(kinds={"note"}) if event.stage == "mix"]


def test_own_recordings_are_found_by_kind_and_by_lettering_and_kept_once(read: RunContext, folder: Path) -> None:
    read.settings = read.settings.model_copy(update={"sounds": str(folder)})
    sample = sound_sources(read).sample
    door, boom = sample("door", "", 0), sample("impact", "ドン", 0)
    assert read.library.artifacts.open(door).read_bytes() == (folder / "door.wav").read_bytes()
    assert read.library.artifacts.open(boom).read_bytes() == (folder / "ドン.wav").read_bytes()
    assert sample("thunder", "", 0) == ""
    assert sound_sources(read).sample("door", "", 5) == door


def test_a_recording_that_cannot_be_played_is_named_once(read: RunContext, folder: Path) -> None:
    read.settings = read.settings.model_copy(update={"sounds": str(folder)})
    sample = sound_sources(read).sample
    assert [sample("bell", "", 1), sample("bell", "", 1)] == ["", ""]
    assert len(notes(read)) == 1


def test_without_a_folder_everything_is_made(read: RunContext, folder: Path) -> None:
    assert sound_sources(read).sample("door", "ドン", 0) == ""
    read.settings = read.settings.model_copy(update={"sounds": str(folder / "gone")})
    assert sound_sources(read).sample("door", "ドン", 0) == ""
    assert len(notes(read)) == 1


def test_the_music_of_a_film_is_a_mood_or_a_file(read: RunContext, folder: Path) -> None:
    assert sound_sources(read).music is None
    read.settings = read.settings.model_copy(update={"music": "tense"})
    assert sound_sources(read).music == MusicCue(mood="tense")
    read.settings = read.settings.model_copy(update={"music": str(folder / "door.wav")})
    music = sound_sources(read).music
    assert music is not None
    assert read.library.artifacts.open(music.file).read_bytes() == (folder / "door.wav").read_bytes()
    read.settings = read.settings.model_copy(update={"music": str(folder / "gone.wav")})
    assert sound_sources(read).music is None
    assert len(notes(read)) == 1


def test_a_shout_is_louder_than_other_lines_and_a_whisper_quieter(read: RunContext) -> None:
    read.settings = SPEAKING
    for text, louder in (("Come here.", 0.0), ("Come here!!", 2.0), ("(Come here.)", -6.0)):
        read.library.set_transcript(book(**{"t0-0": text}))
        voice.run(read, {})
        gains = {balloon: line.gain for balloon, line in sound_sources(read).lines.items()}
        assert gains["t0-0"] - gains["t1-0"] == pytest.approx(louder, abs=0.1), "both are tones of one loudness"
