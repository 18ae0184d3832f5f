"""Images of one batch attend to each other in a real UNet with tiny weights."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tiny.checkpoints import tiny
from tools.diffusion.methods import shared_attention


@pytest.fixture(scope="module")
def unet() -> Any:
    import torch

    torch.manual_seed(0)
    return tiny("sdxl_any").components["unet"]


def predictions(unet: Any, batch: Any) -> Any:
    """Return what the UNet predicts for a batch, step by step: the same latents twice."""
    import torch

    chance = torch.Generator().manual_seed(2)
    conditions = {"text_embeds": torch.zeros(len(batch), 32), "time_ids": torch.zeros(len(batch), 6)}
    words = torch.randn(1, 5, 64, generator=chance).expand(len(batch), -1, -1)
    with torch.inference_mode():
        steps = [unet(batch, time, encoder_hidden_states=words, added_cond_kwargs=conditions) for time in (900, 500)]
    return [step.sample for step in steps]


def batch(*tones: float) -> Any:
    import torch

    chance = torch.Generator().manual_seed(1)
    own = torch.randn(1, 4, 16, 16, generator=chance)
    return torch.cat([*(torch.randn(1, 4, 16, 16, generator=chance) * tone for tone in tones), own])


@pytest.mark.parametrize("mode", ["story", "masa", "first"])
def test_another_first_picture_changes_the_last_and_all_is_put_back_after(unet: Any, mode: str) -> None:
    alone = predictions(unet, batch(1.0, 1.0))

    def last(tone: float) -> Any:
        with shared_attention.share_attention(unet, mode, 2, seed=3):
            pair = batch(tone, 1.0)[[0, 2]]
            return [step[-1] for step in predictions(unet, pair)]

    one, again, other = last(1.0), last(1.0), last(9.0)
    assert (one[1] == again[1]).all()
    assert (one[1] != other[1]).any()
    if mode == "masa":  # its first step is its own: there the lay-out is found
        assert (one[0] == other[0]).all()
    assert all((a == b).all() for a, b in zip(alone, predictions(unet, batch(1.0, 1.0)), strict=True))


def test_one_that_looks_at_itself_alone_is_as_it_was(unet: Any) -> None:
    plain = predictions(unet, batch())
    with shared_attention.share_attention(unet, "first", 1, seed=0):
        shares = predictions(unet, batch())
    assert all((a - b).abs().max() < 1e-5 for a, b in zip(plain, shares, strict=True))
