"""Share the results of picture jobs between tests, and between the processes that run them."""

from __future__ import annotations

import os
import pickle
import uuid
from pathlib import Path

from agents.executors import Job, JobResult
from storage.artifacts import Artifacts


def is_shareable(job: Job) -> bool:
    """Return whether a job only processes pictures and sounds with the project's own code.

    Jobs of models, of remote services and of backends that tests define run in every test.
    """
    waits_for_server = job.waits and job.tool not in ("mix", "assemble")
    return not (job.model or waits_for_server or job.encode_job or "tests." in repr(job.arguments))


class SharedResults:
    """Results of jobs by content key, in a folder that all test processes use at once.

    Args:
        folder: The folder; it is created.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, root: Path, job: Job) -> JobResult | None:
        """Return the result of a job and put its artifacts into the store at `root`; None if nobody has made it."""
        try:
            result, contents = pickle.loads((self._folder / job.key).read_bytes())
        except FileNotFoundError:
            return None
        store = Artifacts(root)
        for media_type, content in contents:
            store.keep(content, media_type)
        assert isinstance(result, JobResult)
        return result

    def keep(self, root: Path, result: JobResult) -> None:
        """Keep a result with the content of its artifacts; a failure is not kept."""
        if result.made is None:
            return
        store = Artifacts(root)
        contents = [(kept.media_type, store.open(kept).read_bytes()) for kept in result.made.artifacts.values()]
        partial = self._folder / f"{uuid.uuid4().hex}.partial"
        partial.write_bytes(pickle.dumps((result, contents)))
        os.replace(partial, self._folder / result.key)
