"""Fixtures of small drawn books and films, shared by the tests of the route and of the commands."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest
from sqlalchemy.engine import Connection

from agents import run as film_run
from agents.characters import learning
from agents.corrections import replan
from agents.editing import preview
from agents.executors import Job, JobResult
from agents.executors.local import LocalExecutor
from agents.executors.worker import run_job
from agents.run_context import RunContext
from agents.sound.speech_facts import VOICE_VARIABLE
from agents.stages import composite
from storage import migrations
from storage.domain import Balloon, Box, PageTranscript, Panel, Transcript, VideoFormat
from storage.library import Library
from storage.settings import Settings
from tests.shared_results import SharedResults, is_shareable
from tools import devices, png

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny tensors only wait for one another on many threads
os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")  # as in the worker processes, like the garbage collector
gc.set_threshold(10_000)
cv2.setNumThreads(1)
SMALL = VideoFormat(width=320, height=180, fps=12)
FILMING = (film_run, replan, preview, learning)
FILM_FIXTURES = {"finished", "filmed", "processes"}
MANY_OBJECTS = 50_000
PANELS = (Box(20, 20, 380, 200), Box(210, 220, 380, 420), Box(20, 220, 190, 420), Box(20, 440, 380, 580))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that use a film with `film`; others that render one carry the marker themselves."""
    for item in items:
        if FILM_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("film")


def pytest_runtest_logfinish() -> None:
    """Exempt what stays after a test, such as the modules of torch, from later garbage collections.

    Each release of a model collects garbage, and searching a million objects of modules takes half a second.
    """
    if len(gc.get_objects()) > MANY_OBJECTS:
        gc.collect()
        gc.freeze()


def pytest_sessionfinish() -> None:
    """Let the last collection find everything again."""
    gc.unfreeze()


def draw_page(number: int) -> np.ndarray:
    """Draw one 400 x 600 page of four panels, read right to left, each with something to recognise."""
    page = np.full((600, 400, 3), 255, np.uint8)
    luck = np.random.default_rng(number)
    for box in PANELS:
        x0, y0, x1, y1 = (int(edge) for edge in box)
        for _ in range(40):
            x, y = int(luck.integers(x0 + 8, x1 - 8)), int(luck.integers(y0 + 8, y1 - 8))
            cv2.circle(page, (x, y), int(luck.integers(2, 9)), (int(luck.integers(0, 200)),) * 3, -1)
        page[:, :x0] = 255
        cv2.rectangle(page, (x0, y0), (x1 - 1, y1 - 1), (0, 0, 0), 3)
    for x0, x1, y0, y1 in ((0, 400, 0, 18), (0, 400, 203, 217), (0, 400, 423, 437), (0, 400, 583, 600),
                           (0, 17, 0, 600), (383, 400, 0, 600), (193, 207, 217, 423)):  # fmt: skip
        page[y0:y1, x0:x1] = 255
    return page


def transcript_of(pages: int) -> Transcript:
    """Return the exact transcript of pages drawn by `draw_page`."""
    read = []
    for index in range(pages):
        panels = tuple(
            Panel(id=f"p{index}-{n}", order=n, box=box, polygon=((box.x0 + 3, box.y0 + 3), (box.x1 - 3, box.y0 + 3),
                  (box.x1 - 3, box.y1 - 3), (box.x0 + 3, box.y1 - 3)))
            for n, box in enumerate(PANELS)
        )  # fmt: skip
        line = Balloon(id=f"t{index}-0", order=0, box=Box(40, 40, 120, 90), panel=f"p{index}-0", text="hello there",
                       language="en")  # fmt: skip
        read.append(
            PageTranscript(
                index=index, image=f"{index + 1:03d}.png", width=400, height=600, panels=panels, balloons=(line,)
            )
        )
    return Transcript(order="rtl", backend="corrected", pages=tuple(read))


def draw_chapter(folder: Path) -> Path:
    """Draw a folder of two pages."""
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number:03d}.png").write_bytes(png.encode_png(draw_page(number)))
    return folder


