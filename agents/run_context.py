"""The context that every stage receives: library, settings, executor and progress callback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from agents.executors import Executor, Job, JobResult
from storage.domain import Made, Transcript
from storage.errors import StorageError
from storage.learned_characters import learned_characters
from storage.records import EventDraft, Fact
from storage.settings import Settings
from tools import backends
from tools.backends import Backend
from tools.ingest.books import Source

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

PROMPT_ENCODING = "words"
"""The name under which prompt encoding is reported, as if it were a stage."""
ProgressKind = Literal["begin", "made", "failed", "note", "end"]


@dataclass(frozen=True)
class Progress:
    """One step of progress: `done` of `total` jobs of `stage`, of which `cached` were in the library already."""

    stage: str
    kind: ProgressKind
    text: str = ""
    done: int = 0
    total: int = 0
    cached: int = 0
    seconds: float = 0.0
    """How long the job took."""


@dataclass
class BatchResults:
    """The results of a batch of jobs, by content key."""

    made: dict[str, Made] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """Content key of a job that failed -> its reason in words."""


@dataclass
class RunContext:
    """The library, settings and executor of one run over the stages."""

    library: Library
    settings: Settings
    executor: Executor
    source: Source | None = None
    """The book, where this run was given one."""
    corrections: Transcript | None = None
    """A transcript by hand, where this run was given one."""
    on_progress: Callable[[Progress], None] = lambda progress: None
    round: object | None = field(default=None, compare=False, repr=False)
    """The shots of the current round and what is known of them: an `agents.resolved_shot.Round`."""
    spoken: object | None = field(default=None, compare=False, repr=False)
    """The lines of the book that are recorded: an `agents.sound.word_times.SpokenLines`."""
    mixed: object | None = field(default=None, compare=False, repr=False)
    """The film from its mix until it is joined: an `agents.stages.mix.MixedFilm`."""

    def backend(self, capability: str, name: str) -> Backend:
        """Load a backend with the options that this film sets for it.

        The type has only what backends of all capabilities share; use the loader of a capability to run one.

        Args:
            capability: The capability, as in `tools/`.
            name: The backend.

        Raises:
            BackendError: As `tools.backends.load_backend` raises.
        """
        return backends.load_backend(capability, name, **self.settings.options_of(capability, name))

    @cached_property
    def learned_loras(self) -> Mapping[tuple[str, str], str]:
        """The hashes of LoRAs of characters, by the id of the character and the identity of the model they are for."""
        return {(one.character, one.base): one.file for one in learned_characters(self.library)}

    def generates(self, capability: str, name: str) -> bool:
        """Return whether a backend generates pixels that the artist has not drawn."""
        return backends.is_generative(capability, name)

    def make(self, stage: str, jobs: Iterable[Job], made_before: Mapping[str, Made] | None = None) -> BatchResults:
        """Run the jobs that have no result yet, and keep each result as soon as it is made.

        Prompts of the jobs are encoded first, and jobs of one model run together, so that each model is loaded once.

        Args:
            stage: The stage under whose name progress is reported.
            jobs: The jobs; those with the same content key run once.
            made_before: The results that the library has, by content key, where they were looked up already.

        Returns:
            All results, old and new; a job that fails leaves its reason in `failed`.

        Raises:
            StorageError: Results cannot be kept any more.
        """
        jobs_by_key = {job.key: job for job in jobs}
        if not jobs_by_key:
            return BatchResults()
        found = self.library.find_many(list(jobs_by_key)) if made_before is None else made_before
        results = BatchResults(made={key: found[key] for key in jobs_by_key if key in found})
        kept = len(results.made)
        missing = self._with_prompts_encoded([job for key, job in jobs_by_key.items() if key not in results.made])
        self._report(Progress(stage, "begin", done=kept, total=len(jobs_by_key), cached=kept), record=bool(missing))
        for number, result in enumerate(self.executor.run(missing), start=kept + 1):
            job = jobs_by_key[result.key]
            kind: ProgressKind = "failed" if result.made is None else "made"
            text = job.label if result.made is not None else f"{job.label}: {result.error}"
            progress = Progress(stage, kind, text, number, len(jobs_by_key), kept, round(result.seconds, 3))
            self._keep_result(job, result, results, progress)
            self.on_progress(progress)
        self._report(
            Progress(stage, "end", done=len(jobs_by_key), total=len(jobs_by_key), cached=kept), record=bool(missing)
        )
        return results

    def note(self, stage: str, text: str) -> None:
        """Report a message about `stage`, and keep it as an event."""
        self._report(Progress(stage, "note", text))

    def page_progress(self, stage: str) -> Callable[[int, int], None]:
        """Return a callback that reports how many pages of `stage` are done, and of how many."""

        def report(done: int, total: int) -> None:
            """Report that `done` of `total` pages are done."""
            kind: ProgressKind = "end" if done == total else "made" if done else "begin"
            self.on_progress(Progress(stage, kind, f"page {done}", done, total))

        return report

    def _with_prompts_encoded(self, jobs: list[Job]) -> list[Job]:
        """Return the jobs with their prompts encoded, sorted by model; jobs without a model keep their order."""
        encode_jobs = {job.encode_job.key: job.encode_job for job in jobs if job.encode_job}
        found = self.library.find_many(list(encode_jobs)) if encode_jobs else {}
        if missing := [job for key, job in encode_jobs.items() if key not in found]:
            found |= self.make(PROMPT_ENCODING, missing).made
        encoded = [job.with_prompt_embeds(found.get(job.encode_job.key)) if job.encode_job else job for job in jobs]
        return sorted(encoded, key=lambda job: job.model)

    def _keep_result(self, job: Job, result: JobResult, results: BatchResults, progress: Progress) -> None:
        """Keep the result of a job and its event."""
        if isinstance(result.cause, StorageError):
            raise result.cause
        facts = {**_progress_facts(progress), "key": result.key, "tool": job.tool, **_device_facts(job, result)}
        if result.made is None:
            results.failed[job.key] = result.error
            self.library.add_event(progress.stage, progress.kind, progress.text, **facts)
        else:
            event = EventDraft(stage=progress.stage, kind=progress.kind, text=progress.text, facts=facts)
            self.library.add_made(job.key, job.tool, result.made, event=event)
            results.made[job.key] = result.made

    def _report(self, progress: Progress, *, record: bool = True) -> None:
        """Report progress, and keep it as an event unless `record` is False."""
        if record:
            self.library.add_event(progress.stage, progress.kind, progress.text, **_progress_facts(progress))
        self.on_progress(progress)


def _progress_facts(progress: Progress) -> dict[str, Fact]:
    """Return the figures of a step of progress, as facts of an event."""
    return {"done": progress.done, "total": progress.total, "seconds": progress.seconds}


def _device_facts(job: Job, result: JobResult) -> dict[str, Fact]:
    """Return what a job took of the device and the model that it used; nothing where it took nothing."""
    relief = result.relief.description()
    if not (result.loads or result.peak_mib or relief):
        return {}
    return {
        "model": job.model, "loads": result.loads, "load_seconds": result.load_seconds, "peak_mib": result.peak_mib,
        "relief": relief, "relief_size": result.relief.size,
    }  # fmt: skip
