"""Test the executor protocol with real processes that really die."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.executors import Job, RefusingExecutor
from agents.executors.local import MAX_GROUP_JOBS, WORKERS_VARIABLE, LocalExecutor, batches, worker_count
from agents.executors.process_pool import run_in_processes
from agents.executors.worker import run_grouped_job
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.errors import SourceError
from tools import devices, png

pytestmark = pytest.mark.film


HOUSE = Path(__file__).resolve().parents[2]


def write_down(artifacts: Artifacts, *, text: str) -> Made:
    return Made(artifacts={"text": artifacts.keep(text.encode(), "text/plain")}, facts={"process": os.getpid()})


def stumble(artifacts: Artifacts) -> Made:
    raise ValueError("the ground is uneven")


def refuse(artifacts: Artifacts) -> Made:
    raise SourceError("the page is torn", "glue it")


def die(artifacts: Artifacts) -> Made:
    os._exit(9)


def die_once(artifacts: Artifacts, *, mark: str) -> Made:
    if not Path(mark).exists():
        Path(mark).touch()
        os._exit(9)
    return Made()


def who(number: int) -> tuple[int, int]:
    """The process that does it, and how many hands it has; the second one dies."""
    if number == 2:
        os._exit(9)
    return os.getpid(), worker_count()


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[LocalExecutor]:
    executor = LocalExecutor(tmp_path / "artifacts", workers=2)
    yield executor
    executor.close()


def job(name: str, make: object, **arguments: object) -> Job:
    return Job(name, "test", name, make, dict(arguments), waits=name.startswith("wait"))  # type: ignore[arg-type]


def test_every_job_comes_back_done_and_its_artifact_stands(executor: LocalExecutor, tmp_path: Path) -> None:
    done = {d.key: d for d in executor.run(job(f"k{n}", write_down, text=f"page {n}") for n in range(12))}
    assert len(done) == 12
    made = done["k7"].made
    assert made is not None
    assert Artifacts(tmp_path / "artifacts").open(made.artifacts["text"]).read_text() == "page 7"
    assert {d.made.facts["process"] for d in done.values() if d.made} - {os.getpid()}, "nothing ran beside us"


def test_waiting_runs_in_this_process(executor: LocalExecutor) -> None:
    (done,) = executor.run([job("wait", write_down, text="hello")])
    assert done.made is not None
    assert done.made.facts["process"] == os.getpid()


def test_a_job_that_raises_is_done_with_its_reason_and_stops_no_other(executor: LocalExecutor) -> None:
    done = {d.key: d for d in executor.run([job("a", stumble), job("b", refuse), job("c", write_down, text="c")])}
    assert done["a"].error.startswith("ValueError: the ground is uneven (test_executors.py:")
    assert (done["b"].error, done["b"].cause and done["b"].cause.hint) == ("the page is torn", "glue it")
    assert done["c"].made is not None


def test_a_worker_that_dies_takes_only_its_own_job_with_it(executor: LocalExecutor) -> None:
    jobs = [job("fatal", die), *(job(f"k{n}", write_down, text=str(n)) for n in range(6))]
    done = {d.key: d for d in executor.run(jobs)}
    assert "died" in done["fatal"].error
    assert all(done[f"k{n}"].made is not None for n in range(6))


def test_a_job_whose_worker_died_is_tried_once_more(executor: LocalExecutor, tmp_path: Path) -> None:
    (done,) = executor.run([job("k", die_once, mark=str(tmp_path / "mark"))])
    assert done.made is not None


def test_workers_leave_when_their_parent_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
sys.path.insert(0, {str(HOUSE)!r})
from pathlib import Path
from agents.executors.process_pool import run_in_processes
from agents.executors.local import WORKERS_VARIABLE, LocalExecutor, worker_count
from tests.agents.test_executors import job, write_down
if __name__ == '__main__':
    executor = LocalExecutor(Path({str(tmp_path)!r}), workers=2)
    for done in executor.run([job(str(n), write_down, text=str(n)) for n in range(4)]):
        print(done.made.facts['process'], flush=True)
    os.kill(os.getpid(), 9)
"""
    (tmp_path / "program.py").write_text(program)
    said = subprocess.run([sys.executable, str(tmp_path / "program.py")], capture_output=True, text=True, check=False)
    workers = {int(line) for line in said.stdout.split()}
    assert workers, said.stderr
    for _ in range(100):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            return
        time.sleep(0.1)
    pytest.fail("workers outlived their parent")


