"""Inpainters whose pipeline needs more than a plain call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tiny import checkpoint
from tools import backends
from tools.diffusion import inpainting
from tools.diffusion.inpainters.klein import join_side_by_side


def test_several_references_stand_on_one_sheet() -> None:
    tall, wide = Image.new("RGB", (20, 80), "black"), Image.new("RGB", (60, 40), "red")
    assert join_side_by_side([tall]) is tall
    assert join_side_by_side([tall, wide]).size == (70, 40)


def test_klein_does_not_see_what_lies_in_the_hole() -> None:
    backend: Any = backends.load_backend(
        "outpaint", "klein_inpaint", model=str(checkpoint("klein_inpaint")), steps=2, megapixels=0.004
    )
    mask = np.zeros((64, 96), np.uint8)
    mask[:, 48:] = 255
    made = []
    for tone in (0, 255):
        picture = np.full((64, 96, 3), 200, np.uint8)
        picture[:, 64:] = tone
        made += inpainting.repaint(backend.painter, picture, mask, prompt="a wall", references=(), seeds=[1])
    assert (made[0] == made[1]).all()


@pytest.mark.parametrize("blended", [False, True])
def test_qwen_is_told_in_words_and_needs_no_torchvision(monkeypatch: pytest.MonkeyPatch, blended: bool) -> None:
    # the pipeline makes every reference a picture of a million pixels, which a CPU would paint at for minutes
    plus = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus"
    monkeypatch.setattr(f"{plus}.VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(f"{plus}.CONDITION_IMAGE_SIZE", 56 * 56)
    backend: Any = backends.load_backend(
        "outpaint",
        "qwen_edit",
        model=str(checkpoint("qwen_edit")),
        steps=2,
        guidance=1.0,
        megapixels=0.004,
        blended=blended,
    )
    picture, mask = np.full((64, 96, 3), 200, np.uint8), np.zeros((64, 96), np.uint8)
    mask[:, 60:] = 255
    reference = np.zeros((40, 40, 3), np.uint8)
    [made] = inpainting.repaint(backend.painter, picture, mask, prompt="a wall", references=[reference], seeds=[1])
    assert (made[:, :60] == 200).all()
    assert (made[:, 60:] != 200).any()
