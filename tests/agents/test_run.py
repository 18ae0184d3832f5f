"""Test the entry points of agents/run.py: what they return, what they keep, and how a failed shot is repaired."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agents import run
from agents.run_context import Progress
from main import main
from storage.errors import ProjectError, SettingsError, SourceError
from storage.library import Library
from storage.settings import Backends, Settings
from tests.conftest import SMALL, transcript_of
from tests.program import HOUSE
from tools.characters import reference_images

pytestmark = pytest.mark.film


TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)
BAD = """
import sys; from pathlib import Path
from agents import run
from storage.settings import Backends, Settings
from tests.conftest import SMALL, transcript_of
if __name__ == "__main__":
    room, backend = Path(sys.argv[1]), sys.argv[2]
    settings = Settings(screen=SMALL, preset="ultrafast", crf=30, max_retakes=0, pages="1")
    bad = settings.model_copy(update={"backends": Backends(animate=backend)})
    wishes = run.RunOptions(room / "chapter", room / "film.mp4", corrections=transcript_of(1))
    report = run.animate(room / "chapter.komadori", bad, wishes)
    assert not report.fallbacks
    print(" ".join(report.stills), "/", " ".join(report.not_filmed), "/", *set(report.stills.values()))
"""


def test_a_finished_film_is_reported_and_nothing_is_made_twice(filmed: Path) -> None:
    said: list[Progress] = []
    again = run.animate(
        filmed / "chapter.komadori", TINY, run.RunOptions(filmed / "chapter", filmed / "again.mp4"), said.append
    )
    assert (again.shots, again.pages, again.panels) == (8, 2, 8)
    assert again.film == filmed / "again.mp4"
    assert again.film.read_bytes() == (filmed / "film.mp4").read_bytes()
    assert not again.fallbacks
    assert not again.not_filmed
    assert not [progress for progress in said if progress.kind == "made"]


def test_a_film_without_a_place_of_its_own_stands_in_the_project(finished: Path, tmp_path: Path) -> None:
    project = shutil.copytree(finished / "chapter.komadori", tmp_path / "chapter.komadori")
    report = run.animate(project, TINY, run.RunOptions(finished / "chapter"))
    assert report.film == project / "films" / "chapter.mp4"
    assert sorted(path.name for path in report.film.parent.iterdir()) == ["chapter.mp4", "chapter.srt"]


@pytest.mark.usefixtures("processes")  # a film of workers, as every user makes it
def test_it_waits_for_approval_and_films_when_somebody_agrees(chapter: Path, tmp_path: Path) -> None:
    project, wishes = tmp_path / "book.komadori", {"approve": True, "corrections": transcript_of(2)}
    waiting = run.animate(project, TINY, run.RunOptions(chapter, tmp_path / "film.mp4", **wishes))  # type: ignore[arg-type]
    assert waiting.film is None
    assert waiting.shots == 8
    seen: list[int] = []

    def agree(library: Library) -> bool:
        seen.append(len(library.shots()))
        return len(seen) == 2

    for film_is_made in (False, True):
        agreed = run.RunOptions(chapter, tmp_path / "film.mp4", on_approval=agree, **wishes)  # type: ignore[arg-type]
        assert (run.animate(project, TINY, agreed).film is not None) == film_is_made
    assert seen == [8, 8]


@pytest.mark.parametrize(
    ("settings", "source", "error"),
    [
        (TINY.model_copy(update={"pages": "7"}), "chapter", SettingsError),
        (TINY.model_copy(update={"director": "llm"}), "chapter", SettingsError),
        (TINY, "nowhere", SourceError),
    ],
)
def test_what_can_be_told_beforehand_is_told_before_anything_is_made(
    settings: Settings, source: str, error: type[Exception], chapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(error):
        run.animate(tmp_path / "book.komadori", settings, run.RunOptions(tmp_path / source))
    assert not (tmp_path / "book.komadori").exists()


def with_broken_cast(folder: Path) -> Settings:
    folder.mkdir()
    (folder / "mika.png").write_bytes(b"no picture")
    return TINY.model_copy(update={"cast": str(folder), "pages": "1"})


def test_a_picture_of_the_cast_that_cannot_be_read_is_refused_before_anything_is_made(
    chapter: Path, tmp_path: Path
) -> None:
    settings, said = with_broken_cast(tmp_path / "cast"), list[Progress]()
    for begin in (run.animate, run.plan):
        with pytest.raises(SettingsError):
            begin(tmp_path / "book.komadori", settings, run.RunOptions(chapter), said.append)
    with pytest.raises(SettingsError):
        run.transcribe(chapter, settings, project=tmp_path / "book.komadori", say=said.append)
    assert not said
    assert not (tmp_path / "book.komadori").exists()


def test_what_was_read_outlives_an_error_of_a_later_stage(
    chapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, settings = tmp_path / "book.komadori", with_broken_cast(tmp_path / "cast")
    monkeypatch.setattr(reference_images, "check_pictures", lambda folder: None)  # it broke after it was looked at
    with pytest.raises(SourceError):
        run.animate(project, settings, run.RunOptions(chapter))
    with Library.open(project, readonly=True) as library:
        assert library.made_tools() == {"ingest", "read"}
        assert library.transcript() is not None


def test_of_a_book_of_which_nothing_was_read_no_project_is_left(chapter: Path, tmp_path: Path) -> None:
    page = transcript_of(1).pages[0].model_copy(update={"width": 401})
    wishes = run.RunOptions(chapter, corrections=transcript_of(1).model_copy(update={"pages": (page,)}))
    with pytest.raises(SettingsError):
        run.animate(tmp_path / "book.komadori", TINY, wishes)
    assert not (tmp_path / "book.komadori").exists()


def test_a_transcript_of_other_pages_is_refused_before_anything_is_made(chapter: Path, tmp_path: Path) -> None:
    said: list[Progress] = []
    wishes = run.RunOptions(chapter, corrections=transcript_of(2))
    with pytest.raises(SettingsError, match=r"002\.png"):
        run.animate(tmp_path / "book.komadori", TINY.model_copy(update={"pages": "1"}), wishes, said.append)
    assert not said


def test_a_book_is_read_without_a_project_or_into_one(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    settings = Settings(pages="1")
    found = run.transcribe(finished / "chapter", settings)
    assert [page.image for page in found.pages] == ["001.png"]
    assert len(found.pages[0].panels) == 4
    assert not list(tmp_path.iterdir()), "nothing is left, not even a reader's own notes of the run"
    assert run.transcribe(finished / "chapter", settings, project=tmp_path / "book.komadori") == found
    with Library.open(tmp_path / "book.komadori", readonly=True) as library:
        assert library.transcript() == found
        assert library.settings() == settings


def test_a_retake_of_what_is_not_left_to_chance_changes_nothing_and_says_so(filmed: Path) -> None:
    project = filmed / "chapter.komadori"
    report = run.retake(project, ["s002", "s002"], seed=None, output=None)
    assert report.unchanged == ("s002",)
    with Library.open(project, readonly=True) as library:
        head = library.head()
        assert head
        assert head.message == "retake s002"
        assert library.shot("s002").seed == 1
    with pytest.raises(ProjectError, match="s099"):
        run.retake(project, ["s099"], seed=None, output=None)


def test_what_was_drawn_smaller_for_want_of_memory_is_reported_and_other_relief_is_not(filmed: Path) -> None:
    project = filmed / "chapter.komadori"
    cramped = TINY.model_copy(update={"backends": Backends(animate="tests.outside.Cramped"), "pages": "1"})
    report = run.animate(project, cramped, run.RunOptions(filmed / "chapter", corrections=transcript_of(1)))
    assert sorted(report.smaller) == ["s001", "s002", "s003", "s004"]
    assert run.retake(project, ["s002"], seed=1, output=None).smaller == {}
    with Library.open(project, readonly=True) as library:
        sizes = [event.facts["relief_size"] for event in library.events(kinds={"made"}) if event.facts.get("relief")]
    assert sizes == [0.75] * 4 + [1.0]


def test_a_retake_draws_no_seed_that_was_tried_before(filmed: Path) -> None:
    project = filmed / "chapter.komadori"
    backends = Backends(animate="tests.outside.Listening")
    drawn = TINY.model_copy(update={"backends": backends, "pages": "1", "best_of": 3})
    run.animate(project, drawn, run.RunOptions(filmed / "chapter", corrections=transcript_of(1)))
    with Library.open(project, readonly=True) as library:
        before = [take.seed for take in library.takes("s002") if take.backend == backends.animate]
    assert run.retake(project, ["s002"], seed=None, output=None).unchanged == ()
    with Library.open(project, readonly=True) as library:
        assert library.takes("s002")[-1].seed == max(before) + 1


def test_a_shot_that_failed_is_named_filmed_without_its_model_and_mended_by_a_retake(
    finished: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chapter").symlink_to(finished / "chapter")
    failed, lost, why = run_bad(tmp_path, "tests.outside.Black").split("/")  # black, until another seed is asked for
    assert failed.split() == ["s001", "s002", "s003", "s004"]
    assert not lost.split()
    assert "empty" in why
    project, film_place = tmp_path / "chapter.komadori", tmp_path / "film.mp4"
    assert main(["retake", str(project), "s002", "-o", str(film_place)]) == 3
    said = capfd.readouterr().err
    assert f"main.py retake {project} s001 s003 s004\n" in said
    plain = [line for line in said.splitlines() if line.startswith("no model")]
    assert {shot for shot in failed.split() if any(shot in line for line in plain)} == {"s001", "s003", "s004"}
    assert main(["retake", str(project), "s001", "s003", "s004", "-o", str(film_place)]) == 0
    assert "no model" not in capfd.readouterr().err


def test_a_backend_that_always_fails_leaves_its_reason_and_another_backend_mends_it(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chapter").symlink_to(finished / "chapter")
    assert "this model was never trained" in run_bad(tmp_path, "tests.outside.Refusing")
    project = tmp_path / "chapter.komadori"
    assert main(["show", "project", str(project)]) == 0
    assert re.search("failed +s001 s002 s003 s004: animate: RuntimeError", capsys.readouterr().out)
    assert main(["show", "shots", str(project)]) == 0
    assert capsys.readouterr().out.count("no model") == 4
    settings = TINY.model_copy(update={"backends": Backends(), "pages": "1"})
    report = run.animate(project, settings, run.RunOptions(tmp_path / "chapter", tmp_path / "film.mp4"))
    assert not report.stills
    assert main(["show", "project", str(project)]) == 0
    assert "failed" not in capsys.readouterr().out


def run_bad(room: Path, backend: str) -> str:
    """Make a film with a backend of `tests/outside.py` in a process of its own; what it prints."""
    script = room / "bad.py"
    script.write_text(BAD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, room, backend], cwd=HOUSE, env={**os.environ, "PYTHONPATH": str(HOUSE)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
