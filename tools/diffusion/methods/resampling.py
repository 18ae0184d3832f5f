"""Repeat denoising steps with added noise, so that an inpainted area fits the known pixels around it (RePaint).

RePaint (Lugmayr et al. 2022). Known latents that are put back at every step (`ilvr.blend_known`) do not depend on the
content generated beside them. Adding noise again and denoising again lets the two agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING

from storage.errors import BackendError
from tools.diffusion.pipelines import generator

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, SchedulerMixin
    from diffusers.utils import BaseOutput
    from torch import Tensor

REPEATABLE_SCHEDULERS = ("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "FlowMatchEulerDiscreteScheduler")
"""Schedulers whose steps do not depend on the steps before, so that one may be repeated."""
DEFAULT_STRETCHES = 5
"""Number of stretches into which the steps are divided by default."""


def repaint_schedule(steps: int, *, repeats: int, stretch: int) -> list[int]:
    """Return the noise level (of `steps`, 0 the highest) at each step of RePaint's schedule.

    Stretches of `stretch` levels, counted from the last, are each repeated `repeats` times, the first too if whole.
    The schedule has (1 + repeats) * steps entries, and fewer if the stretches do not divide the steps.
    """
    repeats_left = {level: repeats for level in range(steps, stretch - 1, -stretch)}
    schedule, level = list[int](), 0
    while level < steps:
        schedule.append(level)
        level += 1
        if repeats_left.get(level, 0):
            repeats_left[level] -= 1
            level -= stretch
    return schedule


@contextmanager
def repeat_steps(scheduler: SchedulerMixin, *, repeats: int, seeds: Sequence[int], stretch: int = 0) -> Iterator[None]:
    """Let `scheduler` follow the schedule of `repaint_schedule` until the end of the block.

    The pipeline's own loop runs longer: after the last step of a stretch the latents are noised to the level of its
    first, from one seed for each image of the batch. `stretch` 0 is a fifth of all steps. Raises BackendError for a
    scheduler that cannot repeat steps.
    """
    if type(scheduler).__name__ not in REPEATABLE_SCHEDULERS:
        raise BackendError(
            f"{type(scheduler).__name__} cannot go back over its steps", "leave resample = 0, or use an Euler scheduler"
        )
    schedule = _ResamplingSchedule(scheduler, repeats, stretch, seeds)
    scheduler.set_timesteps, scheduler.step = (
        schedule.wrap_set_timesteps(scheduler.set_timesteps),
        schedule.wrap_step(scheduler.step),
    )
    try:
        yield
    finally:
        del scheduler.set_timesteps, scheduler.step


def maybe_repeat_steps(pipe: DiffusionPipeline, repeats: int, seeds: Sequence[int]) -> AbstractContextManager[None]:
    """Return the context in which `pipe` runs: one that changes nothing if `repeats` is 0."""
    return repeat_steps(pipe.scheduler, repeats=repeats, seeds=seeds) if repeats else nullcontext()


class _ResamplingSchedule:
    """Replacements for two methods of a scheduler; `levels` are its own noise levels, n + 1 for n steps."""

    def __init__(self, scheduler: SchedulerMixin, repeats: int, stretch: int, seeds: Sequence[int]) -> None:
        self.scheduler, self.repeats, self.stretch = scheduler, repeats, stretch
        self.generators = [generator(seed) for seed in seeds]
        self.turns = list[int]()
        self.levels: Tensor

    def wrap_set_timesteps(self, lay: Callable[..., None]) -> Callable[..., None]:
        """Return a `set_timesteps` that sets up the repeated schedule."""
        import torch

        @wraps(lay)
        def set_timesteps(*args: object, **kwargs: object) -> None:
            lay(*args, **kwargs)
            self.levels, times = self.scheduler.sigmas, self.scheduler.timesteps
            self.turns = repaint_schedule(
                len(times), repeats=self.repeats, stretch=self.stretch or max(1, len(times) // DEFAULT_STRETCHES)
            )
            self.scheduler.timesteps = times[self.turns]
            self.scheduler.sigmas = torch.cat([self.levels[self.turns], self.levels[-1:]])

        return set_timesteps

    def wrap_step(self, step: Callable[..., BaseOutput]) -> Callable[..., BaseOutput]:
        """Return a `step` that denoises by one level, and adds noise again where the next level is higher."""

        @wraps(step)
        def step_and_noise(
            output: Tensor, time: Tensor, latents: Tensor, *args: object, return_dict: bool = True, **kwargs: object
        ) -> BaseOutput:
            scheduler = self.scheduler
            if scheduler.step_index is None:
                scheduler._init_step_index(time)
            turn = scheduler.step_index
            above, below = scheduler.sigmas[turn + 1].clone(), self.levels[self.turns[turn] + 1]
            scheduler.sigmas[turn + 1] = below
            result = step(output, time, latents, *args, return_dict=return_dict, **kwargs)
            scheduler.sigmas[turn + 1] = above
            if above <= below:
                return result
            if return_dict:
                result.prev_sample = self._add_noise(result.prev_sample, below, above)
                return result
            return self._add_noise(result[0], below, above), *result[1:]

        return step_and_noise

    def _add_noise(self, latents: Tensor, below: Tensor, above: Tensor) -> Tensor:
        """Add noise to latents at the noise level `below`, up to the level `above`."""
        import torch

        shape = latents.shape[1:]
        noise = torch.stack([torch.randn(shape, generator=noise) for noise in self.generators]).to(latents)
        below, above = below.to(latents), above.to(latents)
        if not hasattr(self.scheduler, "scale_noise"):
            return latents + (above**2 - below**2).sqrt() * noise
        signal = (1 - above) / (1 - below)  # flow matching: less of the picture the more noise there is
        return signal * latents + (above**2 - (signal * below) ** 2).sqrt() * noise