def test_an_onlooker_makes_nothing() -> None:
    (done,) = RefusingExecutor().run([job("a", write_down, text="a")])
    assert done.made is None


def test_jobs_of_a_model_share_one_process_of_their_own(executor: LocalExecutor) -> None:
    jobs = [Job(f"m{n}", "test", "", write_down, {"text": f"{n}"}, model="wan" if n % 2 else "") for n in range(12)]
    done = {d.key: d for d in executor.run(jobs)}
    process = {key: d.made.facts["process"] for key, d in done.items() if d.made}
    awake = {process[f"m{n}"] for n in range(1, 12, 2)}
    assert len(awake) == 1
    assert awake.isdisjoint(process[f"m{n}"] for n in range(0, 12, 2))


def wake(artifacts: Artifacts, *, name: str) -> Made:
    with devices.load_model(name, lambda: name):
        return Made()


def test_what_a_job_took_of_the_device_comes_back_with_it(executor: LocalExecutor) -> None:
    jobs = [Job(f"w{n}", "test", "", wake, {"name": name}, model=name) for n, name in enumerate("aaabbb")]
    done = list(executor.run(jobs))
    assert [d.error for d in done] == [""] * 6
    assert sum(d.loads for d in done) == 2


def begin(artifacts: Artifacts, *, folder: str, name: str, until: str) -> Made:
    """Leave a mark, then be at the device until another mark is there."""
    (Path(folder) / name).touch()
    with devices.load_model("wan", lambda: "wan"):
        for _ in range(600):
            if not until or (Path(folder) / until).exists():
                return Made(facts={"there": " ".join(sorted(path.name for path in Path(folder).iterdir()))})
            time.sleep(0.05)
    raise AssertionError(f"{until} never came")


def of(model: str, name: str, folder: Path, until: str = "") -> Job:
    return Job(name, "test", name, begin, {"folder": str(folder), "name": name, "until": until}, model=model)


