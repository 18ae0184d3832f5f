"""Test style sheets by name and from a file, and the errors with line numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import styles
from storage.errors import SettingsError
from storage.settings import Settings
from storage.styles import StyleSheet

WHOLE = """# a quiet film
pace = "calm"
motion = 0.5
dissolves = 0.1
genre = "slice of life"
mood = "quiet,  wistful"
look = "soft pencil"
notes = '''
Stay on hands.
No hurry.'''
"""


def write(folder: Path, text: str) -> str:
    (folder / "style.toml").write_text(text, encoding="utf-8")
    return str(folder / "style.toml")


def test_a_sheet_says_the_taste_of_a_film(tmp_path: Path) -> None:
    found = styles.load_style(write(tmp_path, WHOLE))
    assert (found.pace, found.motion, found.dissolves) == (1.25, 0.5, 0.1)
    assert found.mood == "quiet, wistful"
    assert found.texts["notes"] == "Stay on hands.\nNo hurry."
    assert found.summary().startswith("pace calm; motion 0.5; dissolves 0.1; genre: slice of life")
    assert "\n" not in found.summary()
    assert Settings.model_validate_json(Settings(style=found).model_dump_json()).style == found


def test_a_word_is_a_style_too() -> None:
    assert styles.load_style("brisk") == StyleSheet(pace=0.8)
    assert styles.load_style("still") == StyleSheet(motion=0)
    assert styles.load_style("none") == styles.load_style("normal") == StyleSheet()
    assert StyleSheet().summary() == ""
    assert StyleSheet(pace=1.4).summary() == "pace 1.4"


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ('mood = "calm"\npace = "slow"\n', 2, "pace: Input should be a valid number"),
        ("\npace = 9\n", 2, "less than or equal to 2"),
        ("pace = 0.1\n", 1, "greater than or equal to 0.7"),
        ("motion = 2\n", 1, "less than or equal to 1"),
        ("dissolves = -1\n", 1, "greater than or equal to 0"),
        ("pace = nan\n", 1, "pace"),
        ('mood = "a"\n\ntempo = "calm"\n', 3, "tempo: nothing is known of this; there is pace, motion"),
        ("[style]\npace = 1\n", 1, "style: nothing is known"),
        ("mood = 3\n", 1, "valid string"),
        (f'mood = "{"long " * 100}"\n', 1, "at most 300 characters"),
    ],
)
def test_what_is_wrong_in_a_sheet_is_named_with_its_line(tmp_path: Path, text: str, line: int, fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        styles.load_style(write(tmp_path, text))
    assert f"style.toml: line {line}: " in caught.value.what
    assert fault in caught.value.what
    assert "\n" not in caught.value.what + caught.value.hint


def test_what_is_no_sheet_is_said_in_two_lines(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    wrong = [write(tmp_path, 'mood = "\n'), str(tmp_path / "nowhere.toml"), "dreamy", str(tmp_path / "binary.toml")]
    for said in wrong:
        with pytest.raises(SettingsError) as caught:
            styles.load_style(said)
        assert caught.value.hint
        assert "\n" not in caught.value.what
