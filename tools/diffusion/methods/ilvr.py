"""Guide denoising towards a known image by changing the latents after every step (blended diffusion, ILVR).

The known latents are first noised to the level of the step, so that both have the same amount of noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, SchedulerMixin
    from torch import Tensor

Nudge = Callable[["Tensor", "Tensor", float], "Tensor"]
"""(latents, known latents at the same noise, how far the painting is: 0..1) -> latents."""


def keeping(mask: Tensor) -> Nudge:
    """Put back what is known outside `mask` (1 = paint), at every step, so that paint and picture grow together.

    Blended Latent Diffusion (Avrahami et al. 2023), after Blended Diffusion (2022) and RePaint (Lugmayr et al. 2022);
    RePaint's steps back and forth are in `resampling`.
    """
    return lambda latents, known, _: known * (1 - mask.to(latents)) + latents * mask.to(latents)


def toned(factor: int, *, until: float = 0.5) -> Nudge:
    """Take over what is known at the scale of `factor` latents: tones come from the picture, lines from the model.

    ILVR (Choi et al. 2021), with the mean of a block as its low-pass filter, and only `until` this share of the
    steps: the last of them draw what is fine. Latents are (n, c, h, w).
    """

    def nudge(latents: Tensor, known: Tensor, done: float) -> Tensor:
        return latents + _low(known, factor) - _low(latents, factor) if done < until else latents

    return nudge


def callback(known: Tensor, noise: Tensor, nudges: Sequence[Nudge]) -> Callable[..., dict[str, Tensor]]:
    """What a pipeline of diffusers calls after each step (`callback_on_step_end`); the nudges follow each other."""

    def stepped(pipe: DiffusionPipeline, step: int, _: object, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        latents = tensors["latents"]
        here = noised(pipe.scheduler, known.to(latents), noise.to(latents), step)
        for nudge in nudges:
            latents = nudge(latents, here, step / len(pipe.scheduler.timesteps))
        return {"latents": latents}

    return stepped


def noised(scheduler: SchedulerMixin, known: Tensor, noise: Tensor, step: int) -> Tensor:
    """`known` with as much noise as latents have after `step`: none after the last."""
    times = scheduler.timesteps
    if step + 1 >= len(times):
        return known
    if hasattr(scheduler, "scale_noise"):  # flow matching: a straight line from picture to noise
        share: Tensor = scheduler.sigmas[step + 1].to(known)
        return known * (1 - share) + noise * share
    found: Tensor = scheduler.add_noise(known, noise, times[step + 1 : step + 2])
    return found


def _low(latents: Tensor, factor: int) -> Tensor:
    from torch.nn import functional

    size = latents.shape[-2:]
    height, width = (max(1, round(edge / factor)) for edge in size)
    small = functional.adaptive_avg_pool2d(latents, (height, width))
    return functional.interpolate(small, size=list(size), mode="bilinear", align_corners=False)
