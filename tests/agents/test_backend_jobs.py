"""Test which options shape a job's content key, and which model the job needs."""

from __future__ import annotations

from agents import backend_jobs
from agents.executors import Job
from agents.run_context import RunContext
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.settings import Settings
from tests.tiny import checkpoint


def make(artifacts: Artifacts) -> Made:
    return Made()


def test_options_shape_the_key_but_the_place_of_weights_does_not(context: RunContext) -> None:
    def key(**options: str | int | float | bool | list[str]) -> str:
        context.settings = Settings(options={"animate.tests.outside.Tuned": options})
        return backend_jobs.build_job(context, "animate", "tests.outside.Tuned", "s001", make, {"seed": 1}).key

    assert key() == key()
    assert key() != key(steps=3)
    assert key(steps=3) == key(steps=3, offload="group")


def test_a_job_says_which_model_must_be_awake_for_it(context: RunContext) -> None:
    name = "tests.outside.Tuned"
    assert backend_jobs.build_job(context, "animate", name, "s001", make, {}).model == "tuned"
    assert backend_jobs.build_job(context, "animate", "still", "s001", make, {}).model == ""
    assert context.generates("animate", name)
    assert not context.generates("animate", "still")


def test_a_step_cache_shapes_the_key_and_loads_nothing_else(context: RunContext) -> None:
    def job(**options: str) -> Job:
        context.settings = Settings(options={"animate.wan_i2v": {"model": str(checkpoint("wan21_i2v")), **options}})
        return backend_jobs.build_job(context, "animate", "wan_i2v", "s001", make, {"seed": 1})

    jobs = [job(), job(cache="first_block"), job(cache="taylor")]
    assert len({one.key for one in jobs}) == 3
    assert len({one.model for one in jobs}) == 1
