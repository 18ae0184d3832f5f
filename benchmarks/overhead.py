"""Measure the overhead of the whole route compared with bare calls of the same diffusers pipelines, with tiny weights.

Both ways run in one process, in turns, a batch of jobs each. The route builds a job and its content key, uses a worker
process, reads, scales, restores, ranks and encodes pictures, stores them under their hash, and writes events and rows.
The bare way calls the same pipelines with the very same arguments in this process. Both are warm: each model was loaded
once before, and the prompts are encoded. Steps and sizes are chosen so that one call takes one or two seconds on one
core, like the fastest real models on a GPU; a longer call makes the ratio smaller. Models use one thread on both sides:
tiny matrices gain nothing from more, and threads that wait for each other on a busy machine would hide the difference.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.executors import Job
from agents.executors.local import LocalExecutor
from agents.resolved_shot import ResolvedShot, Step
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import animate, cast, clean, ingest, outpaint, read, storyboard
from benchmarks import books
from benchmarks.rows import BenchmarkRow, seconds_of
from storage.artifacts import Artifacts
from storage.domain import VideoFormat
from storage.library import Library
from storage.settings import Backends, Settings
from tests.tiny import checkpoint
from tools import devices
from tools.diffusion import pipelines

PAGES, STRETCH, TURNS = 8, 4, 5
BOUND = 1.10
OPTIONS: dict[str, dict[str, Any]] = {
    "outpaint.sdxl_inpaint": {"steps": 16, "megapixels": 0.01, "candidates": 2},
    "animate.wan_i2v": {"steps": 80, "megapixels": 0.02, "frames": 9, "rate": 4.0},
}
WEIGHTS = {"outpaint.sdxl_inpaint": "sdxl_inpaint", "animate.wan_i2v": "wan22_i2v"}


class CallRecorded(Exception):  # noqa: N818 - it is no error
    """Raised in place of a pipeline call once its arguments are recorded."""


@dataclass
class Call:
    """A recorded call of a pipeline that can be repeated."""

    pipe: Any
    given: dict[str, Any]
    seeds: list[int] = field(default_factory=list)

    def repeat(self) -> None:
        """Repeat the call."""
        luck = [pipelines.generator(seed) for seed in self.seeds]
        listed = isinstance(self.given.get("generator"), list)
        self.pipe(**{**self.given, "generator": luck if listed else luck[0]})


def rows() -> list[BenchmarkRow]:
    """Measure the ratio of both ways, for all models together and for each."""
    os.environ["OMP_NUM_THREADS"] = "1"  # what a worker is born with
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        chapter = books.chapter(Path(folder) / "chapter", PAGES)
        with Library.open(Path(folder) / "overhead.komadori", create=True) as library:
            library.set_settings(_settings())
            executor = LocalExecutor(library.artifacts.root)
            try:
                context = RunContext(library, _settings(), executor, chapter, books.transcript(PAGES))
                for stage in (ingest, read, cast, storyboard, clean):
                    stage.run(context, {})
                painted = _turns(context, "outpaint", outpaint.resolve_plates, "plates")
                outpaint.run(context, {})
                moved = _turns(context, "animate", animate.resolve_motions, "motions")
            finally:
                executor.close()
    both = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(painted, moved, strict=True)]
    over = _ratio(both)
    return [
        BenchmarkRow("the route over its pipelines alone", f"{over:.2f}x", f"<= {BOUND:.2f}x", over <= BOUND),
        BenchmarkRow("  SDXL continues panels", _figures(painted)),
        BenchmarkRow("  Wan makes them move", _figures(moved)),
    ]  # fmt: skip


def _settings() -> Settings:
    options = {name: {**said, "model": str(checkpoint(WEIGHTS[name]))} for name, said in OPTIONS.items()}
    return Settings(
        screen=VideoFormat(width=320, height=180, fps=12),
        backends=Backends(outpaint="sdxl_inpaint", animate="wan_i2v"), options=options,
    )  # fmt: skip


def _turns(
    context: RunContext, stage: str, resolve: Callable[[RunContext, Sequence[ResolvedShot]], None], step: Step
) -> list[tuple[float, float]]:
    """Return the seconds of the route and of the bare calls for each turn."""
    shots = [ResolvedShot(shot) for shot in shots_to_film(context, {})]
    resolve(context, shots)
    jobs = {job.key: job for resolved in shots for job in resolved.jobs(step) or ()}
    warm, *rest = list(jobs.values())[: 1 + STRETCH * TURNS]
    assert len(rest) == STRETCH * TURNS, "a stretch of one job would have nobody beside it"
    context.make(stage, [warm])
    taken = []
    with tempfile.TemporaryDirectory() as folder:  # apart: what stands already is not written again
        elsewhere = Artifacts(Path(shutil.copytree(context.library.artifacts.root, Path(folder) / "artifacts")))
        _call(context, warm, elsewhere).repeat()
        for at in range(0, len(rest), STRETCH):
            stretch = rest[at : at + STRETCH]
            calls = [_call(context, job, elsewhere) for job in stretch]
            route = seconds_of(lambda stretch=stretch: context.make(stage, stretch))  # type: ignore[misc]
            bare = seconds_of(lambda calls=calls: [call.repeat() for call in calls])  # type: ignore[misc]
            taken.append((route, bare))
    devices.release_model()
    return taken


def _call(context: RunContext, job: Job, artifacts: Artifacts) -> Call:
    """Record the one pipeline call of a job by starting the job here."""
    assert job.encode_job is not None, "words are encoded apart"
    ready = job.with_prompt_embeds(context.library.find_made(job.encode_job.key))
    with _recording() as calls, suppress(CallRecorded):
        ready.make(artifacts, **ready.arguments)
    return calls[0]


@contextmanager
def _recording() -> Iterator[list[Call]]:
    """Record the first call of a pipeline within the block, and end the block there."""
    import diffusers

    kinds: list[Any] = [diffusers.StableDiffusionXLInpaintPipeline, diffusers.WanImageToVideoPipeline]
    real, heard = [kind.__call__ for kind in kinds], list[Call]()

    def listen(self: Any, **given: Any) -> Any:
        luck = given["generator"] if isinstance(given["generator"], list) else [given["generator"]]
        heard.append(Call(self, given, [one.initial_seed() for one in luck]))
        raise CallRecorded

    for kind in kinds:
        kind.__call__ = listen
    try:
        yield heard
    finally:
        for kind, inner in zip(kinds, real, strict=True):
            kind.__call__ = inner


def _ratio(taken: list[tuple[float, float]]) -> float:
    """Return the median over the turns, so that a disturbance in one of them does not count."""
    return statistics.median(route / bare for route, bare in taken)


def _figures(taken: list[tuple[float, float]]) -> str:
    route, bare = (statistics.median(times) / STRETCH for times in zip(*taken, strict=True))
    return f"{_ratio(taken):.2f}x: {route:.2f} for {bare:.2f} s a job"