def test_while_the_device_is_at_one_job_the_next_of_its_model_is_begun(executor: LocalExecutor, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    done = list(executor.run([of("wan", "a", marks), of("wan", "b", marks, until="c"), of("wan", "c", marks)]))
    assert [d.error for d in done] == [""] * 3


def test_a_job_of_another_model_waits_until_those_before_it_have_ended(executor: LocalExecutor, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    names = "aabb"
    done = {d.key: d for d in executor.run(of(name, f"{name}{n}", marks) for n, name in enumerate(names))}
    there = {key: d.made.facts["there"] for key, d in done.items() if d.made}
    assert there["a0"] == "a0", "the first goes alone"
    assert there["a1"] == "a0 a1"
    assert there["b2"] == "a0 a1 b2"


def test_when_the_process_of_the_models_dies_only_the_guilty_job_fails(executor: LocalExecutor) -> None:
    jobs = [Job(f"k{n}", "test", "", write_down, {"text": f"{n}"}, model="wan") for n in range(6)]
    jobs.insert(2, Job("fatal", "test", "", die, model="wan"))
    done = {d.key: d for d in executor.run(jobs)}
    assert "died" in done.pop("fatal").error
    assert all(d.made is not None for d in done.values())


def test_processes_apart_share_the_hands_and_one_that_dies_takes_nobody_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, "6")
    done = dict(run_in_processes(who, [1, 2, 3], together=3))
    assert done[2] is None
    assert done[1]
    assert done[3]
    assert len({done[1][0], done[3][0], os.getpid()}) == 3
    assert done[1][1] == done[3][1] == 2


def grouped(number: int, group: str, make: Callable[..., Made] = write_down, model: str = "") -> Job:
    arguments = {"text": str(number)} if make is write_down else {}
    return Job(f"{group}{number}", "x", "", make, arguments, group=group, model=model)


def test_jobs_of_one_group_go_to_one_worker_a_few_at_a_time(executor: LocalExecutor) -> None:
    first, second = ([grouped(number, group) for number in range(5)] for group in ("a", "b"))
    alone, model = Job("alone", "x", "", write_down, {"text": "x"}), grouped(9, "b", model="weights")
    assert list(batches([*first, *second, alone, model])) == [first, second, [alone], [model]]
    many = [grouped(number, "a") for number in range(MAX_GROUP_JOBS + 1)]
    assert [len(batch) for batch in batches(many)] == [MAX_GROUP_JOBS, 1]
    done = {one.key: one.made for one in executor.run([*first, *second])}
    assert len(done) == 10
    for group in ("a", "b"):
        assert len({made.facts["process"] for key, made in done.items() if made and key[0] == group}) == 1


def test_of_a_group_whose_worker_dies_only_the_guilty_job_fails(executor: LocalExecutor) -> None:
    jobs = [grouped(0, "a"), grouped(1, "a", die), grouped(2, "a")]
    done = {one.key: one for one in executor.run(jobs)}
    assert {key: one.made is not None for key, one in done.items()} == {"a0": True, "a1": False, "a2": True}


def wait_for(artifacts: Artifacts, *, mark: str) -> Made:
    """Wait until a file is there."""
    for _ in range(600):
        if Path(mark).exists():
            return Made()
        time.sleep(0.05)
    raise AssertionError(f"{mark} never came")


def test_each_job_of_a_group_comes_back_as_soon_as_it_has_ended(executor: LocalExecutor, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    waiting = Job("a2", "x", "", wait_for, {"mark": str(mark)}, group="a")
    results = executor.run([grouped(0, "a"), grouped(1, "a"), waiting])
    assert [next(results).key, next(results).key] == ["a0", "a1"], "the group has not ended"
    mark.touch()
    assert [(result.key, result.error) for result in results] == [("a2", "")]


def test_jobs_that_a_run_has_left_behind_lose_none_of_the_next_run(executor: LocalExecutor, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    waiting = [Job(f"w{n}", "x", "", wait_for, {"mark": str(mark)}) for n in range(6)]
    left = executor.run([job("first", write_down, text="first"), *waiting])
    assert next(left).key == "first"
    threading.Timer(0.3, mark.touch).start()
    assert len(list(executor.run(grouped(n, "a") for n in range(MAX_GROUP_JOBS + 2)))) == MAX_GROUP_JOBS + 2
    assert len(list(left)) == len(waiting)


def read_page(artifacts: Artifacts, *, path: str) -> Made:
    return Made(facts={"mean": float(png.read_cached(Path(path)).mean())})


def test_jobs_that_run_together_share_a_decoded_page_and_leave_none_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, decoded, decode = tmp_path / "page", list[Path](), png.read_png
    page.write_bytes(png.encode_png(np.full((9, 9), 7, np.uint8)))

    def read_png(path: Path) -> NDArray[np.uint8]:
        decoded.append(path)
        return decode(path)

    monkeypatch.setattr(png, "read_png", read_png)
    for batches_run in (1, 2):
        results = [
            run_grouped_job(tmp_path / "artifacts", job(name, read_page, path=str(page)), is_last=name == "c")
            for name in "abc"
        ]
        assert [result.made and result.made.facts["mean"] for result in results] == [7.0] * 3
        assert decoded == [page] * batches_run
