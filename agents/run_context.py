"""The context that every stage receives: library, settings, executor and progress callback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from agents.executors import Executor, Job, JobResult
from storage.domain import Made, Transcript
from storage.errors import StorageError
from storage.library import Library
from storage.records import EventDraft, Fact
from storage.settings import Settings
from tools import backends
from tools.backends import Backend
from tools.ingest.books import Source

WORDS = "words"
"""What is made for a stage beforehand: its words, encoded."""
ProgressKind = Literal["begin", "made", "failed", "note", "end"]


@dataclass(frozen=True)
class Progress:
    """Something happened on the route: `done` of `total` jobs of `stage`; `kept` of them stood there already."""

    stage: str
    kind: ProgressKind
    text: str = ""
    done: int = 0
    total: int = 0
    kept: int = 0
    seconds: float = 0.0


@dataclass
class BatchResults:
    """The outcome of a batch of jobs, by content key."""

    made: dict[str, Made] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass
class RunContext:
    """Library, settings and hands for one run over the route."""

    library: Library
    settings: Settings
    executor: Executor
    source: Source | None = None
    corrections: Transcript | None = None
    on_progress: Callable[[Progress], None] = lambda progress: None
    round: object | None = field(default=None, compare=False, repr=False)
    """The shots of the round under way and what is known of them: an `agents.resolved_shot.Round`."""

    def backend(self, capability: str, name: str) -> Backend:
        """A backend with the settings that this film has for it. Raises BackendError as `tools.backends.load` does.

        Only what backends of all capabilities have is known of it: call the loader of a capability to put it to work.
        """
        return backends.load_backend(capability, name, **self.settings.options_of(capability, name))

    def generates(self, capability: str, name: str) -> bool:
        """Whether a backend draws by chance what the artist has not drawn."""
        return backends.is_generative(capability, name)

    def make(self, stage: str, jobs: Iterable[Job], known: Mapping[str, Made] | None = None) -> BatchResults:
        """Load, make, keep: run the jobs nothing stands for yet, and keep each as soon as it is done.

        `known` is what stands, by content key, where the jobs were looked up already.
        A job that fails leaves its reason in `failed`. Raises StorageError when nothing can be kept any more.
        """
        wanted = {job.key: job for job in jobs}
        found = self.library.find_many(list(wanted)) if known is None else known
        results = BatchResults(made={key: found[key] for key in wanted if key in found})
        kept = len(results.made)
        stale = self._told([job for key, job in wanted.items() if key not in results.made])
        if not wanted:
            return results
        self._tell(Progress(stage, "begin", done=kept, total=len(wanted), kept=kept), record=bool(stale))
        for count, done in enumerate(self.executor.run(stale), start=kept + 1):
            job = wanted[done.key]
            kind: ProgressKind = "failed" if done.made is None else "made"
            text = job.label if done.made is not None else f"{job.label}: {done.error}"
            progress = Progress(stage, kind, text, count, len(wanted), kept, round(done.seconds, 3))
            self._keep(job, done, results, progress)
            self.on_progress(progress)
        self._tell(Progress(stage, "end", done=len(wanted), total=len(wanted), kept=kept), record=bool(stale))
        return results

    def note(self, stage: str, text: str) -> None:
        """Say something worth keeping about `stage`."""
        self._tell(Progress(stage, "note", text))

    def page_progress(self, stage: str) -> Callable[[int, int], None]:
        """Who is told how many pages of `stage` are done, of how many, and says so."""

        def tell(done: int, total: int) -> None:
            kind: ProgressKind = "end" if done == total else "made" if done else "begin"
            self.on_progress(Progress(stage, kind, f"page {done}", done, total))

        return tell

    def _told(self, jobs: list[Job]) -> list[Job]:
        """The jobs with their words encoded, by model, so that each is loaded once; those without keep their order."""
        words = {job.encode_job.key: job.encode_job for job in jobs if job.encode_job}
        found = self.library.find_many(list(words)) if words else {}
        if missing := [job for key, job in words.items() if key not in found]:
            found |= self.make(WORDS, missing).made
        told = [job.with_prompt_embeds(found.get(job.encode_job.key)) if job.encode_job else job for job in jobs]
        return sorted(told, key=lambda job: job.model)

    def _keep(self, job: Job, done: JobResult, results: BatchResults, progress: Progress) -> None:
        """Keep what came of a job, and that it did."""
        if isinstance(done.cause, StorageError):
            raise done.cause
        facts = {**_numbers(progress), "key": done.key, "tool": job.tool, **_costs(job, done)}
        if done.made is None:
            results.failed[job.key] = done.error
            self.library.add_event(progress.stage, progress.kind, progress.text, **facts)
        else:
            event = EventDraft(stage=progress.stage, kind=progress.kind, text=progress.text, facts=facts)
            self.library.add_made(job.key, job.tool, done.made, event=event)
            results.made[job.key] = done.made

    def _tell(self, progress: Progress, *, record: bool = True) -> None:
        if record:
            self.library.add_event(progress.stage, progress.kind, progress.text, **_numbers(progress))
        self.on_progress(progress)


def _numbers(progress: Progress) -> dict[str, Fact]:
    return {"done": progress.done, "total": progress.total, "seconds": progress.seconds}


def _costs(job: Job, done: JobResult) -> dict[str, Fact]:
    """What a job took of the device, where it took anything, and the model that it went by."""
    words = done.relief.words()
    if not (done.loads or done.peak_mib or words):
        return {}
    return {
        "model": job.model, "loads": done.loads, "load_seconds": done.load_seconds, "peak_mib": done.peak_mib,
        "relief": words, "relief_size": done.relief.size,
    }  # fmt: skip
