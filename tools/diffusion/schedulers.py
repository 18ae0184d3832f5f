"""Run a pipeline with another shift of its flow-matching scheduler, which moves steps towards high noise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storage.errors import BackendError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


@contextmanager
def with_shift(pipe: DiffusionPipeline, shift: float | None) -> Iterator[None]:
    """Give the scheduler of a loaded pipeline another shift within the block; None for its own.

    Raises BackendError if its scheduler has none.
    """
    if shift is None:
        yield
        return
    before = pipe.scheduler
    pipe.scheduler = type(before).from_config(before.config, **_shift_arguments(pipe, shift))
    try:
        yield
    finally:
        pipe.scheduler = before


def _shift_arguments(pipe: DiffusionPipeline, shift: float) -> dict[str, object]:
    """Return the scheduler's settings for a shift: each kind of scheduler has another name for it."""
    config = pipe.scheduler.config
    if "flow_shift" in config:
        return {"flow_shift": shift}
    if config.get("use_dynamic_shifting"):  # a shift that depends on the image's size, between two logarithms
        return {"base_shift": math.log(shift), "max_shift": math.log(shift), "shift_terminal": None}
    if "shift" in config:
        return {"shift": shift}
    raise BackendError(f"{type(pipe.scheduler).__name__} has no shift", "leave out shift")
