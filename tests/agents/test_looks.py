"""Test that a page is decoded only a few times for a whole film, and that bare panels are known afterwards."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from agents.executors import Job, JobResult
from agents.executors.local import batches
from agents.executors.worker import run_job
from agents.graph import run_graph
from agents.looks import FLAGS, find_bare_panels, look_at_panels, looks_key
from agents.run_context import RunContext
from agents.stages import cast, ingest, read, storyboard
from benchmarks import books
from storage.keys import content_key
from storage.library import Library
from storage.settings import Settings
from tests.conftest import PANELS, SMALL, draw_page, transcript_of
from tools import png
from tools.measuring.measures import PanelLook

pytestmark = pytest.mark.film


class Forgetful:
    """An executor that does each batch as a worker that was never there before would."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run batch after batch."""
        for batch in batches(jobs):
            png.forget_cached()
            yield from (run_job(self._root, job) for job in batch)

    def close(self) -> None:
        """Nothing to stop."""


def test_a_page_of_five_panels_is_decoded_four_times_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapter, decoded, decode = books.chapter(tmp_path / "chapter", 2), Counter[str](), png.read_png

    def read_png(path: Path) -> object:
        decoded[path.name] += 1
        return decode(path)

    settings = Settings(screen=SMALL, preset="ultrafast", crf=30)
    with Library.open(tmp_path / "chapter.komadori", create=True) as library:
        library.set_settings(settings)
        monkeypatch.setattr(png, "read_png", read_png)
        run_graph(RunContext(library, settings, Forgetful(library.artifacts.root), chapter), {})
        pages = [page.artifact for page in library.pages()]
        cut = [event for event in library.events(kinds={"made"}) if event.stage == "clean"]
    assert len(cut) >= 2 * 4
    assert len(pages) == 2
    assert all(0 < decoded[page] <= 4 for page in pages)


def test_bare_panels_are_known_once_the_page_was_looked_at(context: RunContext) -> None:
    assert isinstance(context.source, Path)
    page = draw_page(1)
    x0, y0, x1, y1 = (int(edge) for edge in PANELS[2])
    page[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4] = 255
    (context.source / "001.png").write_bytes(png.encode_png(page))
    for stage in (ingest, read, cast):
        stage.run(context, {})
    transcript = context.library.transcript()
    assert transcript
    assert find_bare_panels(context, transcript.pages) == {}
    looks = look_at_panels(context, transcript)
    bare = find_bare_panels(context, transcript.pages[:1])
    assert bare == {"p0-0": False, "p0-1": False, "p0-2": True, "p0-3": False}
    assert len(looks) == 8
    backwards = transcript.pages[0].model_copy(update={"panels": transcript.pages[0].panels[::-1]})
    assert find_bare_panels(context, [backwards]) == bare, "the order of panels has no part in it"


def test_a_project_of_old_that_knows_no_bare_panels_films_as_it_did(context: RunContext) -> None:
    run_graph(context, {})
    key = next(
        str(event.facts["key"]) for event in context.library.events(kinds={"made"}) if event.facts["tool"] == "look"
    )
    made = context.library.find_made(key)
    assert made
    context.library.add_made(key, "look", made.model_copy(update={"facts": {}}))
    assert len(find_bare_panels(context, transcript_of(2).pages)) == 4, "of the other page they are known"
    context.settings = context.settings.model_copy(update={"crf": 31})
    state = run_graph(context, {})
    assert not any(state.get(name) for name in ("failures", "fallbacks", "not_filmed"))


def test_rain_that_is_drawn_falls_and_books_without_any_keep_their_keys(context: RunContext) -> None:
    assert isinstance(context.source, Path)
    page, luck = draw_page(1), np.random.default_rng(4)
    x0, y0, x1, y1 = (int(edge) for edge in PANELS[0])
    page[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3] = 20
    for x, y in zip(luck.uniform(x0 + 12, x1 - 6, 420), luck.uniform(y0 + 4, y1 - 22, 420), strict=True):
        cv2.line(page, (round(x), round(y)), (round(x - 3), round(y + 16)), (240,) * 3, 1, cv2.LINE_AA)
    before, dry = draw_page(1), dict[str, PanelLook]()
    for picture in (before, page):
        (context.source / "001.png").write_bytes(png.encode_png(picture))
        for stage in (ingest, read, cast):
            stage.run(context, {})
        transcript = context.library.transcript()
        assert transcript
        dry = dry or look_at_panels(context, transcript)
    assert transcript
    looks = look_at_panels(context, transcript)
    assert [name for name, look in looks.items() if look.rain] == ["p0-0"]
    assert not any(look.rain for look in dry.values())
    plain = {name: {k: v for k, v in dataclasses.asdict(look).items() if k not in FLAGS} for name, look in dry.items()}
    assert looks_key(dry) == content_key("look", "measures", 1, looks=plain), "as before rain was known"
    assert looks_key({**looks, "p0-0": dataclasses.replace(looks["p0-0"], rain=False)}) != looks_key(looks)
    storyboard.run(context, {})
    effects = {shot.panels: [one.kind for one in shot.render_options.effects] for shot in context.library.shots()}
    assert effects.pop(("p0-0",)) == ["rain"]
    assert not any(effects.values())
