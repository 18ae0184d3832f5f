"""Test a book of layered PSD pages: its planes, parallax by the rules, undo, and a tall film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import run as film_run
from agents.editing import undo as editing_undo
from agents.editing.grammar import parse_edits
from agents.editing.revise import revise
from storage.domain import MotionEffect, ShotPlan, VideoFormat
from storage.errors import SourceError
from storage.library import Library
from storage.settings import Backends, Settings
from storage.styles import StyleSheet
from tests.agents.test_garbage import collect, last_event, made_since
from tests.agents.test_layers import transcript
from tests.agents.test_repair import artifacts_of, flip_bytes
from tests.conftest import SMALL
from tests.tools import layers as drawn
from tests.tools.ingest.layered_files import page_layers, write_psd
from tools import png
from tools.ingest import layered_pages
from tools.video import clips

pytestmark = pytest.mark.film
pytest.importorskip("psd_tools", reason="the extra psd is not installed")

SETTINGS = Settings(screen=SMALL, preset="ultrafast", crf=12)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A folder of one layered page and one whose layers have no telling names."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "1.psd").write_bytes(write_psd(page_layers()))
    (folder / "2.psd").write_bytes(write_psd(page_layers("Layer 1", "Layer 2", "Layer 3")))
    return folder


def two_pages() -> Any:
    """Return the transcript of both pages, without any character: nobody has read them."""
    read = transcript()
    (page,) = read.pages
    pages = []
    for index in range(2):
        panel = page.panels[0].model_copy(update={"id": f"p{index}-0"})
        line = page.balloons[0].model_copy(update={"id": f"t{index}-0", "panel": panel.id})
        parts = {"panels": (panel,), "balloons": (line,), "characters": ()}
        pages.append(page.model_copy(update={"index": index, "image": f"{index + 1}.psd", **parts}))
    return read.model_copy(update={"pages": tuple(pages), "cast": ()})


def film(book: Path, settings: Settings = SETTINGS, name: str = "film.mp4") -> film_run.Report:
    options = film_run.RunOptions(book, book.parent / name, corrections=two_pages())
    return film_run.animate(book.parent / "book.komadori", settings, options)


def effects_of(plans: tuple[ShotPlan, ...]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {0: set(), 1: set()}
    for plan in plans:
        found[plan.page] |= {effect.kind for effect in plan.render_options.effects}
    return found


def test_a_layered_book_is_filmed_with_parallax_where_its_layers_tell_figures_from_grounds(book: Path) -> None:
    report = film(book)
    assert report.film is not None
    assert report.not_layered == {}
    assert report.failed == ()
    with Library.open(book.parent / "book.komadori") as library:
        pages = library.pages()
        assert [bool(page.layers) for page in pages] == [True, False]
        page = png.read_png(library.artifacts.open(pages[0].artifact))
        assert np.abs(page.astype(int) - drawn.draw_page()).max() <= 1
        plans = library.shots()
        assert effects_of(plans) == {0: {"parallax"}, 1: set()}
        plan = next(plan for plan in plans if plan.page == 0)
        made = library.find_made(pages[0].layers)
        assert made is not None
        assert set(made.artifacts) == {"masks", "ground"}
        (take,) = library.takes(plan.id)
        frames = [frame.astype(int) for frame in clips.read_frames(library.artifacts.open(take.artifact))]
    assert len(frames) == SMALL.frame_count(plan.seconds)
    # the ground moves, and the figure stands: its middle is where it is in all frames of the held or pushed camera
    changes = np.abs(frames[-1] - frames[0]).max(axis=2)
    assert (changes > 40).mean() > 0.01


def test_undo_redo_and_a_tall_film_keep_the_planes_of_a_layered_book(book: Path) -> None:
    film(book)
    project = book.parent / "book.komadori"
    with Library.open(project) as library:
        before = library.shots()
        layered = library.pages()
    name = int(before[0].id[1:])
    revise(project, parse_edits(f"shot {name} effect background-pan"))
    with Library.open(project) as library:
        assert [effect.kind for effect in library.shots()[0].render_options.effects] == ["background-pan"]
    editing_undo.undo(project)
    with Library.open(project) as library:
        assert library.shots() == before
        assert library.pages() == layered
    tall = film(book, SETTINGS.model_copy(update={"screen": VideoFormat(width=180, height=320, fps=12)}), "tall.mp4")
    assert tall.not_layered == {}
    with Library.open(project) as library:
        assert effects_of(library.shots())[0] == {"parallax"}
        made = [event for event in library.events(kinds={"made"}) if event.facts["tool"] == "layered"]
    assert len(made) == 2, "each page is taken apart once"


def test_a_retouched_layered_page_is_taken_apart_again_and_gc_loses_nothing_of_it(book: Path) -> None:
    project, shown = book.parent / "book.komadori", book.parent / "film.mp4"
    film(book)
    with Library.open(project) as library:
        before = library.pages()
    lighter = np.clip(drawn.draw_ground().astype(int) + 30, 0, 255).astype(np.uint8)
    (book / "1.psd").write_bytes(write_psd(page_layers(background=lighter)))
    film(book)
    with Library.open(project) as library:
        after = library.pages()
        assert after[0].layers not in ("", before[0].layers)
        assert after[1] == before[1]
    collect(project)
    first, last = shown.read_bytes(), last_event(project)
    shown.unlink()
    report = film(book)
    assert report.not_layered == {}
    assert shown.read_bytes() == first
    assert made_since(project, last) == []
    with Library.open(project) as library:
        assert effects_of(library.shots())[0] == {"parallax"}


def test_damaged_planes_of_a_layered_page_are_made_again(book: Path) -> None:
    project, shown = book.parent / "book.komadori", book.parent / "film.mp4"
    film(book)
    first = shown.read_bytes()
    harmed = [path for tool in ("layered", "layers", "composite") for path in artifacts_of(project, tool)]
    for path in harmed:
        flip_bytes(path)
    shown.unlink()
    report = film(book)
    assert {tool for _, tool in report.restored} >= {"layered", "composite"}
    assert (report.failed, report.not_layered) == ((), {})
    assert shown.read_bytes() == first


def test_a_tall_film_of_enlarged_pages_has_parallax_too(book: Path) -> None:
    """The planes lie on the page plane, whatever the size of the plate that a shot is filmed from."""
    tall = VideoFormat(width=720, height=1280, fps=12)
    backends = Backends(upscale="tests.outside.Doubling")
    report = film(book, SETTINGS.model_copy(update={"screen": tall, "backends": backends}))
    assert (report.failed, report.not_layered) == ((), {})
    with Library.open(book.parent / "book.komadori") as library:
        assert effects_of(library.shots())[0] == {"parallax"}
        made = {str(event.facts["tool"]) for event in library.events(kinds={"made"})}
        (take,) = library.takes(next(plan for plan in library.shots() if plan.page == 0).id)
        frames = [frame.astype(int) for frame in clips.read_frames(library.artifacts.open(take.artifact))]
    assert made >= {"upscale", "layered", "layers"}
    assert frames[0].shape == (1280, 720, 3)
    assert (np.abs(frames[-1] - frames[0]).max(axis=2) > 40).mean() > 0.01


def test_a_still_style_has_no_parallax(book: Path) -> None:
    film(book, SETTINGS.model_copy(update={"style": StyleSheet(motion=0.0)}))
    with Library.open(book.parent / "book.komadori") as library:
        assert effects_of(library.shots()) == {0: set(), 1: set()}


def test_a_book_is_filmed_when_its_layered_files_are_gone(book: Path) -> None:
    film(book)
    for path in book.iterdir():
        path.unlink()
    project = book.parent / "book.komadori"
    revise(project, parse_edits("all shots effect parallax 90%"))
    again = film_run.animate(project, SETTINGS, film_run.RunOptions(None, book.parent / "again.mp4"))
    assert again.film is not None
    with Library.open(project) as library:
        first = library.shots()[0]
        assert first.render_options.effects == (MotionEffect(kind="parallax", strength=0.9),)
    assert first.id not in again.not_layered
    assert again.not_layered, "of the other page no figure is known"


def test_without_psd_tools_a_layered_page_is_a_page_like_any_other(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layered_pages, "can_read_layers", lambda: False)
    film(book)
    with Library.open(book.parent / "book.komadori") as library:
        assert not any(page.layers for page in library.pages())
        assert effects_of(library.shots()) == {0: set(), 1: set()}


def test_layers_that_cannot_be_read_leave_the_page_as_it_is(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(data: bytes, name: str) -> None:
        raise SourceError(f"the layers of {name} cannot be read", "save it again")

    monkeypatch.setattr(layered_pages, "read_layers", fail)
    monkeypatch.setattr(layered_pages, "VERSION", 77)
    report = film(book)
    assert report.film is not None
    with Library.open(book.parent / "book.komadori") as library:
        assert not any(page.layers for page in library.pages())
        notes = [event for event in library.events(kinds={"note"}) if event.stage == "ingest"]
    assert len(notes) == 2
