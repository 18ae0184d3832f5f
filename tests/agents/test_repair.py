"""Test that damaged and missing files of a project are found, made again or named, and never end in a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from agents import run
from agents.run import RunOptions
from main import main
from storage.errors import KomadoriError, ProjectError, UserFileDamaged
from storage.library import Library
from storage.settings import Backends, Settings
from tests.conftest import SMALL, transcript_of
from tools import png

pytestmark = pytest.mark.film
TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)
TOOLS = ("ingest", "look", "clean", "outpaint", "animate", "composite", "assemble")
Harm = Callable[[Path], object]


def flip_bytes(path: Path, seed: int = 1) -> None:
    """Flip four bytes of a file, as a failing disk does: its size stays."""
    data, luck = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(4):
        data[luck.randrange(len(data))] ^= 0xFF
    path.write_bytes(data)


def artifacts_of(project: Path, tool: str) -> list[Path]:
    """Return the stored files that a tool made."""
    question = "SELECT artifact FROM made_artifact JOIN made USING (key) WHERE tool = :tool ORDER BY key"
    with Library.open(project, readonly=True) as library, library.database.reading() as connection:
        hashes = connection.execute(text(question), {"tool": tool}).scalars().all()
        return [library.artifacts.root / sha[:2] / sha for sha in dict.fromkeys(hashes)]


def harm(paths: Iterable[Path], how: Harm) -> int:
    """Harm files, and return how many there were."""
    return len([how(path) for path in paths])


@pytest.mark.parametrize("how", [flip_bytes, Path.unlink], ids=["flipped", "gone"])
def test_a_project_whose_every_file_is_damaged_makes_the_same_film(how: Harm, filmed: Path) -> None:
    project, film = filmed / "chapter.komadori", (filmed / "film.mp4").read_bytes()
    corrections = {path for path in project.glob("artifacts/??/*") if path.read_bytes().startswith(b'{"index"')}
    assert corrections, "the transcript by hand is not made by any tool"
    harm((path for path in project.glob("artifacts/??/*") if path not in corrections), how)
    report = run.animate(project, TINY, RunOptions(filmed / "chapter", filmed / "film.mp4"))
    assert (filmed / "film.mp4").read_bytes() == film
    assert {tool for _, tool in report.restored} >= set(TOOLS) - {"animate"}  # a still has the bytes of its plate
    assert not report.failed
    again = run.animate(project, TINY, RunOptions(filmed / "chapter", filmed / "film.mp4"))
    assert again.restored == ()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_change_after_damage_at_any_stage_is_filmed_as_if_nothing_had_happened(
    tool: str, filmed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, film = filmed / "chapter.komadori", (filmed / "film.mp4").read_bytes()
    assert harm(artifacts_of(project, tool), flip_bytes)
    for path in artifacts_of(project, "composite"):  # so that every plate is looked at
        path.unlink(missing_ok=True)
    assert main(["undo", str(project)]) == 2
    assert main(["retake", str(project), "3"]) == 0
    assert (filmed / "film.mp4").read_bytes() == film
    assert "restored" in capsys.readouterr().err


def test_a_damaged_page_whose_book_is_gone_is_named(filmed: Path, unshared: None) -> None:
    project = filmed / "chapter.komadori"
    with Library.open(project) as library:
        library.set_project(str(filmed / "chapter"), library.info())
    harm(artifacts_of(project, "ingest")[:1], flip_bytes)
    harm(artifacts_of(project, "clean"), Path.unlink)
    harm(artifacts_of(project, "composite"), Path.unlink)
    (filmed / "chapter").rename(filmed / "elsewhere")
    with pytest.raises(ProjectError, match=r"00\d\.png"):
        run.animate(project, TINY, RunOptions())
    report = run.animate(project, TINY, RunOptions(filmed / "elsewhere"))
    assert "ingest" in {tool for _, tool in report.restored}


def test_a_damaged_correction_is_named_and_can_be_undone(filmed: Path) -> None:
    project = filmed / "chapter.komadori"
    assert main(["fix", str(project), "page 1 swap panels 1 2"]) == 0
    with Library.open(project, readonly=True) as library:
        head = library.correction()
        assert head
        changed = library.corrections()[-2].pages.items() ^ head.pages.items()
        newest = dict(changed & head.pages.items())
        harm((library.artifacts.root / sha[:2] / sha for sha in newest.values()), flip_bytes)
    with pytest.raises(UserFileDamaged) as named:
        run.animate(project, TINY, RunOptions(filmed / "chapter"))
    assert named.value.name == head.message
    assert main(["undo", str(project)]) == 0


def test_a_damaged_picture_of_a_person_is_named_and_can_be_given_again(chapter: Path, tmp_path: Path) -> None:
    project, picture = tmp_path / "p.komadori", tmp_path / "mika.png"
    picture.write_bytes(png.encode_png(np.full((20, 20, 3), 90, np.uint8)))
    settings = TINY.model_copy(update={"backends": Backends(outpaint="tests.outside.Painting"), "pages": "1"})
    options = RunOptions(chapter, corrections=transcript_of(1))
    run.animate(project, settings, options)
    line = f'shot 1 refs "{picture}"'
    assert main(["chat", str(project), line]) == 0
    harm(artifacts_of(project, "reference"), flip_bytes)
    harm(artifacts_of(project, "outpaint"), Path.unlink)
    with pytest.raises(UserFileDamaged) as named:
        run.animate(project, settings, options)
    assert named.value.name == str(picture)
    assert main(["chat", str(project), line, "--no-film"]) == 0
    assert run.animate(project, settings, options).film


def test_a_damaged_library_is_named_and_never_ends_in_a_traceback(
    filmed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = filmed / "chapter.komadori"
    whole = (project / "library.db").read_bytes()
    for seed in range(12):
        (project / "library.db").write_bytes(whole)
        flip_bytes(project / "library.db", seed)
        for words in (["show", "project"], ["undo", "--no-film"]):
            assert main([*words, str(project)]) in (0, 2)
    capsys.readouterr()
    for content in (b"no database", whole[: len(whole) // 2], b"\0" * 4096):
        (project / "library.db").write_bytes(content)
        assert main(["animate", str(filmed / "chapter"), "--project", str(project)]) == 2
        what, hint = capsys.readouterr().err.strip().splitlines()[-2:]
        assert str(project / "library.db") in what
        assert hint.startswith("hint: ")
    (project / "library.db").write_bytes(whole)
    run.animate(project, TINY, RunOptions(filmed / "chapter"))


@pytest.mark.parametrize("content", [b"", b"no database", b"\0" * 5000])
def test_checkpoints_may_be_damaged_at_any_time(content: bytes, filmed: Path) -> None:
    project, film = filmed / "chapter.komadori", (filmed / "film.mp4").read_bytes()
    (project / "graph.db").write_bytes(content)
    assert main(["show", "project", str(project)]) == 0
    report = run.animate(project, TINY, RunOptions(filmed / "chapter", filmed / "film.mp4"))
    assert report.restored == ()
    assert (filmed / "film.mp4").read_bytes() == film


def test_reading_a_damaged_project_changes_nothing_in_it(filmed: Path, tmp_path: Path) -> None:
    project = filmed / "chapter.komadori"
    harm(artifacts_of(project, "composite"), flip_bytes)
    before = sorted(path.relative_to(project) for path in project.glob("artifacts/**/*"))
    with pytest.raises(KomadoriError), Library.open(project, readonly=True) as library:
        library.artifacts.open(artifacts_of(project, "composite")[0].name)
    assert main(["export", str(project), "segments", "-o", str(tmp_path / "out")]) == 2
    assert sorted(path.relative_to(project) for path in project.glob("artifacts/**/*")) == before
