"""Protocol of executors, which run jobs and yield each result as soon as it is done. Executors know no library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from storage.domain import Made
from storage.errors import KomadoriError
from tools.devices import Relief


@dataclass(frozen=True)
class Job:
    """One piece of work under its content key.

    Jobs of one `group` that follow each other read the same page: one worker does them in order, so that the page is
    decoded once.
    """

    key: str
    """The content key of its result."""
    tool: str
    """The tool that is recorded with the result."""
    label: str
    """Its name in messages, such as a shot's id."""
    make: Callable[..., Made]
    """A function at the top of a module, so that any process can run it: `make(artifacts, **arguments) -> Made`.

    It keeps its results in `artifacts` and changes nothing else.
    """
    arguments: dict[str, Any] = field(default_factory=dict)
    waits: bool = False
    """It waits, for a remote service or for ffmpeg, rather than computes, so it runs in a thread and takes no process.

    A short job may do so too: starting a process takes as long as a third of a second of work.
    """
    model: str = ""
    """The weights that must be on the device for it, "" for none. Such jobs run in a process of their own."""
    encode_job: Job | None = None
    """The job that encodes its prompt first, where the text encoder runs separately; see `with_prompt_embeds`."""
    denoiser_id: str = ""
    """The model that runs the job once its prompt is encoded."""
    group: str = ""

    def with_prompt_embeds(self, made: Made | None) -> Job:
        """Return the job with its prompt embeddings as argument `words`, to be run by the model `denoiser_id`.

        Without embeddings (`made` is None) the job loads the whole model and encodes its prompt itself.
        """
        if made is None or self.encode_job is None:
            return replace(self, encode_job=None)
        arguments = {**self.arguments, "words": made.artifacts["words"].sha256}
        return replace(self, arguments=arguments, model=self.denoiser_id, encode_job=None)


@dataclass(frozen=True)
class JobResult:
    """The result of a job that has ended."""

    key: str
    made: Made | None
    """None where the job failed."""
    error: str = ""
    """Why it failed, in words."""
    cause: KomadoriError | None = None
    """The error itself, where the user can fix it."""
    seconds: float = 0.0
    """How long it ran, without waiting for the device."""
    loads: int = 0
    """How many models were loaded for it."""
    load_seconds: float = 0.0
    """How long that took."""
    peak_mib: int = 0
    """The most device memory that it used, in MiB."""
    relief: Relief = field(default_factory=Relief)
    """What was done because device memory did not suffice."""


class Executor(Protocol):
    """Protocol of an object that runs jobs somewhere, in any order, several at a time."""

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run jobs, and yield each result as soon as it is there.

        Args:
            jobs: The jobs; they may be produced lazily.

        Yields:
            One result for every job. A job that raises gives a result with its error, never an exception.
        """
        ...

    def close(self) -> None:
        """Stop all workers at once; running jobs are lost."""
        ...


class RefusingExecutor:
    """The executor of a read-only context: it refuses every job."""

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Yield an error for every job."""
        for job in jobs:
            yield JobResult(job.key, None, error="nobody works here")

    def close(self) -> None:
        """Do nothing; there are no workers."""
