"""Test that RunContext makes only missing results, keeps them, and reports failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from agents.executors import Job, JobResult
from agents.run_context import Progress, RunContext
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.errors import StorageError


def write_down(artifacts: Artifacts, *, text: str) -> Made:
    return Made(artifacts={"text": artifacts.keep(text.encode(), "text/plain")})


def stumble(artifacts: Artifacts) -> Made:
    raise ValueError("the ground is uneven")


def run_out_of_disk(artifacts: Artifacts) -> Made:
    raise StorageError("the disk is full", "free some space")


def job(key: str, make: object = write_down, **arguments: object) -> Job:
    return Job(key, "test", key, make, dict(arguments), waits=True)  # type: ignore[arg-type]


def test_what_stands_is_not_made_again(context: RunContext) -> None:
    said: list[Progress] = []
    context.on_progress = said.append
    first = context.make("clean", [job("a", text="a"), job("b", text="b"), job("a", text="a")])
    assert [(p.kind, p.done, p.total, p.cached) for p in said] == [
        ("begin", 0, 2, 0), ("made", 1, 2, 0), ("made", 2, 2, 0), ("end", 2, 2, 0),
    ]  # fmt: skip
    said.clear()
    again = context.make("clean", [job("a", text="a"), job("b", text="b"), job("c", text="c")])
    assert again.made["a"] == first.made["a"]
    assert [p.text for p in said if p.kind == "made"] == ["c"]


def test_what_is_lost_from_the_disk_is_made_anew(context: RunContext) -> None:
    made = context.make("clean", [job("a", text="a")]).made["a"]
    context.library.artifacts.open(made.artifacts["text"]).unlink()
    assert context.make("clean", [job("a", text="a")]).made["a"] == made
    assert context.library.artifacts.has(made.artifacts["text"])


def test_a_failure_leaves_its_reason_and_stands_for_nothing(context: RunContext) -> None:
    results = context.make("clean", [job("bad", stumble), job("good", text="good")])
    assert results.failed["bad"].startswith("ValueError: the ground is uneven")
    assert set(results.made) == {"good"}
    assert context.library.find_made("bad") is None
    assert next(e.text for e in context.library.events(kinds={"failed"})).startswith("bad: ValueError")


def test_a_full_disk_stops_the_run(context: RunContext) -> None:
    with pytest.raises(StorageError, match="the disk is full"):
        context.make("clean", [job("full", run_out_of_disk)])


def test_jobs_come_by_model_so_that_each_is_loaded_once(context: RunContext) -> None:
    given: list[str] = []
    run = context.executor.run

    def listen(jobs: Iterable[Job]) -> Iterator[JobResult]:
        listed = list(jobs)
        given.extend(job.key for job in listed)
        return run(listed)

    context.executor.run = listen  # type: ignore[method-assign]
    models = {"a": "wan", "b": "klein", "c": "wan", "d": "", "e": "klein"}
    context.make("animate", [replace(job(key, text=key), model=model) for key, model in models.items()])
    assert given == ["d", "b", "e", "a", "c"]
