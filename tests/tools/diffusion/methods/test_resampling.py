"""Resampling: the order of the steps, their noise levels, and an inpainted half that matches the known half."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from storage.errors import BackendError
from tools.diffusion.methods import ilvr
from tools.diffusion.methods.resampling import repaint_schedule, repeat_steps


def schedulers() -> list[Any]:
    from diffusers import EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler

    return [EulerDiscreteScheduler(beta_schedule="scaled_linear"), FlowMatchEulerDiscreteScheduler()]


def test_every_stretch_is_gone_through_again_before_the_next() -> None:
    assert repaint_schedule(4, repeats=0, stretch=2) == [0, 1, 2, 3]
    assert repaint_schedule(4, repeats=1, stretch=2) == [0, 1, 0, 1, 2, 3, 2, 3]
    assert repaint_schedule(3, repeats=2, stretch=1) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert repaint_schedule(5, repeats=1, stretch=2) == [0, 1, 2, 1, 2, 3, 4, 3, 4], (
        "counted from the clean end, as RePaint does"
    )
    assert repaint_schedule(3, repeats=3, stretch=9) == [0, 1, 2]


@pytest.mark.parametrize("kind", [0, 1])
def test_at_every_turn_a_picture_has_the_noise_of_its_level(kind: int) -> None:
    """With a model that knows the image, the rest of its latents is noise of the level's own size at every step."""
    import torch

    scheduler, picture = schedulers()[kind], torch.full((1, 4, 64, 64), 0.5)
    chance = torch.Generator().manual_seed(1)
    with repeat_steps(scheduler, repeats=1, stretch=2, seeds=[2]):
        scheduler.set_timesteps(6)
        scheduler.set_begin_index(0)
        assert len(scheduler.timesteps) == 12
        latents = torch.randn(picture.shape, generator=chance) * getattr(scheduler, "init_noise_sigma", 1.0)
        for time in scheduler.timesteps:
            level = scheduler.sigmas[scheduler.step_index or 0]
            share = 1 - level if kind else torch.tensor(1.0)
            assert abs(float((latents - share * picture).std() / level) - 1) < 0.05
            scheduler.scale_model_input(latents, time) if not kind else None
            noise = (latents - share * picture) / level
            output = noise - picture if kind else noise
            latents = scheduler.step(output, time, latents, return_dict=False)[0]
    assert (latents - picture).abs().max() < 1e-3
    scheduler.set_timesteps(6)
    assert len(scheduler.timesteps) == 6, "all is put back"


def painted(repeats: int) -> float:
    """Return how far the inpainted half of an image is from the known half, which it equals in the training data.

    The model is ideal: data are pairs (a, a) with a of unit variance, and it predicts their conditional mean.
    """
    import torch

    scheduler = schedulers()[0]
    both = torch.randn(1, 1, 4096, 1, generator=torch.Generator().manual_seed(3)).expand(-1, -1, -1, 2).contiguous()
    hole = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)
    noise = torch.randn(both.shape, generator=torch.Generator().manual_seed(4))
    put_back = ilvr.step_callback(both, noise, [ilvr.blend_known(hole)])
    going = repeat_steps(scheduler, repeats=repeats, stretch=2, seeds=[5]) if repeats else nullcontext()
    with going:
        scheduler.set_timesteps(8)
        scheduler.set_begin_index(0)
        latents = torch.randn(both.shape, generator=torch.Generator().manual_seed(6)) * scheduler.init_noise_sigma
        for turn, time in enumerate(scheduler.timesteps):
            level = scheduler.sigmas[turn]
            scheduler.scale_model_input(latents, time)
            likely = latents.sum(-1, keepdim=True) / (2 + level**2)
            latents = scheduler.step((latents - likely) / level, time, latents, return_dict=False)[0]
            latents = put_back(SimpleNamespace(scheduler=scheduler), turn, time, {"latents": latents})["latents"]
    assert (latents[..., 0] == both[..., 0]).all()
    return float((latents[..., 1] - both[..., 1]).abs().mean())


def test_what_is_painted_agrees_better_with_what_is_given_the_more_often_it_is_gone_over() -> None:
    never, once, often = painted(0), painted(1), painted(6)
    assert once < 0.9 * never
    assert often < 0.5 * never


def test_pipelines_may_still_ask_what_a_scheduler_takes() -> None:
    scheduler = schedulers()[1]
    before = inspect.signature(scheduler.set_timesteps)
    with repeat_steps(scheduler, repeats=1, stretch=1, seeds=[0]):
        assert inspect.signature(scheduler.set_timesteps) == before
        assert "return_dict" in inspect.signature(scheduler.step).parameters


def test_a_scheduler_that_remembers_its_steps_is_refused() -> None:
    from diffusers import UniPCMultistepScheduler

    with (
        pytest.raises(BackendError, match="UniPC"),
        repeat_steps(UniPCMultistepScheduler(), repeats=1, stretch=1, seeds=[0]),
    ):
        pass
