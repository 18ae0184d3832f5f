"""Test that all files which a script depends on are listed, also those that do not exist yet."""

from __future__ import annotations

from pathlib import Path

from agents.scripting import scripts
from agents.scripting.checks import settings_of
from agents.scripting.sources import files_of


def test_all_that_a_script_names_is_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "house.toml").write_text('style = "quiet.toml"\n')
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "mika.png").touch()
    (tmp_path / "film.toml").write_text(
        'include = ["house.toml"]\nsource = "book.cbz"\ncast = "people"\nprofile = "mine.toml"\n'
        """transcript = "t.json"\nedits = ['shot 3 refs "hand.png", s002', "shot 1 sound door.wav", """
        """'page 1 music "my theme.ogg"', "shot 1 sound old.wav none", "shot 2 music tense"]\n"""
    )
    found = files_of(scripts.load_script(tmp_path / "film.toml"))
    assert {str(path.relative_to(tmp_path)) for path in found} == {
        "film.toml", "house.toml", "book.cbz", "people/mika.png", "mine.toml", "quiet.toml", "t.json", "hand.png",
        "door.wav", "my theme.ogg",
    }  # fmt: skip


def test_names_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "film.toml").write_text('source = "book.cbz"\nstyle = "calm"\nprofile = "cpu"\ncast = "none"\n')
    assert files_of(scripts.load_script(tmp_path / "film.toml")) == [tmp_path / "film.toml", tmp_path / "book.cbz"]


def test_sounds_music_and_recordings_lie_beside_the_script(tmp_path: Path) -> None:
    for name in ("sounds/rain.wav", "actors/mika/t0-0.wav", "kokoro/t0-0.wav", "theme.ogg"):
        (tmp_path / "s" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "s" / name).touch()
    (tmp_path / "s" / "film.toml").write_text(
        'source = "book.cbz"\n[settings]\nsounds = "sounds"\nmusic = "theme.ogg"\nvoice = "actors"\n'
        'voice_fallback = "kokoro"\n'
    )
    loaded = scripts.load_script(tmp_path / "s" / "film.toml")
    found = {str(path.relative_to(tmp_path / "s")) for path in files_of(loaded) if not path.is_dir()}
    assert found == {"film.toml", "book.cbz", "sounds/rain.wav", "actors/mika/t0-0.wav", "theme.ogg"}
    settings = settings_of(loaded)
    assert (settings.sounds, settings.music) == (str(tmp_path / "s/sounds"), str(tmp_path / "s/theme.ogg"))
    assert (settings.voice, settings.voice_fallback) == ("cast", "kokoro")
    assert settings.options_of("speak", "cast") == {"folder": str(tmp_path / "s/actors")}
