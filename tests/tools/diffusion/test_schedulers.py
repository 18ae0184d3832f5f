"""A shift reaches every kind of flow-matching scheduler for one call, and is refused by the others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from storage.errors import BackendError
from tools.diffusion.schedulers import with_shift


def sigmas(scheduler: Any, **options: Any) -> Any:
    scheduler.set_timesteps(4, **options)
    return scheduler.sigmas


def test_a_shift_holds_for_one_block() -> None:
    from diffusers import UniPCMultistepScheduler

    own = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    pipe: Any = SimpleNamespace(scheduler=own)
    with with_shift(pipe, 5.0):
        assert pipe.scheduler.config.flow_shift == 5.0
        assert sigmas(pipe.scheduler)[1] > sigmas(own)[1]
    assert pipe.scheduler is own
    with with_shift(pipe, None):
        assert pipe.scheduler is own


def test_a_shift_that_depends_on_the_size_becomes_a_fixed_one() -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler

    dynamic = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift_terminal=0.02)
    fixed: Any = SimpleNamespace(scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0))
    pipe: Any = SimpleNamespace(scheduler=dynamic)
    with with_shift(pipe, 3.0), with_shift(fixed, 3.0):
        config = pipe.scheduler.config
        assert config.base_shift == config.max_shift
        start = [1.0, 0.75, 0.5, 0.25]
        moved = 3.0 * 0.75 / (1 + 2.0 * 0.75)
        assert float(sigmas_of(pipe.scheduler, start, config.base_shift)[1]) == pytest.approx(moved)
        assert fixed.scheduler.config.shift == 3.0


def sigmas_of(scheduler: Any, start: list[float], mu: float) -> Any:
    scheduler.set_timesteps(sigmas=start, mu=mu)
    return scheduler.sigmas


def test_a_shift_changes_what_qwen_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.domain import Box
    from tests.tiny import checkpoint
    from tests.tools.drawings import lines
    from tools import backends
    from tools.plates import Cutout

    monkeypatch.setattr("diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus.VAE_IMAGE_SIZE", 64 * 64)
    panel = Cutout(np.dstack([lines(64, 64), np.full((64, 64), 255, np.uint8)]), Box(0, 0, 64, 64))

    def painted(**options: object) -> Any:
        backend: Any = backends.load_backend(
            "outpaint", "qwen_edit", model=str(checkpoint("qwen_edit")), steps=3, **options
        )  # fmt: skip
        return backend.outpaint(
            [panel], (-32, 0, 64, 64), revealed=1, fill="auto", prompt="", references=[], seed=1
        ).pixels  # fmt: skip

    assert (painted() != painted(shift=9.0)).any()


def test_a_scheduler_without_a_shift_refuses_it() -> None:
    from diffusers import DDIMScheduler

    pipe: Any = SimpleNamespace(scheduler=DDIMScheduler())
    with pytest.raises(BackendError, match="DDIMScheduler has no shift"), with_shift(pipe, 3.0):
        pass
