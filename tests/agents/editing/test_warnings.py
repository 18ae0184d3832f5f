"""Test that edits without effect are kept and that a warning says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.library import Library
from storage.settings import Backends
from tests.agents.editing.test_revise import project, say, shots


def warning_notes(room: Path, *lines: str) -> list[str]:
    """Apply edits, and return the notes about models."""
    return [note for note in say(room, *lines).notes if "model" in note]


@pytest.mark.parametrize("line", ['shot 3 prompt "her hair moves"', "shot 3 seed next", "shot 3 lines on"])
def test_an_edit_without_effect_is_kept_with_a_warning(filmed: Path, line: str) -> None:
    before = shots(filmed)
    (note,) = warning_notes(filmed, line, "shot 2 slower")
    assert note.startswith("no model draws in shot 3: ")
    assert "doctor" in note
    assert shots(filmed)[2] != before[2]


def test_shots_that_are_many_are_one_note_and_those_that_are_gone_none(filmed: Path) -> None:
    assert warning_notes(filmed, "all shots of page 1 seed 7") == [
        "no model draws in shots 1, 2, 3 and 4: it is kept for one that does (see: main.py doctor)"
    ]
    assert warning_notes(filmed, "shot 3 seed 9", "shot 3 drop") == []
    assert warning_notes(filmed, "shot 2 slower", "shot 2 ground blur") == []


def test_where_a_model_draws_nothing_is_said(filmed: Path) -> None:
    with Library.open(project(filmed)) as library:
        settings = library.settings()
        assert settings
        library.set_settings(settings.model_copy(update={"backends": Backends(animate="tests.outside.Drifting")}))
    assert warning_notes(filmed, "shot 3 seed 5") == []


def test_a_sound_in_a_silent_film_is_kept_with_a_warning(filmed: Path) -> None:
    assert say(filmed, "shot 3 sound thunder").notes == ()
    with Library.open(project(filmed)) as library:
        settings = library.settings()
        assert settings
        library.set_settings(settings.model_copy(update={"sound": False}))
    assert len(say(filmed, "shot 3 sound bell").notes) == 1
    assert {cue.kind for cue in shots(filmed)[2].sound.cues} == {"thunder", "bell"}
