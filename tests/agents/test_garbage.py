"""Test that gc removes what nothing needs and nothing else: the film, undo and redo make nothing again after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import garbage, run
from agents.editing import undo as stepping
from agents.garbage import Garbage, find_garbage, remove_garbage
from agents.planning import llm_planning
from agents.run import RunOptions
from agents.stages import understand
from main import main
from storage.errors import ArtifactDamaged, PackageMissing
from storage.inventory import UNUSED
from storage.library import Library
from storage.settings import Backends, Settings
from tests.agents.comprehension.scripted import page_reply, understands, willing
from tests.agents.test_repair import flip_bytes
from tests.conftest import SMALL, transcript_of
from tests.drawn_books import SETTINGS, DrawnBook, numbered_page
from tests.loopback import Asked, Said, serving
from tools import backends
from tools.backends import Backend

pytestmark = pytest.mark.film
TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)


def film(project: Path, settings: Settings | None = None) -> bytes:
    """Film what has no take yet, with the project's settings or others, and return the bytes of the film."""
    if settings is None:
        with Library.open(project, readonly=True) as library:
            settings = library.settings() or TINY
    report = run.animate(project, settings, RunOptions())
    assert report.film
    return report.film.read_bytes()


def collect(project: Path) -> Garbage:
    with Library.open(project) as library:
        found = find_garbage(library)
        remove_garbage(library, found)
        return found


def made_since(project: Path, event: int) -> list[str]:
    """Return the stages that made something since an event, without the joining of films."""
    with Library.open(project, readonly=True) as library:
        return [one.stage for one in library.events(event, {"made"}) if one.stage not in ("mix", "assemble")]


def last_event(project: Path) -> int:
    with Library.open(project, readonly=True) as library:
        return library.last_event()


