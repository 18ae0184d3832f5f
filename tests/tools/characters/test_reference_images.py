"""Reference images are found in a cast folder by the names of their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import SettingsError
from tools import png
from tools.characters.reference_images import character_id, check_pictures, named_pictures


def test_pictures_are_named_after_whom_they_show(tmp_path: Path) -> None:
    for name in ("Mika.png", "Mika-10.jpg", "Mika-2.png", "Old Man 3.webp", "notes.txt", ".hidden.png", "12.png"):
        (tmp_path / name).touch()
    found = {name: [path.name for path in paths] for name, paths in named_pictures(tmp_path).items()}
    assert found == {
        "Mika": ["Mika.png", "Mika-2.png", "Mika-10.jpg"],
        "Old Man": ["Old Man 3.webp"],
        "12": ["12.png"],
    }


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_no_folder_and_no_picture_are_said_with_the_cure(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match=name) as refusal:
        named_pictures(tmp_path / name)
    assert "mika.png" in refusal.value.hint


def test_every_picture_must_decode(tmp_path: Path) -> None:
    (tmp_path / "mika.png").write_bytes(png.encode_png(np.zeros((9, 9, 3), np.uint8)))
    check_pictures(tmp_path)
    (tmp_path / "robin.png").write_bytes((tmp_path / "mika.png").read_bytes()[:40])
    with pytest.raises(SettingsError) as refusal:
        check_pictures(tmp_path)
    assert "robin.png" in refusal.value.what
    assert "--cast" in refusal.value.hint
    assert "\n" not in refusal.value.what + refusal.value.hint
    (tmp_path / "robin.png").unlink()
    (tmp_path / "robin.png").mkdir()
    with pytest.raises(SettingsError, match=r"robin\.png"):
        check_pictures(tmp_path)


def test_an_id_is_plain_in_any_script() -> None:
    assert [character_id(name) for name in ("Old  Man!", "美香", "Ärger_2", "?!")] == [
        "old-man",
        "美香",
        "ärger-2",
        "somebody",
    ]
