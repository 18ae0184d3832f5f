"""Test `retake`: the new takes, and the message for a wrong shot name."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main
from storage.library import Library
from tests.program import print_of, refusal

pytestmark = pytest.mark.film


Said = pytest.CaptureFixture[str]


def test_a_shot_whose_film_was_lost_is_filmed_again(filmed: Path, capfd: Said) -> None:
    project = filmed / "chapter.komadori"
    with Library.open(project) as library:
        library.artifacts.open(library.takes("s003")[0].artifact).unlink()
    assert main(["retake", str(project), "3", "-o", str(filmed / "again")]) == 0
    said = capfd.readouterr().err
    assert "filming shots: 1 to do, 7 stand already" in said
    assert said.index("shot 3 to film: ") < said.index("filming shots"), "the price is said first"
    assert f"film        {filmed / 'again.mp4'}" in said
    assert (filmed / "again.mp4").read_bytes() == (filmed / "film.mp4").read_bytes()


def test_a_retake_that_can_change_nothing_says_so(filmed: Path, capfd: Said) -> None:
    assert main(["retake", str(filmed / "chapter.komadori"), "s003", "--seed", "5"]) == 0
    assert "the same    s003" in capfd.readouterr().err


@pytest.mark.parametrize(("shots", "word"), [("s099", "s099"), ("s001 77", "s077")])
def test_a_shot_that_is_not_there_is_named_and_nothing_changes(
    shots: str, word: str, filmed: Path, capfd: Said
) -> None:
    before = print_of(filmed)
    assert main(["retake", str(filmed / "chapter.komadori"), *shots.split()]) == 2
    what, hint = refusal(capfd.readouterr().err)
    assert what == f"there is no shot {word}"
    assert "show shots" in hint
    assert print_of(filmed) == before


def test_a_project_without_a_storyboard_has_nothing_to_retake(tmp_path: Path, capfd: Said) -> None:
    Library.open(tmp_path / "new.komadori", create=True).close()
    assert main(["retake", str(tmp_path / "new.komadori"), "s001"]) == 2
    assert "no storyboard yet" in refusal(capfd.readouterr().err)[0]
