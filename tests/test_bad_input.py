"""Test broken books, options, projects and disks: each ends in a two-line error and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from main import main
from storage.domain import Transcript
from storage.library import Library
from tests.conftest import draw_chapter, draw_page, transcript_of
from tests.program import HOUSE, print_of, program, refusal
from tests.tools.ingest.test_books import without_privileges
from tests.tools.ingest.test_images import png_of_size
from tests.tools.ingest.test_pdfs import write_locked_pdf
from tools import png
from tools.video import clips

pytestmark = pytest.mark.film


SMALL = ("--height", "180", "--fps", "12")
Said = pytest.CaptureFixture[str]


def missing(room: Path) -> Path:
    return room / "nowhere"


def empty_folder(room: Path) -> Path:
    (room / "book").mkdir()
    return room / "book"


def empty_file(room: Path) -> Path:
    (room / "book.cbz").touch()
    return room / "book.cbz"


def words_as_picture(room: Path) -> Path:
    (draw_chapter(room / "book") / "003.jpg").write_text("I am no picture at all")
    return room / "book"


def truncated(room: Path) -> Path:
    whole = (draw_chapter(room / "book") / "002.png").read_bytes()
    (room / "book" / "002.png").write_bytes(whole[: len(whole) // 2])
    return room / "book"


def too_many_pixels(room: Path) -> Path:
    (draw_chapter(room / "book") / "003.png").write_bytes(png_of_size(60_000, 60_000))
    return room / "book"


def zip_bomb(room: Path) -> Path:
    with zipfile.ZipFile(room / "book.cbz", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("001.bmp", bytes(64 * 2**20))
    return room / "book.cbz"


def member_outside(room: Path) -> Path:
    with zipfile.ZipFile(room / "book.cbz", "w") as book:
        book.writestr("../../001.png", png.encode_png(draw_page(1)))
    return room / "book.cbz"


def locked_pdf(room: Path) -> Path:
    return write_locked_pdf(room / "book.pdf", b"secret")


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (missing, "nowhere does not exist"), (empty_folder, "holds no page"), (empty_file, "book.cbz"),
        (words_as_picture, "003.jpg"), (truncated, "002.png"), (too_many_pixels, "60000 x 60000"),
        (zip_bomb, "book.cbz"), (member_outside, "../"), (locked_pdf, "encrypted"),
    ],
)  # fmt: skip
def test_a_book_that_cannot_be_read_is_named_and_leaves_no_project(
    make: Callable[[Path], Path], word: str, tmp_path: Path, capfd: Said
) -> None:
    book, project = make(tmp_path), tmp_path / "book.komadori"
    assert main(["animate", str(book), "--project", str(project), "-o", str(tmp_path / "film.mp4")]) == 2
    what, _ = refusal(capfd.readouterr().err)
    assert word in what
    assert not project.exists()
    assert not (tmp_path / "film.mp4").exists()


def test_a_page_that_may_not_be_read_is_named(capfd: Said) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is closed to everyone else
        book = draw_chapter(Path(name) / "book")
        Path(name).chmod(0o777)
        (book / "002.png").chmod(0)
        with without_privileges():
            assert main(["animate", str(book), "--project", f"{name}/book.komadori"]) == 2
        assert "002.png cannot be read" in refusal(capfd.readouterr().err)[0]
        assert not (Path(name) / "book.komadori").exists()


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        (("--pages", "9-12"), "9-12"), (("--pages", "two"), "two"), (("--pages", "2-1"), "2-1"),
        (("--aspect", "wide"), "wide"), (("--aspect", "16:0"), "16:0"), (("--aspect", "²:1"), "²:1"),
        (("--aspect", "9:1"), "9:1"), (("--height", "high"), "high"), (("--height", "7"), "pixels"),
        (("--height", "99999999"), "pixels"), (("--fps", "1000"), "1000"), (("--order", "up"), "up"),
        (("--transcribe", "nobody"), "nobody"), (("--transcribe", "no.such.Reader"), "no.such.Reader"),
        (("--colour", "yes"), "--colour"), (("-o", "film.txt"), "film.txt"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_meant_so_is_refused_and_changes_nothing(
    wish: tuple[str, str], word: str, filmed: Path, capfd: Said
) -> None:
    before = print_of(filmed)
    for project in ("chapter.komadori", "fresh.komadori"):
        words = ["animate", str(filmed / "chapter"), "--project", str(filmed / project)]
        assert main([*words, "-o", str(filmed / "film.mp4"), *wish]) == 2
        what, hint = refusal(capfd.readouterr().err)
        assert word in what
        assert hint
    assert print_of(filmed) == before


def test_a_book_gone_bad_leaves_its_project_its_film_and_its_settings_alone(filmed: Path, capfd: Said) -> None:
    before, page = print_of(filmed / "chapter.komadori" / "artifacts"), filmed / "chapter" / "002.png"
    film, settings = (filmed / "film.mp4").read_bytes(), settings_of(filmed)
    page.write_bytes(page.read_bytes()[:2000])
    words = ["animate", str(filmed / "chapter"), "--project", str(filmed / "chapter.komadori")]
    assert main([*words, "-o", str(filmed / "film.mp4"), "--aspect", "1:1"]) == 2
    assert "002.png" in refusal(capfd.readouterr().err)[0]
    assert print_of(filmed / "chapter.komadori" / "artifacts") == before
    assert (filmed / "film.mp4").read_bytes() == film
    assert settings_of(filmed) == settings
    assert main(["export", str(filmed / "chapter.komadori"), "film", "-o", str(filmed / "out")]) == 0
    assert (filmed / "out" / "chapter.mp4").read_bytes() == film


def settings_of(room: Path) -> object:
    with Library.open(room / "chapter.komadori", readonly=True) as library:
        return library.settings()


def spoiled(change: Callable[[dict[str, Any]], object]) -> str:
    transcript = json.loads(transcript_of(2).model_dump_json())
    change(transcript["pages"][1])
    return json.dumps(transcript)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "transcript.json"), ("[]", "transcript.json"), ("\udce9", "UTF-8"),
        (spoiled(lambda page: page["panels"][2].update(box=[9, 9, 9, 9])), "pages.1.panels.2.box"),
        (spoiled(lambda page: page["panels"][2].pop("id")), "pages.1.panels.2.id"),
        (spoiled(lambda page: page["texts"][0].update(colour="red")), "pages.1.texts.0.colour"),
        (spoiled(lambda page: page["texts"][0].update(panel="p7-7")), "p7-7"),
        (spoiled(lambda page: page["panels"][2].update(id="p1-0")), "p1-0"),
        (spoiled(lambda page: page["panels"][2].update(box=[-(2**63), 160, 190, 290])), "p1-2"),
        (spoiled(lambda page: page["panels"][3].update(box=[400, 160, 500, 290])), "p1-3"),
        (spoiled(lambda page: page["panels"][1].update(polygon=[[0, 0], [9, 0], [9, 1e9]])), "p1-1"),
        (spoiled(lambda page: page.update(image="017.png")), "017.png"),
        (spoiled(lambda page: page.update(width=401)), "002.png"),
    ],
)  # fmt: skip
def test_a_transcript_that_does_not_hold_is_refused_by_its_place_and_changes_nothing(
    text: str, word: str, filmed: Path, capfd: Said
) -> None:
    given = filmed / "transcript.json"
    given.write_text(text, encoding="utf-8", errors="surrogateescape")
    before = print_of(filmed)
    for project in ("chapter.komadori", "fresh.komadori"):
        words = ["animate", str(filmed / "chapter"), "--project", str(filmed / project), "--transcript", str(given)]
        assert main(words) == 2
        assert word in refusal(capfd.readouterr().err)[0]
    assert made_in(print_of(filmed)) == made_in(before)
    assert read_in(filmed) == transcript_of(2).pages


def made_in(files: dict[str, str]) -> dict[str, str]:
    """Return the project's files without its events and its checkpoints, which differ between runs."""
    return {name: digest for name, digest in files.items() if not name.endswith((".db", "transcript.json"))}