def test_undo_redo_corrections_locks_and_aspects_need_nothing_again_after_gc(
    filmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = filmed / "chapter.komadori"
    films = [film(project)]
    with Library.open(project) as library:
        kept = library.artifacts.keep(b"nothing refers to this", "text/plain")
    for line in ("shot 2 seconds 3; shot 5 dissolve", "shot 3 seconds 5; shot 3 lock", "film aspect 9:16"):
        assert main(["chat", str(project), line]) == 0
        films.append(film(project))
    assert main(["undo", str(project)]) == 0
    assert main(["fix", str(project), "page 2 swap panels 3 4"]) == 0
    films[3] = film(project)
    coarse = TINY.model_copy(update={"crf": 35})
    film(project, coarse)
    film(project, TINY)
    event = last_event(project)
    found = collect(project)
    kinds = {file.kind for file in found.files}
    assert kept.sha256 in {file.artifact for file in found.files}
    assert kinds >= {UNUSED, "composite", "assemble"}, "those of the coarse film"
    assert found.size > 10_000
    assert collect(project) == Garbage(frozenset(), ())
    assert film(project) == films[3]
    for expected in (films[2], films[1], films[0]):
        stepping.undo(project)
        assert film(project) == expected
    stepping.redo(project, 3)
    assert film(project) == films[3]
    assert made_since(project, event) == []


def test_only_the_last_steps_of_undo_are_kept(filmed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "UNDO_STEPS", 1)
    project = filmed / "chapter.komadori"
    for seconds in (3, 4, 5):
        assert main(["chat", str(project), f"shot 2 seconds {seconds}"]) == 0
    with Library.open(project, readonly=True) as library:
        takes = library.takes("s002")
    found = collect(project)
    gone = {file.artifact for file in found.files}
    assert [take.artifact in gone for take in takes] == [True, True, False, False]
    event = last_event(project)
    assert main(["undo", str(project)]) == 0
    assert made_since(project, event) == []
    assert main(["takes", str(project), "2"]) == 0
    assert main(["undo", str(project)]) == 0  # farther than was kept: it is filmed again
    assert set(made_since(project, event)) >= {"composite"}


@pytest.mark.parametrize(
    ("animator", "best_of"), [("Swaying", 2), ("Reciting", 1), ("Black", 1), ("Refusing", 1)], ids=str
)
def test_candidates_prompts_and_all_attempts_of_models_are_kept(
    animator: str, best_of: int, chapter: Path, tmp_path: Path
) -> None:
    backends = Backends(outpaint="tests.outside.Painting", animate=f"tests.outside.{animator}")
    settings = TINY.model_copy(update={"backends": backends, "best_of": best_of, "pages": "1"})
    project = tmp_path / "p.komadori"
    options = RunOptions(chapter, corrections=transcript_of(1))
    report = run.animate(project, settings, options)
    assert report.film
    first, event = report.film.read_bytes(), last_event(project)
    collect(project)
    run.animate(project, settings, options)
    assert report.film.read_bytes() == first
    assert made_since(project, event) == []


def test_a_killed_gc_loses_nothing_and_the_next_one_finishes(filmed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = filmed / "chapter.komadori"
    first = film(project)
    film(project, TINY.model_copy(update={"crf": 35}))
    film(project, TINY)
    event = last_event(project)
    with Library.open(project) as library:
        found = find_garbage(library)
        with monkeypatch.context() as patch:
            patch.setattr(type(library.artifacts), "remove", lambda *given: exec("raise KeyboardInterrupt"))
            with pytest.raises(KeyboardInterrupt):
                remove_garbage(library, found)
    rest = collect(project)
    assert [file.artifact for file in rest.files] == [file.artifact for file in found.files]
    assert {file.kind for file in rest.files} <= {UNUSED, "composite"}, "takes stay listed"
    assert film(project) == first
    assert made_since(project, event) == []


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw two pages of three panels: shots 1-3 and 4-6."""
    return DrawnBook(tmp_path / "book", [numbered_page(10 * n, [3, 0, 5]) for n in (1, 2)])


def film_book(book: DrawnBook, settings: Settings) -> bytes:
    """Film the pages of a book as they are now."""
    report = run.animate(book.folder.with_suffix(".komadori"), settings, RunOptions(book.write()))
    assert report.film
    return report.film.read_bytes()


def painted_with(**values: object) -> Settings:
    """Return settings of a film of a drawn book whose plates are painted by a model."""
    backends = SETTINGS.backends.model_copy(update={"outpaint": "tests.outside.Painting"})
    return SETTINGS.model_copy(update={"backends": backends, **values})


@pytest.mark.parametrize("line", ["shot 2 seconds 3", "shot 1 refs shot 5"], ids=["own page", "reference"])
def test_what_was_made_of_a_page_s_old_picture_is_kept_where_the_new_one_reads_the_same(
    line: str, book: DrawnBook
) -> None:
    project = book.folder.with_suffix(".komadori")
    film_book(book, painted_with())
    assert main(["chat", str(project), line]) == 0
    before = film(project)
    with Library.open(project, readonly=True) as library:
        plans = library.shots()
    book.change_panel(1, 1, specks=1)
    after = film_book(book, painted_with())
    with Library.open(project, readonly=True) as library:
        assert library.shots() == plans
    event = last_event(project)
    collect(project)
    stepping.undo(project)
    assert film(project) == before
    stepping.redo(project)
    assert film(project) == after
    assert made_since(project, event) == []


def test_what_was_made_with_another_understanding_of_the_same_shots_is_kept(
    book: DrawnBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(asked: Asked, number: int) -> Said:
        """Understand the place differently in each model."""
        return page_reply(asked, setting=asked.body["model"]) if understands(asked) else willing(asked, number)

    project = book.folder.with_suffix(".komadori")
    with serving(reply) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        for module in (llm_planning, understand):
            monkeypatch.setattr(module, "configured_server", lambda model: there.server(model=model))
        plans = []
        for model in ("harbour", "meadow"):
            film_book(book, painted_with(director="llm", model=model, critic="none"))
            with Library.open(project, readonly=True) as library:
                plans.append(library.shots())
        assert plans[0] == plans[1]
        event = last_event(project)
        collect(project)
        stepping.undo(project)
        film(project)
    assert made_since(project, event) == []


@pytest.fixture
def corrected(book: DrawnBook) -> Path:
    """A planned project with a correction of page 1, so that a state without it can be undone to."""
    project = book.folder.with_suffix(".komadori")
    run.plan(project, SETTINGS, RunOptions(book.write()))
    assert main(["fix", str(project), "page 1 swap panels 1 2"]) == 0
    return project


def stored_names(project: Path) -> list[str]:
    return sorted(str(path.relative_to(project)) for path in project.glob("artifacts/**/*"))


def test_a_damaged_reading_refuses_gc_and_is_left_where_it_is(corrected: Path) -> None:
    with Library.open(corrected, readonly=True) as library:
        readings = {result.artifact for result in library.stored_results() if result.tool == "read"}
    assert readings
    for sha in readings:
        flip_bytes(corrected / "artifacts" / sha[:2] / sha)
    before = stored_names(corrected)
    with Library.open(corrected) as library, pytest.raises(ArtifactDamaged):
        find_garbage(library)
    assert stored_names(corrected) == before


def test_a_backend_that_is_missing_here_refuses_gc(corrected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_backend = backends.load_backend

    def load_no_transcriber(capability: str, name: str, **options: object) -> Backend:
        if capability == "transcribe":
            raise PackageMissing(f"{name} is not installed", "install it")
        return load_backend(capability, name, **options)

    monkeypatch.setattr(backends, "load_backend", load_no_transcriber)
    with Library.open(corrected) as library, pytest.raises(PackageMissing):
        find_garbage(library)


def test_corrections_of_pages_whose_images_are_gone_need_nothing(corrected: Path) -> None:
    with Library.open(corrected) as library:
        library.artifacts.remove([library.pages()[1].artifact])
        stray = library.artifacts.keep(b"nothing refers to this", "text/plain")
        assert stray.sha256 in {file.artifact for file in find_garbage(library).files}
