"""What enters the key of a job, and what a drawing model may look at."""

from __future__ import annotations

from agents import making
from agents.executors import Job
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.settings import Settings
from storage.shapes import Made
from tests.tiny import checkpoint


def make(artifacts: Artifacts) -> Made:
    return Made()


def test_options_shape_the_key_but_the_place_of_weights_does_not(shop: Workshop) -> None:
    def key(**options: str | int | float | bool) -> str:
        shop.settings = Settings(options={"animate.tests.outside.Tuned": options})
        return making.job(shop, "animate", "tests.outside.Tuned", "s001", make, {"seed": 1}).key

    assert key() == key()
    assert key() != key(steps=3)
    assert key(steps=3) == key(steps=3, offload="group")


def test_a_job_says_which_model_must_be_awake_for_it(shop: Workshop) -> None:
    name = "tests.outside.Tuned"
    assert making.job(shop, "animate", name, "s001", make, {}).model == "tuned"
    assert making.job(shop, "animate", "still", "s001", make, {}).model == ""
    assert shop.generates("animate", name)
    assert not shop.generates("animate", "still")


def test_a_step_cache_shapes_the_key_and_loads_nothing_else(shop: Workshop) -> None:
    def job(**options: str) -> Job:
        shop.settings = Settings(options={"animate.wan_i2v": {"model": str(checkpoint("wan21_i2v")), **options}})
        return making.job(shop, "animate", "wan_i2v", "s001", make, {"seed": 1})

    jobs = [job(), job(cache="first_block"), job(cache="taylor")]
    assert len({one.key for one in jobs}) == 3
    assert len({one.model for one in jobs}) == 1
