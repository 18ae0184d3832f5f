"""What is said of Magi and of the cast on the command line stays with the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.typed.arguments import parse
from commands.typed.readers import reader_changes
from storage.errors import SettingsError
from storage.settings import MagiConsent, Settings


def said(*words: str, before: Settings | None = None) -> Settings:
    settings = before or Settings()
    return settings.model_copy(update=reader_changes(parse(["read", "book", *words]), settings))


def test_what_is_not_said_stays() -> None:
    before = Settings(magi=MagiConsent(revision="a" * 40, licence_accepted=True), cast="/somewhere")
    assert said(before=before) == before


def test_a_hash_is_a_revision_and_a_folder_is_a_model(tmp_path: Path) -> None:
    assert said("--magi-revision", "b" * 40).magi == MagiConsent(revision="b" * 40)
    folder = said("--magi-revision", str(tmp_path)).magi
    assert (folder.model, folder.revision, folder.licence_accepted) == (str(tmp_path.resolve()), "", False)


def test_the_licence_is_accepted_once_for_a_project() -> None:
    accepted = said("--accept-magi-licence")
    assert accepted.magi.licence_accepted
    later = said("--magi-revision", "c" * 40, before=accepted)
    assert later.magi == MagiConsent(revision="c" * 40, licence_accepted=True)


def test_the_cast_is_a_folder_with_pictures_or_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no picture"):
        said("--cast", str(tmp_path))
    (tmp_path / "mika.png").touch()
    chosen = said("--cast", str(tmp_path))
    assert chosen.cast == str(tmp_path.resolve())
    assert said("--cast", "none", before=chosen).cast == ""


def test_magi_says_what_it_needs_on_the_command_line() -> None:
    settings = said("--accept-magi-licence", "--magi-revision", "d" * 40)
    assert settings.options_of("transcribe", "magi3") == {
        "model": "", "revision": "d" * 40, "licence_accepted": True,
    }  # fmt: skip
    assert settings.options_of("transcribe", "classic") == {}
