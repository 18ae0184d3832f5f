"""A page in, an mp4 out, with every role played by a real diffusers pipeline whose weights are tiny and random."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents import film
from storage.library import Library
from storage.records import Event
from storage.settings import Backends, Settings
from storage.shapes import Screen
from tests.conftest import draw_page
from tests.tiny import checkpoint
from tools import png
from tools.filming import clips

HOUSE = Path(__file__).resolve().parents[1]
PROGRAM = """
import json, sys
from pathlib import Path
from agents import film
from storage.settings import Settings
given = json.loads(sys.argv[1])
film.animate(Path(given["project"]), Settings.model_validate(given["settings"]),
             film.Wishes(Path(given["chapter"])))
"""


def settings(*, outpaint: str = "klein_inpaint", animate: str = "wan_i2v", **more: Any) -> Settings:
    small: dict[str, Any] = {"steps": 2, "megapixels": 0.004}
    weights = {"wan_i2v": "wan22_i2v", "sdxl_inpaint": "sdxl_inpaint", "klein_inpaint": "klein_inpaint"}
    options = {
        "clean.sdxl_inpaint": {**small, "model": str(checkpoint("sdxl_inpaint"))},
        f"outpaint.{outpaint}": {**small, "candidates": 1, "model": str(checkpoint(weights[outpaint]))},
        f"animate.{animate}": {**small, "frames": 5, "rate": 4.0, "model": str(checkpoint(weights[animate]))},
    }
    return Settings(
        screen=Screen(width=160, height=90, fps=12),
        backends=Backends(clean="sdxl_inpaint", outpaint=outpaint, animate=animate),
        options=options,
        max_drift=1.0,  # what untrained weights draw is no panel
        **more,
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "chapter"
    folder.mkdir()
    (folder / "001.png").write_bytes(png.encode(draw_page(1)))
    return folder


def made(project: Path) -> list[Event]:
    with Library.open(project, readonly=True) as library:
        return list(library.events(kinds={"made"}))


def test_a_page_becomes_a_film_in_which_models_paint_and_move(tmp_path: Path, page: Path) -> None:
    project = tmp_path / "p.komadori"
    report = film.animate(project, settings(), film.Wishes(page))
    assert report.film is not None
    assert not report.lost
    facts = clips.probe(report.film)
    assert (facts.width, facts.height) == (160, 90)
    events = [event for event in made(project) if event.facts.get("loads") is not None]
    loads = Counter(event.stage for event in events if event.facts["loads"])
    first = {stage: [e for e in made(project) if e.stage == stage] for stage in ("outpaint", "animate")}
    assert loads == {"words": 3, "clean": 1, "outpaint": 1, "animate": 1}, "a model hears once, and then it draws"
    assert all(len(events) >= report.shots for events in first.values())
    again = film.animate(project, settings(), film.Wishes(page))
    assert again.film == report.film
    assert len([e for e in made(project) if e.stage == "animate"]) == len(first["animate"]), "nothing is made twice"


def test_killed_in_the_middle_of_a_clip_it_goes_on_without_making_a_finished_one_again(
    tmp_path: Path, page: Path
) -> None:
    project = tmp_path / "p.komadori"
    moving = settings().model_copy(update={"backends": Backends(animate="wan_i2v")})
    given = {"project": str(project), "chapter": str(page), "settings": moving.model_dump(mode="json")}
    words = [sys.executable, "-c", PROGRAM, json.dumps(given)]
    process = subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not _has_begun(project):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {str(event.facts["key"]) for event in made(project) if event.stage == "animate"}
    assert before
    subprocess.run(words, cwd=HOUSE, check=True, capture_output=True)
    finished = Counter(str(event.facts["key"]) for event in made(project))
    assert max(finished.values()) == 1
    assert len(finished) > len(before)


def test_memory_that_never_suffices_leaves_the_still_and_is_named(tmp_path: Path, page: Path) -> None:
    starved = settings().model_copy(update={"backends": Backends(animate="tests.outside.Starved"), "max_retakes": 1})
    report = film.animate(tmp_path / "p.komadori", starved, film.Wishes(page))
    assert report.film is not None
    assert len(report.stills) == report.shots
    assert all("memory does not suffice" in reason for reason in report.stills.values())


def _has_begun(project: Path) -> bool:
    """Whether a clip is finished, and more are to come."""
    try:
        return len([event for event in made(project) if event.stage == "animate"]) >= 1
    except Exception:  # there is no library yet, or it is being made
        return False
