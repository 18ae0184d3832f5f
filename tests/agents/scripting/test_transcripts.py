"""Test that the first fault of an edited transcript is named by line and place, alone and in a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.scripting import checks, scripts, transcripts
from storage.errors import SettingsError
from tests.agents.scripting.test_production import room
from tests.conftest import transcript_of

__all__ = ["room"]


def write_faulty_transcript(place: Path) -> Path:
    """Write a transcript with two faults."""
    said: dict[str, Any] = json.loads(transcript_of(1).model_dump_json())
    said["pages"][0]["panels"][1]["box"] = [3, 2, 1, 0]
    said["pages"][0]["width"] = "wide"
    place.write_text(json.dumps(said, indent=1))
    return place


def test_a_sound_one_is_read_as_it_was_written(tmp_path: Path) -> None:
    place = tmp_path / "t.json"
    place.write_text("\ufeff" + transcript_of(1).model_dump_json(), encoding="utf-8")
    assert transcripts.read_transcript(place) == transcript_of(1)


def test_its_first_fault_is_named_by_line_and_place(tmp_path: Path) -> None:
    place = write_faulty_transcript(tmp_path / "t.json")
    line = place.read_text().splitlines().index('   "width": "wide",') + 1
    with pytest.raises(SettingsError) as refused:
        transcripts.read_transcript(place)
    assert refused.value.what.startswith(f"{place}: line {line}: pages.0.width: ")
    assert refused.value.what.endswith("(and 1 more)")
    for wrong, what in ((b"{", "the file: Invalid JSON"), (b"\xff\xfe", "is not text in UTF-8")):
        place.write_bytes(wrong)
        with pytest.raises(SettingsError, match=what):
            transcripts.read_transcript(place)
    with pytest.raises(SettingsError, match="cannot be read"):
        transcripts.read_transcript(tmp_path)


def test_a_script_names_its_own_line_before_it(room: Path) -> None:
    write_faulty_transcript(room / "t.json")
    (room / "film.toml").write_text('source = "chapter"\n\ntranscript = "t.json"\n')
    with pytest.raises(SettingsError, match=r"film.toml:3: .*t.json: line \d+: pages.0.width: .*\(and 1 more\)"):
        checks.check_script(scripts.load_script(room / "film.toml"))
