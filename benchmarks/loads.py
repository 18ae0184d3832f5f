"""Count how often each model is loaded for one film, with tiny weights. The bound is once, for any number of shots."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from agents import run
from agents.run_context import PROMPT_ENCODING
from benchmarks import books
from benchmarks.rows import BenchmarkRow
from storage.domain import VideoFormat
from storage.library import Library
from storage.settings import Backends, Settings
from tests.tiny import checkpoint

PAGES, SHOTS = 5, 20
SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.004}


def rows() -> list[BenchmarkRow]:
    """Count the model loads of a film in which SDXL outpaints every panel and Wan animates it."""
    with tempfile.TemporaryDirectory() as folder:
        chapter = books.chapter(Path(folder) / "chapter", PAGES)
        project, options = Path(folder) / "loads.komadori", run.RunOptions(chapter, corrections=books.transcript(PAGES))
        report = run.animate(project, _settings(), options)
        with Library.open(project, readonly=True) as library:
            drawn, encoded = Counter[str](), Counter[str]()
            for event in library.events(kinds={"made"}):
                counted = encoded if event.stage == PROMPT_ENCODING else drawn
                counted[str(event.facts.get("model", ""))] += int(str(event.facts.get("loads", 0)))
    most, enough = max((drawn | encoded).values()), report.shots >= SHOTS and not report.not_filmed
    return [
        BenchmarkRow("loads of a model in a film, at most", f"{most}", "= 1", most == 1),
        BenchmarkRow(f"loads of what draws, two models and {report.shots} shots", f"{drawn.total()}", "<= 2",
            0 < drawn.total() <= 2 and enough),
        BenchmarkRow("  beside them, of their text encoders", f"{encoded.total()}"),
    ]  # fmt: skip


def _settings() -> Settings:
    return Settings(
        screen=VideoFormat(width=160, height=90, fps=12),
        backends=Backends(outpaint="sdxl_inpaint", animate="wan_i2v"),
        options={
            "outpaint.sdxl_inpaint": {**SMALL, "candidates": 1, "model": str(checkpoint("sdxl_inpaint"))},
            "animate.wan_i2v": {**SMALL, "frames": 5, "rate": 4.0, "model": str(checkpoint("wan22_i2v"))},
        },
        max_drift=1.0,  # what untrained weights draw is no panel
    )  # fmt: skip
