"""Inpainters whose pipeline needs more than a plain call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from storage.errors import BackendError
from tests.tiny import checkpoint
from tools import backends
from tools.diffusion import inpainting
from tools.diffusion.inpainters.klein import join_side_by_side
from tools.diffusion.inpainters.qwen import canvas_size


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
        blended=blended,
    )
    picture, mask = np.full((64, 96, 3), 200, np.uint8), np.zeros((64, 96), np.uint8)
    mask[:, 60:] = 255
    reference = np.zeros((40, 40, 3), np.uint8)
    sizes = list[tuple[int, ...]]()
    with backend.painter.pipe.load(backend.painter.assemble) as pipe:
        hook = pipe.transformer.register_forward_pre_hook(
            lambda _, given, named: sizes.extend(named["img_shapes"][0][:2]), with_kwargs=True
        )
    [made] = inpainting.repaint(backend.painter, picture, mask, prompt="a wall", references=[reference], seeds=[1])
    hook.remove()
    assert sizes[0] == sizes[1], "it draws at the size at which it sees the picture"
    assert (made[:, :60] == 200).all()
    assert (made[:, 60:] != 200).any()


def test_qwen_draws_at_the_size_at_which_it_looks_at_what_it_drew() -> None:
    for number in range(400):
        width, height = canvas_size(round(400 * 1.008**number), 1000)
        assert canvas_size(width, height) == (width, height)
        assert 0.9e6 < width * height < 1.2e6


@pytest.mark.parametrize("megapixels", [0.5, 2.0])
def test_qwen_has_no_other_size(megapixels: float) -> None:
    with pytest.raises(BackendError, match="megapixels"):
        backends.load_backend("outpaint", "qwen_edit", megapixels=megapixels)
