"""`run` as a person types it: one script, its check, its variables, a folder of chapters, and what is watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.run import changes
from main import main
from tests.agents.test_production import SMALL
from tests.conftest import draw_chapter, transcript_of


@pytest.fixture
def script(tmp_path: Path, chapter: Path) -> Path:
    (tmp_path / "t.json").write_text(transcript_of(1).model_dump_json())
    path = tmp_path / "film.toml"
    path.write_text(
        'source = "$book"\nproject = "p.komadori"\ntranscript = "t.json"\noutput = "out/{aspect}.mp4"\n'
        'edits = ["shot 3 slower"]\nexport = [{ what = ["srt", "json"], to = "out/{aspect}" }]\n' + SMALL
    )
    return path


def test_a_script_is_checked_with_line_numbers_and_makes_nothing(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(script), "--check", "--var", f"book={tmp_path / 'chapter'}"]) == 0
    assert "is sound: 1 edit, in 16:9" in capsys.readouterr().out
    script.write_text(script.read_text().replace("slower", "sadder"))
    assert main(["run", str(script), "--check", "--var", f"book={tmp_path / 'chapter'}"]) == 2
    assert f"error: {script}:5: this is no edit: shot 3 sadder" in capsys.readouterr().err
    assert not (tmp_path / "p.komadori").exists()
    assert main(["run", str(script), "--var", "book"]) == 2


def test_a_script_makes_its_film_and_its_exports(script: Path, tmp_path: Path) -> None:
    assert main(["run", str(script), "--var", f"book={tmp_path / 'chapter'}"]) == 0
    assert (tmp_path / "out" / "16x9.mp4").exists()
    assert {path.name for path in (tmp_path / "out" / "16x9").iterdir()} == {
        "p.srt", "transcript.json", "storyboard.json",
    }  # fmt: skip


def test_a_folder_of_chapters_ends_in_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").mkdir()
    draw_chapter(tmp_path / "books" / "one")
    (tmp_path / "books" / "two.cbz").write_bytes(b"nothing")
    (tmp_path / "film.toml").write_text(SMALL)
    assert main(["run", "film.toml", "--chapters", "books"]) == 2
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["project", "film", "shots", "minutes", "failed", "what"]
    assert [line.split()[:2] for line in said[1:]] == [["one.komadori", "16:9"], ["two.komadori", "-"]]


def test_what_is_watched_is_noticed_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "film.toml"
    file.write_text("a")
    looks = 0

    def files() -> list[Path]:
        nonlocal looks
        looks += 1
        if looks == 3:
            file.write_text("another")
        return [file, tmp_path / "gone"]

    next(changes(files, every=0.001))
    assert looks == 3


def test_the_example_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "examples" / "three_films.toml"
    assert main(["run", str(example), "--check", "--var", f"out={tmp_path}"]) == 0
    assert "3 edits, in 16:9, 9:16, 1:1" in capsys.readouterr().out
