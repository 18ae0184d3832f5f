"""Test how a character is learned: from which places, for which model, and what the film draws again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents import garbage, run
from agents.characters import learning
from storage.domain import Appearance, Box, Character, Transcript, VideoFormat
from storage.errors import KomadoriError, SettingsError
from storage.learned_characters import learned_characters
from storage.library import Library
from storage.settings import Backends, Options, Settings
from storage.sound import NARRATOR
from tests.conftest import draw_page, transcript_of
from tests.tiny import checkpoint
from tools import png

QUICK: Options = {"steps": 2, "rank": 2, "megapixels": 0.0042}
SMALL = Box(30, 30, 60, 60)


def people() -> Transcript:
    """Return a page on which Mika is seen large in three panels and small in one, and Rei once."""
    read = transcript_of(1)
    [page] = read.pages
    seen = [
        Appearance(id=f"c0-{n}", box=Box(panel.box.x0 + 10, panel.box.y0 + 10, panel.box.x0 + 110, panel.box.y0 + 120),
                   character="mika", panel=panel.id)
        for n, panel in enumerate(page.panels[:3])
    ]  # fmt: skip
    seen += [
        Appearance(id="c0-3", box=SMALL, character="mika", panel=page.panels[0].id),
        Appearance(id="c0-4", box=Box(40, 450, 140, 570), character="rei", panel=page.panels[3].id),
    ]
    cast = tuple(Character(id=name, name=name.title()) for name in ("mika", "rei"))
    return read.model_copy(update={"pages": (page.model_copy(update={"characters": tuple(seen)}),), "cast": cast})


def settings(outpaint: str = "klein_inpaint") -> Settings:
    options: Options = {"model": str(checkpoint("klein_inpaint")), "steps": 1, "megapixels": 0.004, "candidates": 1}
    return Settings(
        screen=VideoFormat(width=160, height=90, fps=12), backends=Backends(outpaint=outpaint), max_drift=1.0,
        options={"outpaint.klein_inpaint": options}, preset="ultrafast",
    )  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learning") / "book"
    folder.mkdir()
    (folder / "001.png").write_bytes(png.encode_png(draw_page(1)))
    return folder


def film(project: Path, book: Path, chosen: Settings) -> Counter[str]:
    """Make the film, and return how many results each tool had to make."""
    before = 0
    if project.exists():
        with Library.open(project, readonly=True) as library:
            before = library.last_event()
    report = run.animate(project, chosen, run.RunOptions(book, corrections=people()))
    assert not report.failed
    with Library.open(project, readonly=True) as library:
        return Counter(str(event.facts["tool"]) for event in library.events(after=before, kinds={"made"}))


@pytest.mark.film
def test_shots_with_a_learned_character_are_drawn_again_and_forgetting_costs_nothing(
    tmp_path: Path, book: Path
) -> None:
    project = tmp_path / "p.komadori"
    film(project, book, settings())
    first = _film_bytes(project)
    (mika,) = learning.learn(project, ["Mika"], options=QUICK)
    assert (mika.character, mika.sightings, mika.steps) == ("mika", 3, 2)
    with Library.open(project, readonly=True) as library:
        with_mika = [shot.id for shot in library.shots() if "mika" in shot.characters]
        without = [shot.id for shot in library.shots() if "mika" not in shot.characters]
    assert with_mika
    assert without
    again = film(project, book, settings())
    assert 0 < again["outpaint"] <= len(with_mika)
    assert _film_bytes(project) != first
    assert film(project, book, settings()) == Counter()
    assert learning.learn(project, ["mika"], options=QUICK) == (mika,), (
        "from the same pictures nothing is learned again"
    )
    with Library.open(project) as library:
        garbage.remove_garbage(library, garbage.find_garbage(library))
        assert learned_characters(library) == (mika,)
    learning.forget(project, ["mika"])
    film(project, book, settings())
    assert _film_bytes(project) == first


def test_only_places_where_a_character_is_seen_large_enough_count() -> None:
    read = people()
    found = learning.find_sightings(read, {0: "page"}, read.cast[0])
    assert [box for _, box, _ in found] == [seen.box for seen in read.pages[0].characters[:3]]
    assert found[0][2] == [Box(40, 40, 120, 90)]


@pytest.mark.parametrize(("name", "outpaint"), [("rei", "klein_inpaint"), ("mika", "extend"), (NARRATOR, "extend")])
def test_what_cannot_be_learned_is_refused(name: str, outpaint: str, tmp_path: Path, book: Path) -> None:
    project = tmp_path / "p.komadori"
    run.plan(project, settings(outpaint), run.RunOptions(book, corrections=people()))
    with pytest.raises(KomadoriError) as refused:
        learning.learn(project, [name], options=QUICK)
    assert isinstance(refused.value, SettingsError)
    with Library.open(project, readonly=True) as library:
        assert learned_characters(library) == ()


def _film_bytes(project: Path) -> bytes:
    [path] = (project / "films").glob("*.mp4")
    return path.read_bytes()
