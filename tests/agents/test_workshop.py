"""Load, make, keep: what a workshop makes, keeps, and refuses to make twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from agents.executors import Done, Job
from agents.workshop import Progress, Workshop
from storage.artifacts import Artifacts
from storage.errors import StorageError
from storage.shapes import Made


def write_down(artifacts: Artifacts, *, text: str) -> Made:
    return Made(artifacts={"text": artifacts.keep(text.encode(), "text/plain")})


def stumble(artifacts: Artifacts) -> Made:
    raise ValueError("the ground is uneven")


def run_out_of_disk(artifacts: Artifacts) -> Made:
    raise StorageError("the disk is full", "free some space")


def job(key: str, make: object = write_down, **arguments: object) -> Job:
    return Job(key, "test", key, make, dict(arguments), waits=True)  # type: ignore[arg-type]


def test_what_stands_is_not_made_again(shop: Workshop) -> None:
    said: list[Progress] = []
    shop.say = said.append
    first = shop.make("clean", [job("a", text="a"), job("b", text="b"), job("a", text="a")])
    assert [(p.kind, p.done, p.total, p.kept) for p in said] == [
        ("begin", 0, 2, 0), ("made", 1, 2, 0), ("made", 2, 2, 0), ("end", 2, 2, 0),
    ]  # fmt: skip
    said.clear()
    again = shop.make("clean", [job("a", text="a"), job("b", text="b"), job("c", text="c")])
    assert again.made["a"] == first.made["a"]
    assert [p.text for p in said if p.kind == "made"] == ["c"]


def test_what_is_lost_from_the_disk_is_made_anew(shop: Workshop) -> None:
    made = shop.make("clean", [job("a", text="a")]).made["a"]
    shop.library.artifacts.open(made.artifacts["text"]).unlink()
    assert shop.make("clean", [job("a", text="a")]).made["a"] == made
    assert shop.library.artifacts.has(made.artifacts["text"])


def test_a_failure_leaves_its_reason_and_stands_for_nothing(shop: Workshop) -> None:
    results = shop.make("clean", [job("bad", stumble), job("good", text="good")])
    assert results.failed["bad"].startswith("ValueError: the ground is uneven")
    assert set(results.made) == {"good"}
    assert shop.library.find_made("bad") is None
    assert next(e.text for e in shop.library.events(kinds={"failed"})).startswith("bad: ValueError")


def test_a_full_disk_stops_the_run(shop: Workshop) -> None:
    with pytest.raises(StorageError, match="the disk is full"):
        shop.make("clean", [job("full", run_out_of_disk)])


def test_jobs_come_by_model_so_that_each_is_loaded_once(shop: Workshop) -> None:
    given: list[str] = []
    run = shop.executor.run

    def listen(jobs: Iterable[Job]) -> Iterator[Done]:
        listed = list(jobs)
        given.extend(job.key for job in listed)
        return run(listed)

    shop.executor.run = listen  # type: ignore[method-assign]
    models = {"a": "wan", "b": "klein", "c": "wan", "d": "", "e": "klein"}
    shop.make("animate", [replace(job(key, text=key), model=model) for key, model in models.items()])
    assert given == ["d", "b", "e", "a", "c"]
