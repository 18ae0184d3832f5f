"""Test a film that uses the image editor in every way at once: nothing fails, and all of it can be taken back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents import garbage, run
from agents.characters import learning
from agents.editing import grammar, revise, undo
from storage.domain import Transcript, VideoFormat
from storage.library import Library
from storage.settings import Backends, Options, Settings
from tests.agents.characters.test_learning import QUICK, people
from tests.conftest import draw_page
from tests.tiny import checkpoint
from tools import png

pytestmark = pytest.mark.film


def settings() -> Settings:
    klein: Options = {"model": str(checkpoint("klein_inpaint")), "steps": 1, "megapixels": 0.004}
    return Settings(
        screen=VideoFormat(width=160, height=90, fps=12), preset="ultrafast", max_drift=1.0, color="reference",
        backends=Backends(
            redraw="klein_inpaint", outpaint="klein_inpaint", color="klein_inpaint", likeness="dinov2"
        ),
        options={
            "redraw.klein_inpaint": klein, "color.klein_inpaint": klein,
            "outpaint.klein_inpaint": {**klein, "candidates": 1},
            "likeness.dinov2": {"model": str(checkpoint("dinov2"))},
        },
    )  # fmt: skip


def mika_speaks() -> Transcript:
    """Return a page whose first line Mika says."""
    read = people()
    [page] = read.pages
    line = page.balloons[0].model_copy(update={"speaker": "mika"})
    return read.model_copy(update={"pages": (page.model_copy(update={"balloons": (line,)}),)})


def film(project: Path, book: Path, chosen: Settings) -> Counter[str]:
    """Make the film, and return how many results each tool had to make."""
    before = 0
    if project.exists():
        with Library.open(project, readonly=True) as library:
            before = library.last_event()
    assert not run.animate(project, chosen, run.RunOptions(book, corrections=mika_speaks())).failed
    with Library.open(project, readonly=True) as library:
        return Counter(str(event.facts["tool"]) for event in library.events(after=before, kinds={"made"}))


def test_colours_mouths_changes_and_what_was_learned_go_together_and_are_taken_back(tmp_path: Path) -> None:
    book, project = tmp_path / "book", tmp_path / "p.komadori"
    book.mkdir()
    (book / "001.png").write_bytes(png.encode_png(draw_page(1)))
    made = film(project, book, settings())
    assert made["color"]
    assert made["outpaint"]
    [path] = (project / "films").glob("*.mp4")
    first = path.read_bytes()
    for line in ('shot 1 redraw "make it night" on mika', "shot 1 mouth on mika"):
        revise.revise(project, grammar.parse_lines(line))
    made = film(project, book, settings())
    assert (made["color"], made["outpaint"], made["composite"]) == (0, 1, 1)
    assert made["redraw"] == 5, "the change, three drawings of the face, and what is taken of them"
    learning.learn(project, ["mika"], options=QUICK)
    assert film(project, book, settings())["outpaint"] == 3, "the shots in which she is"
    assert film(project, book, settings()) == Counter()
    with Library.open(project) as library:
        garbage.remove_garbage(library, garbage.find_garbage(library))
    assert film(project, book, settings()) == Counter()
    film(project, book, settings().model_copy(update={"best_of": 2}))
    learning.forget(project, ["mika"])
    undo.undo(project, 2)
    film(project, book, settings())
    assert path.read_bytes() == first
