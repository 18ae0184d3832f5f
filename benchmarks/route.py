"""Measure the cost of the route itself for 500 shots: stages, keys, rows and checkpoints, with jobs that do nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from agents.executors import Job, JobResult
from agents.graph import run_graph
from agents.run_context import RunContext
from benchmarks import books
from benchmarks.rows import BenchmarkRow, used_seconds_of
from storage.artifacts import Artifacts
from storage.domain import Facts, Made
from storage.library import Library
from storage.settings import Settings

PAGES = 125
BOUND = 10.0


class InstantExecutor:
    """An executor that does no work: it answers every job at once with one tiny artifact for every role."""

    FACTS: dict[str, Facts] = {  # noqa: RUF012
        "ingest": {"width": books.SIZE[0], "height": books.SIZE[1]},
    }
    SEGMENT: Facts = {"black": 0.0}  # noqa: RUF012
    PIXELS: Facts = {"drift": 0.0, "generated": 0.0}  # noqa: RUF012
    ROLES = ("page", "cutout", "plate", "original", "motion", "segment", "film", "subtitles", "bed")

    def __init__(self, artifacts: Artifacts) -> None:
        self._keep = artifacts.keep
        tiny, empty = artifacts.keep(b"tiny", "text/plain"), artifacts.keep(b"{}", "application/json")
        self._artifacts = {**dict.fromkeys(self.ROLES, tiny), "looks": empty}

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Answer every job."""
        facts: Facts = {"box": [0.0, 0.0, 10.0, 10.0], "frames": 1, "rate": 0.0, "seconds": 1.0}
        for job in jobs:
            if job.tool == "ingest":  # pages differ
                self._artifacts["page"] = self._keep(job.label.encode(), "image/png")
            answer = {**facts, **self.FACTS.get(job.tool, {})}
            if job.tool in ("review", "fidelity"):
                answer = self.SEGMENT if "segment" in job.arguments else self.PIXELS
            yield JobResult(job.key, Made(artifacts=dict(self._artifacts), facts=answer))

    def close(self) -> None:
        """Do nothing: there is nothing to stop."""


def rows() -> list[BenchmarkRow]:
    """Measure processor milliseconds per shot, once from scratch and once with everything made."""
    import langgraph.graph  # noqa: F401 - it is imported once a process, and not once a shot

    with tempfile.TemporaryDirectory() as folder:
        chapter = books.chapter(Path(folder) / "chapter", PAGES)
        with Library.open(Path(folder) / "route.komadori", create=True) as library:
            settings = Settings(voice="none", sound=False)  # sound has its own benchmark, and needs real results
            library.set_settings(settings)
            nothing = InstantExecutor(library.artifacts)
            context = RunContext(library, settings, nothing, chapter, books.transcript(PAGES))
            begin = used_seconds_of(lambda: run_graph(context, {}))
            again = used_seconds_of(lambda: run_graph(context, {}))
            shots = len(library.shots())
    made, unchanged = begin / shots * 1000, again / shots * 1000
    return [
        BenchmarkRow(
            f"the route's own cost, {shots} shots",
            f"{made:.1f} ms of processor time a shot",
            f"<= {BOUND:.0f} ms",
            made <= BOUND,
        ),
        BenchmarkRow("the same again, everything standing", f"{unchanged:.1f} ms of processor time a shot"),
    ]
