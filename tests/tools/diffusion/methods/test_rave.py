"""Shuffled cells return to their places after a real model ran, and come out more alike."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tiny.checkpoints import tiny
from tools.diffusion.methods.rave import permute_cells, shuffle_cells


def test_cells_are_dealt_out_and_back() -> None:
    import torch

    sheet = torch.arange(2 * 3 * 4 * 6).view(2, 3, 4, 6)
    order = torch.tensor([2, 0, 3, 1])
    moved = permute_cells(sheet, order)
    assert (moved[:, :, :2, :3] == sheet[:, :, 2:, :3]).all()
    assert (moved[:, :, :2, 3:] == sheet[:, :, :2, :3]).all()
    assert (permute_cells(moved, order.argsort()) == sheet).all()
    two = torch.tensor([1, 0])
    assert (permute_cells(sheet, two) == torch.cat([sheet[..., 3:], sheet[..., :3]], dim=3)).all()


def transformer() -> Any:
    """The transformer of FLUX.1 Fill, called as its pipeline does, with tokens and their positions."""
    import torch

    model = tiny("flux_fill").components["transformer"]
    places = torch.zeros(8, 8, 3)
    places[..., 1], places[..., 2] = torch.arange(8)[:, None], torch.arange(8)[None]
    known = torch.randn(64, 64 + 256, generator=torch.Generator().manual_seed(8))[None]

    def predict(sheet: Any) -> Any:
        tokens = sheet.unfold(2, 2, 2).unfold(3, 2, 2).permute(0, 2, 3, 1, 4, 5).reshape(1, 64, 64)
        answer = model(
            hidden_states=torch.cat([tokens, torch.zeros_like(known)], dim=2), timestep=torch.tensor([0.5]),
            guidance=torch.tensor([30.0]), pooled_projections=torch.zeros(1, 32), img_ids=places.view(64, 3),
            encoder_hidden_states=torch.zeros(1, 4, 32), txt_ids=torch.zeros(4, 3), return_dict=False,
        )[0]  # fmt: skip
        return answer.view(1, 8, 8, 16, 2, 2).permute(0, 3, 1, 4, 2, 5).reshape(1, 16, 16, 16)

    return SimpleNamespace(transformer=model, vae_scale_factor=8, channels=16), predict


def unet() -> Any:
    import torch

    model = tiny("sdxl_any").components["unet"]
    conditions = {"text_embeds": torch.zeros(1, 32), "time_ids": torch.zeros(1, 6)}

    def predict(sheet: Any) -> Any:
        return model(
            sheet, 500, encoder_hidden_states=torch.zeros(1, 5, 64), added_cond_kwargs=conditions, return_dict=False
        )[0]  # fmt: skip

    return SimpleNamespace(unet=model, vae_scale_factor=8, channels=4), predict


@pytest.mark.parametrize("kind", [unet, transformer])
def test_four_times_the_same_comes_out_more_alike_when_it_stands_everywhere_in_turn(kind: Any) -> None:
    import torch

    torch.manual_seed(0)
    pipe, predict = kind()
    cell = torch.randn(1, pipe.channels, 8, 8, generator=torch.Generator().manual_seed(1))

    def apart(going: Any) -> tuple[float, Any]:
        sheet = cell.repeat(1, 1, 2, 2)
        with going, torch.inference_mode():
            for _ in range(12):
                sheet = sheet - 0.1 * predict(sheet)
        cells = torch.stack([sheet[..., y : y + 8, x : x + 8] for y in (0, 8) for x in (0, 8)])
        return float((cells - cells.mean(0)).abs().mean()), sheet

    (fixed, plain), (moving, sheet) = apart(nullcontext()), apart(shuffle_cells(pipe, 4, 128, seed=2))
    assert moving < 0.7 * fixed
    assert (apart(shuffle_cells(pipe, 4, 128, seed=2))[1] == sheet).all()
    assert (apart(shuffle_cells(pipe, 4, 128, seed=3))[1] != sheet).any()
    assert (apart(nullcontext())[1] == plain).all(), "all is put back"
