"""Test `cast` as a person types it: the list, a voice that is heard, chosen voices, and the table of a series."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from agents.corrections import replan
from agents.voices.voice_table import FILE_NAME, read_voice_table
from main import main
from storage.library import Library
from storage.settings import Settings
from storage.sound import CharacterVoice
from tests.agents.corrections.test_replan import project
from tests.agents.test_corrections import book
from tests.conftest import draw_chapter
from tests.outside import Tones
from tools.audio.files import write_wav

TONES = f"{Tones.__module__}.{Tones.__qualname__}"


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("cast")
    return project(room, draw_chapter(room / "chapter"), book())


@pytest.fixture
def folder(read_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that has read two pages, whose lines are spoken as tones."""
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(read_once, tmp_path / read_once.name)
    with_settings(folder, voice=TONES)
    return folder


def with_settings(folder: Path, **changes: str) -> None:
    with Library.open(folder) as library:
        library.set_settings((library.settings() or Settings()).model_copy(update=changes))


def voice_of(folder: Path, who: str) -> CharacterVoice | None:
    with Library.open(folder, readonly=True) as library:
        transcript = library.transcript()
    assert transcript
    return next(one.voice for one in transcript.cast if one.id == who)


def test_it_lists_every_character_with_its_voice_and_its_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cast", str(folder)]) == 0
    rows = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()[1:]}
    assert set(rows) == {"mika", "kid", "narrator"}
    assert "casting" in rows["mika"]
    assert rows["kid"][-1] == "who?"


def test_a_chosen_voice_is_kept_listed_and_undone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    voice = Tones().voices("en")[-1].name
    assert main(["cast", str(folder), "--voice", f"mika={voice}:+2:1.1", "--voice", f"kid={voice}"]) == 0
    assert voice_of(folder, "mika") == CharacterVoice(name=voice, pitch=2, rate=1.1)
    capsys.readouterr()
    assert main(["cast", str(folder)]) == 0
    row = next(line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("mika"))
    assert row[1:5] == [voice, "+2", "1.1", "person"]
    assert main(["cast", str(folder), "--voice", "kid=auto"]) == 0
    assert voice_of(folder, "kid") is None
    replan.undo(folder, 3)
    assert (voice_of(folder, "mika"), voice_of(folder, "kid")) == (None, None)


def test_a_voice_is_heard_from_a_file(folder: Path, tmp_path: Path) -> None:
    assert main(["cast", str(folder), "--play", "Mika"]) == 0
    assert soundfile.info(str(tmp_path / "mika.wav")).samplerate == 48_000
    assert main(["cast", str(folder), "--play", "narrator", "-o", "told.wav"]) == 0
    assert (tmp_path / "told.wav").stat().st_size > 10_000


def test_a_recording_is_heard_as_it_is(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "takes" / "mika").mkdir(parents=True)
    write_wav(tmp_path / "takes" / "mika" / "t0-2.wav", np.full(24_000, 0.5, np.float32))
    with_settings(folder, voice="cast")
    with Library.open(folder) as library:
        settings = library.settings() or Settings()
        options = {**settings.options, "speak.cast": {"folder": str(tmp_path / "takes")}}
        library.set_settings(settings.model_copy(update={"options": options}))
    assert main(["cast", str(folder), "--play", "mika"]) == 0
    assert soundfile.info(str(tmp_path / "mika.wav")).frames == 24_000
    assert main(["cast", str(folder), "--play", "kid"]) == 2


def test_the_voices_are_listed_with_who_has_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cast", str(folder), "--voices"]) == 0
    said = capsys.readouterr().out
    assert all(voice.name in said for voice in Tones().voices("en"))
    assert "narrator" in said


def test_the_voices_of_a_book_are_saved_for_the_series(folder: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "cast"
    pictures.mkdir()
    with_settings(folder, cast=str(pictures))
    assert main(["cast", str(folder), "--save"]) == 0
    assert set(read_voice_table(pictures).voices) == {"mika", "kid", "narrator"}
    before = (pictures / FILE_NAME).read_bytes()
    assert main(["cast", str(folder), "--save"]) == 0
    assert (pictures / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["--voice", "mika"], ["--voice", "=x"], ["--voice", "mika="], ["--voice", "mika=x:1:1:1"],
        ["--voice", "mika=x:high"], ["--voice", "nobody=x"], ["--play", "nobody"], ["--save"],
        ["--play", "mika", "-o", "."], ["--play", "mika", "--save"],
    ],
)  # fmt: skip
def test_what_is_not_possible_is_an_error_and_changes_nothing(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cast", str(folder), *words]) == 2
    fault, cure = capsys.readouterr().err.splitlines()[-2:]
    assert (fault.partition(":")[0], cure.partition(":")[0]) == ("error", "hint")
    with Library.open(folder, readonly=True) as library:
        assert len(library.corrections()) == 1, "the transcript that was given"


def test_a_film_that_nobody_speaks_says_how_it_is_spoken(folder: Path, tmp_path: Path) -> None:
    with_settings(folder, voice="none")
    assert main(["cast", str(folder)]) == 2
    assert main(["cast", str(tmp_path / "none.komadori")]) == 2
