"""A model with 32 temporal positions generates longer videos through windows, and leaves short videos unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.animate import load_animator
from tools.diffusion.methods.temporal_windows import repeat_noise, window_stride
from tools.plates import Motion, Plate

PLACES = 32


def filmed(frames: int, *, window: int, longer: str) -> tuple[Motion, set[int]]:
    """Return the motion, and the number of frames in every call of temporal attention."""
    animator: Any = load_animator(
        "animatediff", model=str(checkpoint("sd15")), motion=str(checkpoint("motion_adapter")),
        control=str(checkpoint("sparsectrl")), steps=1, megapixels=0.001, frames=window, rate=8.0, longer=longer,
        cadence="model",
    )  # fmt: skip
    seen, hooks = set[int](), []
    with animator.sampler.pipe.load(animator._assemble) as pipe:
        for model in (pipe.unet, pipe.controlnet):
            for name, layer in model.named_modules():
                if "motion_modules" in name and name.endswith("attn1"):
                    hooks.append(layer.register_forward_pre_hook(lambda _, given: seen.add(given[0].shape[1])))
        art = lines(64, 64)
        plate = Plate(art, Box(0, 0, 64, 64), np.full(art.shape[:2], 255, np.uint8))
        motion = animator.animate(plate, seconds=(frames - 1) / 8, prompt="rain", references=(), seed=1)
        for hook in hooks:
            hook.remove()
    return motion, seen


def test_a_long_film_is_looked_at_window_by_window() -> None:
    motion, seen = filmed(PLACES + 8, window=8, longer="windows")
    assert len(motion.frames) == PLACES + 8
    assert seen == {8}
    with pytest.raises(RuntimeError, match="32"):
        filmed(PLACES + 8, window=PLACES + 8, longer="hold")


def test_a_film_that_fits_one_window_is_as_it_was() -> None:
    (plain, _), (seen_through, looks) = (filmed(5, window=8, longer=longer) for longer in ("hold", "windows"))
    # sums in another order: a value may round to the next
    assert np.abs(plain.frames.astype(int) - seen_through.frames).max() <= 1
    assert looks == {5}


def test_later_noise_is_earlier_noise_in_another_order() -> None:
    import torch

    noise: Any = torch.randn(1, 4, 30, 2, 2, generator=torch.Generator().manual_seed(1))
    long: Any = repeat_noise(noise, 8, seed=2)
    assert long.shape == noise.shape
    assert (long[:, :, :8] == noise[:, :, :8]).all()
    assert len(long.unique()) == 4 * 8 * 2 * 2
    for at in range(0, 30 - 8, window_stride(8)):
        assert (long[:, :, at : at + 8].sort(2)[0] == noise[:, :, :8].sort(2)[0]).all(), "every window begins alike"
    assert (repeat_noise(noise, 8, seed=3) != long).any()
