"""FrameInit noise contains the first frame's low frequencies, and a video generated from it keeps the layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.animate import load_animator
from tools.diffusion.methods.frameinit import SIGNAL_SHARE, mix_low_frequencies
from tools.plates import Plate


def low(latents: Any) -> Any:
    """Return means of 8 by 8 latents."""
    from torch.nn import functional

    return functional.avg_pool3d(latents, (1, 8, 8))


def alike(one: Any, other: Any) -> float:
    return float((one * other).mean() / (one.square().mean() * other.square().mean()).sqrt())


def noise_and_first() -> tuple[Any, Any]:
    """Return noise of 16 frames, and a first frame of large tones, of unit variance like any latents."""
    import torch

    chance = torch.Generator().manual_seed(1)
    tones = torch.randn(1, 4, 1, 8, 8, generator=chance).repeat_interleave(8, 3).repeat_interleave(8, 4)
    return torch.randn(1, 4, 16, 64, 64, generator=chance), tones / tones.std()


def test_low_frequencies_are_the_first_frame_s_in_all_frames_and_high_ones_are_chance() -> None:
    noise, first = noise_and_first()
    made = mix_low_frequencies(noise, first)
    share = [
        float((low(made - noise)[:, :, at] * low(first)[:, :, 0]).mean() / low(first).square().mean())
        for at in range(16)
    ]
    assert all(0.5 * SIGNAL_SHARE < one < 1.1 * SIGNAL_SHARE for one in share)
    assert max(share) - min(share) < 0.02, "it stands still"
    assert abs(float(made.std()) - 1) < 0.02, "the model finds as much noise as it knows"
    fine, before = made - _blurred(made), noise - _blurred(noise)
    assert alike(fine, before) > 0.99


def test_a_film_keeps_to_the_lay_out_of_its_first_frame() -> None:
    """Compare both kinds of noise with an ideal model of still videos."""
    import torch
    from diffusers import EulerDiscreteScheduler

    noise, first = noise_and_first()

    def film(latents: Any) -> Any:
        scheduler = EulerDiscreteScheduler(beta_schedule="scaled_linear")
        scheduler.set_timesteps(10)
        latents = latents * scheduler.init_noise_sigma
        for time in scheduler.timesteps:
            level = scheduler.sigmas[scheduler.step_index or 0]
            scheduler.scale_model_input(latents, time)
            likely = latents.mean(2, keepdim=True) * 16 / (16 + level**2)
            latents = scheduler.step((latents - likely) / level, time, latents, return_dict=False)[0]
        return latents

    with torch.inference_mode():
        by_chance, begun_so = (
            alike(low(film(noise)), low(first)),
            alike(low(film(mix_low_frequencies(noise, first))), low(first)),
        )
    assert abs(by_chance) < 0.2
    assert begun_so > 0.8


CASES: dict[str, dict[str, Any]] = {
    "wan_i2v": {"model": "wan21_i2v"},
    "wan_vace": {"model": "wan_vace"},
    "animatediff": {"model": "sd15", "motion": "motion_adapter", "control": "sparsectrl"},
}


@pytest.mark.parametrize("name", CASES)
def test_a_pipeline_begins_so(name: str) -> None:
    import torch

    given = {key: str(checkpoint(said)) for key, said in CASES[name].items()}
    art = lines(256, 192)
    plate = Plate(art, Box(0, 0, 256, 192), np.full(art.shape[:2], 255, np.uint8))
    begins = list[Any]()
    for frameinit in (False, True):
        animator: Any = load_animator(
            name,
            steps=1,
            guidance=1.0,
            megapixels=0.006,
            frames=5,
            rate=4.0,
            cadence="model",
            frameinit=frameinit,
            **given,
        )
        with animator.sampler.pipe.load(getattr(animator, "_assemble", None)) as pipe:
            model = pipe.unet if hasattr(pipe, "unet") else pipe.transformer

            def keep(_: Any, positional: Any, named: Any) -> None:
                begins.append((positional[0] if positional else named["hidden_states"]).clone())

            hook = model.register_forward_pre_hook(keep, with_kwargs=True)
            made = animator.animate(plate, seconds=1, prompt="rain", references=[art], seed=1)
            hook.remove()
        assert len(made.frames) == 5
    by_chance, begun_so = begins
    change = (begun_so - by_chance)[:, : 4 if name == "animatediff" else 16]
    if name == "wan_vace":
        assert (change[:, :, 0] == 0).all(), "the reference stands before the film"
        change = change[:, :, 1:]
    assert (change != 0).any()
    spread = change.std(2).mean() / change.std()
    assert spread < 0.2, "it stands still"
    assert torch.isfinite(begun_so).all()


def _blurred(latents: Any) -> Any:
    from torch.nn import functional

    return functional.avg_pool2d(latents[0], 3, stride=1, padding=1)[None]
