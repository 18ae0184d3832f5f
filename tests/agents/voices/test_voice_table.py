"""Test the table of voices that a person keeps for a series."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.voices.voice_table import FILE_NAME, VoiceTable, read_voice_table, write_voice_table
from storage.errors import SettingsError
from storage.sound import CharacterVoice


def test_voices_and_readings_are_read(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        '[voices]\nmika = "jf_alpha"\nken = {voice = "jm_kumo", pitch = -2, rate = 1.1}\nnarrator = {age = "old"}\n'
        '[readings]\n"美夏" = "みか"\n',
        encoding="utf-8",
    )
    table = read_voice_table(tmp_path)
    assert table.voices == {
        "mika": CharacterVoice(name="jf_alpha"), "ken": CharacterVoice(name="jm_kumo", pitch=-2, rate=1.1),
        "narrator": CharacterVoice(age="old"),
    }  # fmt: skip
    assert table.readings == {"美夏": "みか"}


def test_a_written_table_is_read_as_it_was(tmp_path: Path) -> None:
    table = VoiceTable(
        {'Dr. "K"\n\x7f': CharacterVoice(name="a+b", pitch=1.5), "美夏": CharacterVoice(gender="female")}, {"a": "\\"}
    )
    (tmp_path / FILE_NAME).write_text(write_voice_table(table), encoding="utf-8")
    assert read_voice_table(tmp_path) == table


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    assert read_voice_table(tmp_path) == read_voice_table(tmp_path / "none") == VoiceTable()


@pytest.mark.parametrize(
    "text",
    ["voices =", "[other]", "voices = 3", "[voices]\nmika = 3", "[voices]\nmika = {pitch = 99}",
     "[voices]\nmika = {x = 1}", '[voices]\nmika = {gender = "robot"}', "[readings]\na = 1", "#" * 1_000_001, "\x00"],
)  # fmt: skip
def test_what_is_not_possible_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError):
        read_voice_table(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError):
        read_voice_table(tmp_path)
