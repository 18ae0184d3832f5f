"""Known latents stay unchanged, and low frequencies come from the known image, with real schedulers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tools.diffusion.methods import ilvr


def schedulers() -> list[Any]:
    from diffusers import EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler

    made = [EulerDiscreteScheduler(), FlowMatchEulerDiscreteScheduler()]
    for scheduler in made:
        scheduler.set_timesteps(4)
    return made


@pytest.mark.parametrize("kind", [0, 1])
def test_known_latents_have_less_noise_after_every_step_and_none_after_the_last(kind: int) -> None:
    import torch

    scheduler, known, noise = schedulers()[kind], torch.zeros(1, 4, 8, 8), torch.ones(1, 4, 8, 8)
    left = [float(ilvr.noise_to_step(scheduler, known, noise, step).mean()) for step in range(4)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 0
    assert left[-1] == 0


def test_outside_the_mask_the_last_step_leaves_exactly_what_is_known() -> None:
    import torch

    known, mask = torch.randn(1, 4, 8, 8), torch.zeros(1, 1, 8, 8)
    mask[..., 4:] = 1
    pipe = SimpleNamespace(scheduler=schedulers()[0])
    latents = torch.randn(2, 4, 8, 8)
    call = ilvr.step_callback(known, torch.randn(1, 4, 8, 8), [ilvr.blend_known(mask)])
    kept = call(pipe, 3, None, {"latents": latents})["latents"]
    assert (kept[..., :4] == known[..., :4]).all()
    assert (kept[..., 4:] == latents[..., 4:]).all()


def test_large_tones_are_taken_over_and_fine_lines_are_not_and_late_steps_are_free() -> None:
    import torch

    nudge = ilvr.match_low_frequencies(4, until=0.5)
    latents, known = torch.randn(1, 4, 16, 16), torch.full((1, 4, 16, 16), 3.0)
    early, late = nudge(latents, known, 0.0), nudge(latents, known, 0.5)
    assert (early.mean() - 3).abs() < 0.1
    assert early.std() > 0.5 * latents.std()
    assert (late == latents).all()
