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

    `make(artifacts, **arguments) -> Made` is a function at the top of a module, so that it can run anywhere;
    it keeps what it made in `artifacts` and touches nothing else. `waits` marks work that waits for
    something far away rather than computes: it takes no place among the processes. `model` names the weights that
    must be awake on the device for it, "" for none: such jobs run one after the other in a process of their own.

    `words` is the job that encodes what it is asked in words, where that is done apart: it comes first (`told`).
    Jobs of one `group` that stand beside each other read the same page: one worker does them one after the other, so
    that it is decoded once.
    """

    key: str
    tool: str
    label: str
    make: Callable[..., Made]
    arguments: dict[str, Any] = field(default_factory=dict)
    waits: bool = False
    model: str = ""
    encode_job: Job | None = None
    denoiser_id: str = ""
    group: str = ""

    def with_prompt_embeds(self, made: Made | None) -> Job:
        """Return the job with its prompt embeddings in `words`, to be run by the model `denoiser_id`."""
        if made is None or self.encode_job is None:
            return replace(self, encode_job=None)
        said = {**self.arguments, "words": made.artifacts["words"].sha256}
        return replace(self, arguments=said, model=self.denoiser_id, encode_job=None)


@dataclass(frozen=True)
class JobResult:
    """A job that came to its end: `made`, or the `error` in words. `cause` is set when the user can mend it.

    `loads` models were loaded for it in `load_seconds`, it took `peak_mib` MiB of the device, and needed `relief`.
    """

    key: str
    made: Made | None
    error: str = ""
    cause: KomadoriError | None = None
    seconds: float = 0.0
    loads: int = 0
    load_seconds: float = 0.0
    peak_mib: int = 0
    relief: Relief = field(default_factory=Relief)


class Executor(Protocol):
    """Runs jobs somewhere, in any order, several at a time."""

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Yield a Done for every job as soon as it ends. A job that raises is a Done, never an exception."""
        ...

    def close(self) -> None:
        """Stop all workers at once; jobs under way are lost."""
        ...


class RefusingExecutor:
    """The executor of somebody who only looks: it refuses every job."""

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Refuse, if there is anything to do at all."""
        for job in jobs:
            yield JobResult(job.key, None, error="nobody works here")

    def close(self) -> None:
        """Nothing to stop."""
