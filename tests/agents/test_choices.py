"""Settings as a script or a program says them: what is meant is found, and what cannot be is refused with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.choices import changed, screened
from storage.errors import SettingsError
from storage.settings import Settings
from storage.shapes import Screen
from storage.styles import StyleSheet


def test_a_style_a_profile_and_a_cast_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "mika.png").touch()
    (tmp_path / "mine.toml").write_text('[animate]\nbackend = "still"\n')
    said = {"style": "calm", "profile": str(tmp_path / "mine.toml"), "cast": str(tmp_path), "crf": 30}
    found = changed(Settings(), said)
    assert (found.style, found.cast, found.crf) == (StyleSheet(pace=1.25), str(tmp_path), 30)
    assert found.profile == str(tmp_path / "mine.toml")
    assert changed(Settings(), {"options": {"a.b": {"c": 1}}, "profile": "24gb"}).options["a.b"] == {"c": 1}


@pytest.mark.parametrize(
    ("name", "value", "what", "hint"),
    [
        ("colour", 1, "there is no setting colour", "accepted, backends, best_of"),
        ("crf", 99, "crf: Input should be less than or equal to 40", "it is 18"),
        ("backends", {"colour": "x"}, "there is no setting backends.colour", "backends has animate, clean"),
        ("profile", "nothere", "there is no profile nothere", "choose cpu, 8gb"),
        ("style", "loud", "there is no style loud", "choose calm"),
        ("cast", "nowhere", "the cast folder nowhere is not there", "a folder of pictures"),
        ("director", "me", "director: ", "it is 'auto'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_cure(name: str, value: object, what: str, hint: str) -> None:
    with pytest.raises(SettingsError) as told:
        changed(Settings(), {name: value})
    assert what in told.value.what
    assert hint in told.value.hint


def test_a_picture_is_an_aspect_a_height_and_a_rate() -> None:
    assert screened(Screen(), "9:16", 480, 12) == Screen(width=270, height=480, fps=12)
    assert screened(Screen()) == Screen()
    for said in (("16", None, None), ("9:1", None, None), (None, 7, None), (None, None, 0)):
        with pytest.raises(SettingsError):
            screened(Screen(), *said)