def read_in(room: Path) -> object:
    with Library.open(room / "chapter.komadori", readonly=True) as library:
        found = library.transcript()
        assert isinstance(found, Transcript)
        return found.pages


def test_a_page_without_a_panel_becomes_one_shot_of_the_whole_page(tmp_path: Path, capfd: Said) -> None:
    book, project = tmp_path / "book", tmp_path / "book.komadori"
    book.mkdir()
    (book / "1.png").write_bytes(png.encode_png(np.full((300, 200, 3), 255, np.uint8)))
    assert main(["animate", str(book), "--project", str(project), "-o", str(tmp_path / "film.mp4"), *SMALL]) == 0
    with Library.open(project, readonly=True) as library:
        (shot,), (page,) = library.shots(), library.transcript().pages  # type: ignore[union-attr]
    assert [panel.box for panel in page.panels if panel.id in shot.panels] == [(0, 0, 200, 300)]
    assert clips.probe_clip(tmp_path / "film.mp4").frames == round(shot.seconds * 12)
    assert "1 shots of 1 panels on 1 pages" in capfd.readouterr().err


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Callable[[str], bool]]:
    """Mount a small disk at `place`; further arguments change its options."""
    if os.name != "posix" or os.geteuid():
        pytest.skip("only the superuser makes a disk")
    place.mkdir()

    def mount(*options: str) -> bool:
        return subprocess.run(["mount", *options, str(place)], check=False, capture_output=True).returncode == 0

    if not mount("-t", "tmpfs", "-o", f"size={size}", "none"):
        pytest.skip("this machine mounts no disk")
    try:
        yield lambda options: mount("-o", f"remount,{options}")
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("size", ["300k", "1900k"])
def test_a_full_disk_is_said_and_after_some_is_freed_the_same_command_goes_on(
    size: str, finished: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", size) as remount:
        project, film = tmp_path / "disk" / "book.komadori", tmp_path / "film.mp4"
        words = ["animate", finished / "chapter", "--project", project, "-o", film, *SMALL]
        words += ["--transcript", finished / "transcript.json"]
        full = program(*words)
        assert full.returncode == 2, full.stderr
        what, hint = refusal(full.stderr)
        assert "the disk is full" in what
        assert "free" in hint
        assert not film.exists()
        remount("size=64m")
        again = program(*words)
        assert again.returncode == 0, again.stderr
        assert film.exists()


def test_a_full_disk_under_the_film_keeps_the_film_in_the_project(filmed: Path, tmp_path: Path, capfd: Said) -> None:
    with small_disk(tmp_path / "disk", "64k"):
        film = tmp_path / "disk" / "film.mp4"
        film.write_text("the film of yesterday")
        words = ["animate", str(filmed / "chapter"), "--project", str(filmed / "chapter.komadori"), "-o", str(film)]
        assert main(words) == 2
        what, hint = refusal(capfd.readouterr().err)
        assert "film.mp4" in what
        assert "the disk is full" in what
        assert str(filmed / "chapter.komadori" / "films" / "chapter.mp4") in hint
        assert film.read_text() == "the film of yesterday"
        assert [path.name for path in film.parent.iterdir()] == ["film.mp4"]
    assert (filmed / "chapter.komadori" / "films" / "chapter.mp4").read_bytes() == (filmed / "film.mp4").read_bytes()


def test_a_read_only_project_can_be_looked_at_and_says_why_it_cannot_be_worked_in(
    finished: Path, tmp_path: Path, capfd: Said
) -> None:
    with small_disk(tmp_path / "disk", "64m") as remount:
        project = shutil.copytree(finished / "chapter.komadori", tmp_path / "disk" / "chapter.komadori")
        remount("ro")
        for words in (
            ["animate", str(finished / "chapter"), "--project", str(project)],
            ["retake", str(project), "s001"],
        ):
            assert main(words) == 2
            assert "ead-only" in refusal(capfd.readouterr().err)[0]
        words = ["animate", str(finished / "chapter"), "--project", str(project.with_name("fresh.komadori"))]
        assert main(words) == 2
        assert "ead-only" in refusal(capfd.readouterr().err)[0]
        assert main(["show", "shots", str(project)]) == 0
        assert main(["export", str(project), "film", "-o", str(tmp_path / "out")]) == 0
        capfd.readouterr()
        assert main(["animate", str(finished / "chapter"), "--project", str(project), "-o", str(tmp_path)]) == 2
        assert "is a folder" in refusal(capfd.readouterr().err)[0]


def test_a_film_that_cannot_be_where_it_was_asked_for_is_refused_before_the_work(
    finished: Path, tmp_path: Path, capfd: Said
) -> None:
    (tmp_path / "file").touch()
    for place, word in ((tmp_path, "is a folder"), (tmp_path / "file" / "film.mp4", "not a folder")):
        words = ["animate", str(finished / "chapter"), "--project", str(tmp_path / "new.komadori"), "-o", str(place)]
        assert main(words) == 2
        assert word in refusal(capfd.readouterr().err)[0]
    assert not (tmp_path / "new.komadori").exists()


def test_a_film_goes_into_a_folder_that_is_not_there_yet(filmed: Path, tmp_path: Path) -> None:
    place = tmp_path / "films" / "of" / "today" / "chapter.mp4"
    words = ["animate", str(filmed / "chapter"), "--project", str(filmed / "chapter.komadori"), "-o", str(place)]
    assert main(words) == 0
    assert place.read_bytes() == (filmed / "film.mp4").read_bytes()
    assert place.with_suffix(".srt").exists()


def test_a_project_of_a_newer_komadori_is_left_alone(filmed: Path, capfd: Said) -> None:
    project = filmed / "chapter.komadori"
    with sqlite3.connect(project / "library.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    before = print_of(filmed)
    for words in (["animate", str(filmed / "chapter"), "--project"], ["show", "project"], ["storyboard"], ["retake"]):
        assert main([*words, str(project), *(["s001"] if words == ["retake"] else [])]) == 2
        what, hint = refusal(capfd.readouterr().err)
        assert "newer Komadori" in what
        assert "update" in hint
    assert print_of(filmed) == before


HOLD = """
import sys; from pathlib import Path; from storage.library import Library
with Library.open(Path(sys.argv[1])): print("held", flush=True); sys.stdin.read()
"""


def test_a_project_that_another_process_works_on_is_named_with_its_pid_and_can_be_looked_at(
    filmed: Path, capfd: Said
) -> None:
    project = filmed / "chapter.komadori"
    holding = [sys.executable, "-c", HOLD, str(project)]
    with subprocess.Popen(holding, cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        for words in (
            ["animate", str(filmed / "chapter"), "--project", str(project)],
            ["retake", str(project), "s001"],
        ):
            assert main(words) == 2
            assert f"process {holder.pid}" in refusal(capfd.readouterr().err)[0]
        assert main(["show", "project", str(project)]) == 0
        assert main(["animate", str(filmed / "chapter"), "--project", str(project), "--dry-run"]) == 0
        holder.communicate("")


@pytest.mark.parametrize("words", ["show shots", "storyboard", "retake {} s001", "export {} film -o {}/out"])
def test_a_folder_that_is_no_project_stays_as_it_is(words: str, tmp_path: Path, capfd: Said) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    place = str(tmp_path / "mine")
    assert main((words if "{}" in words else f"{words} {{}}").replace("{}", place).split()) == 2
    what, hint = refusal(capfd.readouterr().err)
    assert "is not a project" in what
    assert "main.py animate" in hint
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_folder_with_something_else_in_it_does_not_become_a_project(chapter: Path, capfd: Said) -> None:
    assert main(["animate", str(chapter), "--project", str(chapter)]) == 2
    assert "not empty" in refusal(capfd.readouterr().err)[0]
    assert sorted(path.name for path in chapter.iterdir()) == ["001.png", "002.png"]


def test_two_books_of_one_name_do_not_become_one_film(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Said
) -> None:
    shutil.copytree(finished / "chapter.komadori", tmp_path / "chapter.komadori")
    (tmp_path / "shelf").mkdir()
    book = draw_chapter(tmp_path / "shelf" / "chapter")
    monkeypatch.chdir(tmp_path)
    assert main(["animate", str(book)]) == 2
    what, hint = refusal(capfd.readouterr().err)
    assert str(finished / "chapter") in what
    assert "--project" in hint
