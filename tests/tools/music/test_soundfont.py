"""Test music on a soundfont: its length, loudness, end and sameness, and soundfonts that are missing or damaged."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from storage.errors import BackendError, PackageMissing, WeightsMissing
from storage.sound import Mood
from tests.tools.music.tiny_soundfont import tiny_soundfont
from tests.tools.sounds import level_in_decibels
from tools import backends, optional_deps
from tools.audio import SAMPLE_RATE as RATE
from tools.audio.loudness import integrated_loudness
from tools.music import LOUDNESS, load_music_backend
from tools.music.soundfont import Backend

needs_music = pytest.mark.skipif(find_spec("midirenderer") is None, reason="the extra music is not installed")


@pytest.fixture
def soundfont(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.sf2"
    path.write_bytes(tiny_soundfont())
    return path


@needs_music
@pytest.mark.parametrize("mood", get_args(Mood))
def test_every_mood_lasts_as_long_as_its_cue_and_ends_quietly(soundfont: Path, mood: Mood) -> None:
    found = load_music_backend("soundfont", soundfont=str(soundfont)).render(mood, 11.3, 1)
    assert found.shape == (round(11.3 * RATE), 2)
    assert integrated_loudness(found) == pytest.approx(LOUDNESS, abs=1)
    assert np.abs(found).max() <= 0.9
    assert np.abs(found[-20:]).max() < 1e-3
    assert np.abs(found[0]).max() < 1e-3
    last, before = level_in_decibels(found[-RATE:]), level_in_decibels(found[3 * RATE : 6 * RATE])
    assert last < before - 12


@needs_music
def test_a_very_short_cue_is_served(soundfont: Path) -> None:
    assert Backend(soundfont=str(soundfont)).render("sad", 0.3, 1).shape == (round(0.3 * RATE), 2)


@needs_music
def test_a_seed_is_a_performance(soundfont: Path) -> None:
    one, again = (Backend(soundfont=str(soundfont)).render("calm", 6, 4) for _ in range(2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, Backend(soundfont=str(soundfont)).render("calm", 6, 5))


@needs_music
def test_the_identity_names_the_soundfont_and_the_player(soundfont: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sf2"
    other.write_bytes(tiny_soundfont(8))
    one, two = (backends.weights_identity(Backend(soundfont=str(path))) for path in (soundfont, other))
    assert one != two
    assert "midirenderer 0.1.3" in one


@needs_music
def test_missing_and_damaged_soundfonts_are_named(soundfont: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        Backend(soundfont=str(tmp_path / "none.sf2")).render("calm", 5, 1)
    whole = soundfont.read_bytes()
    for content in (b"", b"nothing", whole[:200], whole[:-400], whole[:12] + bytes(len(whole))):
        soundfont.write_bytes(content)
        with pytest.raises(BackendError):
            Backend(soundfont=str(soundfont)).render("calm", 5, 1)


def test_without_the_extra_its_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optional_deps, "find_spec", lambda name: None)
    with pytest.raises(PackageMissing) as error:
        load_music_backend("soundfont", soundfont="another.sf2")
    assert error.value.extra == "music"