class InProcessExecutor:
    """An executor that works in this process, so that no worker process has to start.

    Jobs that only process pictures are made once for all tests: their content keys hold all that shapes them.
    """

    shared: SharedResults | None = None
    rendered: ClassVar[list[str]] = []
    """The shots that were filmed in this process."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run the jobs one after the other."""
        return (self._run(job) for job in jobs)

    def _run(self, job: Job) -> JobResult:
        if job.make is composite.make:
            self.rendered.append(job.label)
        if self.shared is None or not is_shareable(job):
            return run_job(self._root, job)
        if (result := self.shared.find(self._root, job)) is None:
            result = run_job(self._root, job)
            self.shared.keep(self._root, result)
        return result

    def close(self) -> None:
        """Release the model, as the end of a worker process would."""
        devices.release_model()


@pytest.fixture(scope="session", autouse=True)
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run all jobs in the test's own process, unless the test asks for `processes`, and share their results."""
    base = tmp_path_factory.getbasetemp()
    results = SharedResults((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InProcessExecutor, "shared", results)
        for module in FILMING:
            patch.setattr(module, "LocalExecutor", InProcessExecutor)
        yield


@pytest.fixture(scope="session", autouse=True)
def ready_database() -> Iterator[None]:
    """Migrate one new database with all migrations, and make each later one of this process by the same SQL.

    It is made when it is first needed, so that the migrations run in every session. Old databases are migrated.
    """
    upgrade, ready = migrations.upgrade, list[str]()

    def copy_or_upgrade(connection: Connection, revision: str = "head") -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        is_new = revision == "head" and not driver.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if is_new and ready:
            driver.executescript(ready[0])
            return
        upgrade(connection, revision)
        if is_new:
            ready.append("\n".join(driver.iterdump()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", copy_or_upgrade)
        yield


@pytest.fixture
def unshared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything anew, for a test that replaces code whose results have content keys, or counts its calls."""
    monkeypatch.setattr(InProcessExecutor, "shared", None)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the real executor, for a test that needs worker processes and says why."""
    for module in FILMING:
        monkeypatch.setattr(module, "LocalExecutor", LocalExecutor)


@pytest.fixture(autouse=True)
def require_film_marker(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that films a shot without the marker `film`, so that `make test-fast` renders no film."""
    before = len(InProcessExecutor.rendered)
    yield
    if request.node.get_closest_marker("film") is None:
        assert not InProcessExecutor.rendered[before:], "it films: give it the marker `film`"


@pytest.fixture(scope="session", autouse=True)
def no_voice() -> Iterator[None]:
    """Let nobody speak in a film whose settings leave it open, whatever packages are installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VOICE_VARIABLE, "none")
        yield


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove COLUMNS, which pytest-xdist sets for its workers and which would change the program's output."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """A folder of two pages."""
    return draw_chapter(tmp_path / "chapter")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a chapter, its transcript by hand, its finished project and its film. Read-only."""
    room = tmp_path_factory.mktemp("finished")
    draw_chapter(room / "chapter")
    (room / "transcript.json").write_text(transcript_of(2).model_dump_json(indent=1), encoding="utf-8")
    settings = Settings(screen=SMALL, preset="ultrafast", crf=30)
    wishes = film_run.RunOptions(room / "chapter", room / "film.mp4", corrections=transcript_of(2))
    film_run.animate(room / "chapter.komadori", settings, wishes)
    return room


@pytest.fixture
def filmed(finished: Path, tmp_path: Path) -> Path:
    """A copy of `finished` that a test may change."""
    return shutil.copytree(finished, tmp_path / "room")


@pytest.fixture
def context(tmp_path: Path, chapter: Path) -> Iterator[RunContext]:
    """A run context on a new project with small pictures and the chapter's transcript given by hand."""
    with Library.open(tmp_path / "chapter.komadori", create=True) as library:
        settings = Settings(screen=SMALL, preset="ultrafast", crf=30)
        library.set_settings(settings)
        executor = InProcessExecutor(library.artifacts.root)
        yield RunContext(library, settings, executor, chapter, transcript_of(2))
        executor.close()
