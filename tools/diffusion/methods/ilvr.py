"""Guide denoising towards a known image by changing the latents after every step (blended diffusion, ILVR).

The known latents are first noised to the level of the step, so that both have the same amount of noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, SchedulerMixin
    from torch import Tensor

LatentUpdate = Callable[["Tensor", "Tensor", float], "Tensor"]
"""Takes (latents, known latents at the same noise level, progress in 0..1) and returns the changed latents."""


def blend_known(mask: Tensor) -> LatentUpdate:
    """Put the known latents back outside `mask` (1 = inpaint) at every step, so that both parts develop together.

    Blended Latent Diffusion (Avrahami et al. 2023), after Blended Diffusion (2022) and RePaint (Lugmayr et al. 2022);
    RePaint's repeated steps are in `resampling`.
    """
    return lambda latents, known, _: known * (1 - mask.to(latents)) + latents * mask.to(latents)


def match_low_frequencies(factor: int, *, until: float = 0.5) -> LatentUpdate:
    """Take low frequencies from the known latents, at the scale of `factor` latents, and details from the model.

    ILVR (Choi et al. 2021), with block averages as the low-pass filter. Applied only up to the share `until` of the
    steps: the last steps draw the details. Latents are (n, c, h, w).
    """

    def update(latents: Tensor, known: Tensor, done: float) -> Tensor:
        return latents + _low_pass(known, factor) - _low_pass(latents, factor) if done < until else latents

    return update


def step_callback(known: Tensor, noise: Tensor, updates: Sequence[LatentUpdate]) -> Callable[..., dict[str, Tensor]]:
    """Return a `callback_on_step_end` for a diffusers pipeline that applies the updates in turn."""

    def on_step_end(pipe: DiffusionPipeline, step: int, _: object, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        latents = tensors["latents"]
        known_at_step = noise_to_step(pipe.scheduler, known.to(latents), noise.to(latents), step)
        for update in updates:
            latents = update(latents, known_at_step, step / len(pipe.scheduler.timesteps))
        return {"latents": latents}

    return on_step_end


def noise_to_step(scheduler: SchedulerMixin, known: Tensor, noise: Tensor, step: int) -> Tensor:
    """Add as much noise to `known` as the latents have after `step`: none after the last."""
    times = scheduler.timesteps
    if step + 1 >= len(times):
        return known
    if hasattr(scheduler, "scale_noise"):  # flow matching: a straight line from picture to noise
        share: Tensor = scheduler.sigmas[step + 1].to(known)
        return known * (1 - share) + noise * share
    result: Tensor = scheduler.add_noise(known, noise, times[step + 1 : step + 2])
    return result


def _low_pass(latents: Tensor, factor: int) -> Tensor:
    """Low-pass filter latents by averaging blocks of `factor` x `factor`."""
    from torch.nn import functional

    size = latents.shape[-2:]
    height, width = (max(1, round(edge / factor)) for edge in size)
    small = functional.adaptive_avg_pool2d(latents, (height, width))
    return functional.interpolate(small, size=list(size), mode="bilinear", align_corners=False)
