"""How often a film loads the models that draw it, and what the route costs beyond their own work; tiny weights.

A model has two halves, what hears the words and what draws: each is loaded by itself, and two of them are one load.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from agents import film
from benchmarks import books
from benchmarks.rows import Row
from storage.library import Library
from storage.settings import Backends, Settings
from storage.shapes import Screen
from tests.tiny import checkpoint

PAGES = 5


def rows() -> list[Row]:
    """A film by two models."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "tools.komadori"
        chapter = books.chapter(Path(folder) / "chapter", PAGES)
        wishes = film.Wishes(chapter, corrections=books.transcript(PAGES))
        report = film.animate(project, _settings(2, 0.004), wishes)
        with Library.open(project) as library:
            halves = Counter[str]()
            for event in library.events(kinds={"made"}):
                if "model" in event.facts:
                    halves[str(event.facts["model"])] += int(float(str(event.facts["loads"])))
    most, whole = max(halves.values()), halves.total() / 2
    return [
        Row(f"loads of a model, {report.shots} shots", f"{most}", "= 1", most == 1),
        Row(f"loads of two models, {report.shots} shots", f"{whole:g}", "<= 2", 0 < whole <= 2),
    ]


def _settings(steps: int, megapixels: float) -> Settings:
    small: dict[str, Any] = {"steps": steps, "megapixels": megapixels}
    return Settings(
        screen=Screen(width=320, height=180, fps=12),
        backends=Backends(outpaint="sdxl_inpaint", animate="wan_i2v"),
        options={
            "outpaint.sdxl_inpaint": {**small, "candidates": 1, "model": str(checkpoint("sdxl_inpaint"))},
            "animate.wan_i2v": {**small, "frames": 9, "rate": 4.0, "model": str(checkpoint("wan22_i2v"))},
        },
        max_drift=1.0,  # what untrained weights draw is no panel
        preset="ultrafast",
        max_retakes=0,
    )
