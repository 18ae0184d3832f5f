"""The options of a film's sound become settings, and values that are none are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.cli.arguments import parse
from commands.cli.settings import settings_of
from storage.errors import SettingsError
from storage.settings import Settings


def settings(*words: str, before: Settings | None = None) -> Settings:
    return settings_of(parse(["animate", "book", *words]), before)


def test_what_is_said_of_sound_is_set_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "theme.ogg").touch()
    changed = settings(
        "--voice", "openjtalk", "--sounds", str(tmp_path), "--music", str(tmp_path / "theme.ogg"), "--loudness", "-23"
    )
    assert (changed.voice, changed.sounds, changed.loudness) == ("openjtalk", str(tmp_path), -23.0)
    assert changed.music == str(tmp_path / "theme.ogg")
    silent = settings("--no-sound", before=changed)
    assert silent == changed.model_copy(update={"sound": False})
    assert settings("--sound", "--music", "calm", "--sounds", "none", before=silent) == changed.model_copy(
        update={"music": "calm", "sounds": ""}
    )


@pytest.mark.parametrize("words", [("--loudness", "-3"), ("--loudness", "loud"), ("--music", "no/such.ogg"),
                                   ("--sounds", "no/such/folder")])  # fmt: skip
def test_what_cannot_be_is_refused(words: tuple[str, str]) -> None:
    with pytest.raises(SettingsError) as error:
        settings(*words)
    assert words[1] in error.value.what
