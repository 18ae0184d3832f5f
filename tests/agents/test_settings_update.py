"""Test that settings given by a script or a program are converted, or refused with a hint."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from agents.settings_update import update_format, update_settings
from storage.domain import VideoFormat
from storage.errors import SettingsError
from storage.settings import Settings
from storage.styles import StyleSheet


def test_a_style_a_profile_and_a_cast_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "mika.png").touch()
    (tmp_path / "mine.toml").write_text('[animate]\nbackend = "still"\n')
    said = {"style": "calm", "profile": str(tmp_path / "mine.toml"), "cast": str(tmp_path), "crf": 30}
    found = update_settings(Settings(), said)
    assert (found.style, found.cast, found.crf) == (StyleSheet(pace=1.25), str(tmp_path), 30)
    assert found.profile == str(tmp_path / "mine.toml")
    assert update_settings(Settings(), {"options": {"a.b": {"c": 1}}, "profile": "24gb"}).options["a.b"] == {"c": 1}


@pytest.mark.parametrize(
    ("name", "value", "option", "known"),
    [
        ("colour", 1, "colour", "best_of"),
        ("crf", 99, "crf", str(Settings().crf)),
        ("backends", {"colour": "x"}, "backends.colour", "animate"),
        ("profile", "nothere", "profile", "8gb"),
        ("style", "loud", "style", "calm"),
        ("cast", "nowhere", "cast", ""),
        ("director", "me", "director", Settings().director),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_option_and_what_there_is(
    name: str, value: object, option: str, known: str
) -> None:
    with pytest.raises(SettingsError) as told:
        update_settings(Settings(), {name: value})
    assert told.value.option == option
    assert option in told.value.what or str(value) in told.value.what
    assert told.value.hint
    assert known in told.value.hint


def test_a_picture_is_an_aspect_a_height_and_a_rate() -> None:
    assert update_format(VideoFormat(), "9:16", 480, 12) == VideoFormat(width=270, height=480, fps=12)
    rates: tuple[str | float | Fraction, ...] = ("23.976", 23.98, "24000/1001", Fraction(24000, 1001))
    for rate in rates:
        exact = update_format(VideoFormat(), fps=rate)
        assert exact.fps == Fraction(24000, 1001)
        assert VideoFormat.model_validate_json(exact.model_dump_json()) == exact
        assert exact.model_dump()["fps"] == "24000/1001"
    assert update_format(VideoFormat()) == VideoFormat()
    for said in (("16", None, None), ("9:1", None, None), (None, 7, None), (None, None, 0)):
        with pytest.raises(SettingsError):
            update_format(VideoFormat(), *said)


def test_a_folder_of_recordings_is_a_voice(tmp_path: Path) -> None:
    (tmp_path / "actors").mkdir()
    settings = update_settings(Settings(), {"voice": str(tmp_path / "actors"), "voice_fallback": "kokoro"})
    assert (settings.voice, settings.voice_fallback) == ("cast", "kokoro")
    assert settings.options_of("speak", "cast") == {"folder": str(tmp_path / "actors")}
    assert update_settings(settings, {"voice": "none"}).voice == "none"
    with pytest.raises(SettingsError) as refused:
        update_settings(settings, {"voice": str(tmp_path / "nowhere")})
    assert refused.value.option == "voice"
