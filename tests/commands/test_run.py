"""Test `run` as a person types it: one script, --check, variables, a folder of chapters, and --watch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import IO

import pytest

from commands.run import watch_files
from main import main
from tests.agents.scripting.test_production import SMALL
from tests.conftest import draw_chapter, transcript_of
from tests.program import HOUSE, command

pytestmark = pytest.mark.film


@pytest.fixture
def script(tmp_path: Path, chapter: Path) -> Path:
    (tmp_path / "t.json").write_text(transcript_of(1).model_dump_json())
    path = tmp_path / "film.toml"
    path.write_text(
        'source = "$book"\nproject = "p.komadori"\ntranscript = "t.json"\noutput = "out/{aspect}.mp4"\n'
        'edits = ["shot 3 slower"]\nexport = [{ what = ["srt", "json", "maps"], to = "out/{aspect}" }]\n' + SMALL
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


def test_every_chapter_is_checked(tmp_path: Path, chapter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "one").symlink_to(chapter)
    script = tmp_path / "film.toml"
    script.write_text('project = "x.komadori"\nedits = ["shot 1 slower"]\npages = "2"\n')
    words = ["run", str(script), "--chapters", str(tmp_path / "books"), "--check"]
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{script} is sound: 1 edit, in 16:9, for 1 chapter",
        "which shots there are is known when they are planned: the edits are tried then",
    ]
    script.write_text('project = "x.komadori"\n\npages = "3"\n')
    assert main(words) == 2
    assert f'error: {script}:3: pages "3" are not in the book' in capsys.readouterr().err
    script.write_text('project = "x.komadori"\n\noutput = "film.mp4"\n')
    assert main(words) == 2
    assert f"error: {script}:3: the films of all chapters would go to" in capsys.readouterr().err


def test_a_script_makes_its_film_and_its_exports(script: Path, tmp_path: Path) -> None:
    assert main(["run", str(script), "--var", f"book={tmp_path / 'chapter'}"]) == 0
    assert (tmp_path / "out" / "16x9.mp4").exists()
    assert {path.name for path in (tmp_path / "out" / "16x9").iterdir()} == {
        "p.srt", "transcript.json", "storyboard.json", *(f"s00{number}-map.png" for number in range(1, 5)),
    }  # fmt: skip


def test_a_folder_of_chapters_ends_in_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").mkdir()
    draw_chapter(tmp_path / "books" / "one")
    (tmp_path / "books" / "two.cbz").write_bytes(b"nothing")
    (tmp_path / "film.toml").write_text('export = [{ what = ["srt"], to = "out/{name}" }]\n' + SMALL)
    assert main(["run", "film.toml", "--chapters", "books"]) == 3
    said = capsys.readouterr().out.splitlines()
    said = said[said.index(next(line for line in said if line.startswith("project "))) :]
    assert said[0].split() == ["project", "film", "shots", "minutes", "failed", "what"]
    assert [line.split()[:2] for line in said[1:]] == [["one.komadori", "16:9"], ["two.komadori", "-"]]
    assert [path.name for path in (tmp_path / "out" / "one").iterdir()] == ["one.srt"]
    (tmp_path / "books" / "one").rename(tmp_path / "elsewhere")
    assert main(["run", "film.toml", "--chapters", "books"]) == 2, "all of them failed"


def test_shots_that_a_model_leaves_still_count_as_failed_in_a_folder_of_chapters_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").mkdir()
    draw_chapter(tmp_path / "books" / "one")
    (tmp_path / "film.toml").write_text(f'{SMALL}[settings.backends]\nanimate = "tests.outside.Refusing"\n')
    assert main(["run", "film.toml", "--chapters", "books"]) == 3
    project, aspect, shots, _, failed, film = capsys.readouterr().out.splitlines()[-1].split()
    assert (project, aspect, film) == ("one.komadori", "16:9", "one.komadori/films/one-16x9.mp4")
    assert failed == shots != "0"


def test_chapters_are_made_beside_each_other_and_ctrl_c_stops_them_all(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    for name in ("one", "two", "three"):
        draw_chapter(tmp_path / "books" / name)
    (tmp_path / "film.toml").write_text(SMALL)
    words = command("run", tmp_path / "film.toml", "--chapters", tmp_path / "books", "--jobs", 3)
    words[1] = str(HOUSE / words[1])
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        pids = holders(tmp_path)
        while len(pids) < 2:
            assert program.poll() is None, "two were never made at once"
            pids = holders(tmp_path)
        program.send_signal(signal.SIGINT)
        out, said = program.communicate(timeout=60)
    assert (program.returncode, out) == (130, "")
    assert said.splitlines()[-1] == "interrupted: the same command goes on from here"
    assert "Traceback" not in said
    assert program.pid not in pids
    assert not [pid for pid in pids if alive(pid)]


def holders(room: Path) -> set[int]:
    """Return the processes that work on a project at this moment."""
    found = set()
    for file in room.glob("*.komadori/project.holder"):
        with contextlib.suppress(OSError):
            found.add(int(json.loads(file.read_text())["pid"]))
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_is_watched_is_made_again_when_it_changes_until_ctrl_c(script: Path, tmp_path: Path) -> None:
    words = command("run", script, "--var", f"book={tmp_path / 'chapter'}", "--watch")
    said: list[str] = []
    with subprocess.Popen(words, cwd=HOUSE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr
        wait_for(program.stderr, "watching", said)
        before = (tmp_path / "out" / "16x9" / "storyboard.json").read_text()
        script.write_text(script.read_text().replace("shot 3 slower", "shot 3 sadder"))
        wait_for(program.stderr, "watching", said)
        script.write_text(script.read_text().replace("shot 3 sadder", "shot 3 seconds 6"))
        wait_for(program.stderr, "watching", said)
        program.send_signal(signal.SIGINT)
        said += program.stderr
    assert program.returncode == 130
    assert f"error       {script}:5: this is no edit: shot 3 sadder" in "".join(said)
    assert "filming shots: 1 to do, 3 stand already" in "".join(said)
    after = json.loads((tmp_path / "out" / "16x9" / "storyboard.json").read_text())
    assert [shot["seconds"] for shot in after["shots"]][2] == 6
    assert json.loads(before)["shots"][2]["seconds"] != 6


def wait_for(stream: IO[str], word: str, said: list[str]) -> None:
    for line in stream:
        said.append(line)
        if line.startswith(word):
            return
    raise AssertionError("".join(said))


def test_what_changes_while_it_is_made_is_noticed_after_it(tmp_path: Path) -> None:
    file = tmp_path / "film.toml"
    file.write_text("a")
    for made, _ in enumerate(watch_files(lambda: [file, tmp_path / "gone"], every=0.001)):
        if made == 2:
            break
        file.write_text("a" * (made + 2))


def test_the_example_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "examples" / "three_films.toml"
    assert main(["run", str(example), "--check", "--var", f"out={tmp_path}"]) == 0
    assert "3 edits, in 16:9, 9:16, 1:1" in capsys.readouterr().out
