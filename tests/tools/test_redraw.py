"""Every redrawer changes what its mask allows, and no other pixel; grey pictures stay grey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import devices
from tools.plates import Image, Mask
from tools.redraw import load_redrawer

SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.004}
CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "sdxl_inpaint": lambda: {**SMALL, "model": str(checkpoint("sdxl_inpaint"))},
    "ledits": lambda: {**SMALL, "steps": 4, "model": str(checkpoint("sdxl_any"))},
    "klein_inpaint": lambda: {**SMALL, "model": str(checkpoint("klein_inpaint"))},
    "zimage_inpaint": lambda: {**SMALL, "model": str(checkpoint("zimage_inpaint"))},
    "qwen_edit": lambda: {"steps": 2, "model": str(checkpoint("qwen_edit")), "guidance": 1.0},
}


@pytest.fixture(autouse=True)
def small_qwen(monkeypatch: pytest.MonkeyPatch) -> None:
    plus = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus"
    monkeypatch.setattr(f"{plus}.VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(f"{plus}.CONDITION_IMAGE_SIZE", 56 * 56)


def left_half() -> Mask:
    mask = np.zeros((64, 96), np.uint8)
    mask[:, :48] = 255
    return mask


def redrawn(name: str, picture: Image, prompt: str = "close her eyes", seed: int = 1, **options: Any) -> Image:
    backend = load_redrawer(name, **{**CASES[name](), **options})
    return backend.redraw(picture, left_half(), prompt=prompt, references=[lines(40, 40)], seed=seed)


@pytest.mark.parametrize("name", CASES)
def test_no_pixel_outside_the_mask_changes_and_grey_stays_grey(name: str) -> None:
    picture = lines(96, 64)
    made = redrawn(name, picture)
    assert made.shape == picture.shape
    assert (made[:, 48:] == picture[:, 48:]).all()
    assert (made[:, :48] != picture[:, :48]).mean() > 0.2
    assert (made[..., 0] == made[..., 1]).all()
    assert (made == redrawn(name, picture)).all()
    assert (made != redrawn(name, picture, seed=2)).any()
    assert (made != redrawn(name, picture, prompt="make it night")).any()


@pytest.mark.parametrize("name", CASES)
def test_a_coloured_panel_may_get_other_colours_where_all_of_it_may_change(name: str) -> None:
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:] = (200, 120, 40)
    backend = load_redrawer(name, **CASES[name]())
    made = backend.redraw(picture, np.full((64, 96), 255, np.uint8), prompt="a lake", references=[], seed=1)
    assert (made.max(axis=2).astype(int) - made.min(axis=2)).max() > 6


@pytest.mark.parametrize("name", ["klein_inpaint", "qwen_edit"])
def test_the_editors_see_the_drawing_that_they_change(name: str) -> None:
    picture = lines(96, 64)
    other = np.where(left_half()[..., None] > 0, 255 - picture, picture)
    assert (redrawn(name, picture)[:, :40] != redrawn(name, other)[:, :40]).any(), "a hole would look the same"


def test_with_little_strength_more_of_the_drawing_shapes_the_result() -> None:
    picture = lines(96, 64)
    other = np.where(left_half()[..., None] > 0, 255 - picture, picture)
    weak, strong = (
        np.abs(
            redrawn("sdxl_inpaint", picture, steps=4, strength=strength).astype(int)
            - redrawn("sdxl_inpaint", other, steps=4, strength=strength)
        )[:, :46].mean()
        for strength in (0.2, 0.95)
    )
    assert weak > strong


def test_without_an_editor_the_drawing_is_the_original() -> None:
    picture = lines(96, 64)
    backend = load_redrawer("original")
    assert (backend.redraw(picture, left_half(), prompt="make it night", references=[], seed=1) == picture).all()


def test_an_edit_by_inversion_is_as_strong_and_as_wide_as_its_options_say() -> None:
    picture = lines(96, 64)

    def edited(guidance: float, threshold: float = 0.0) -> Image:
        return redrawn("ledits", picture, steps=8, edit_guidance=guidance, threshold=threshold)

    plain = edited(0.0).astype(int)
    none, weak, strong, narrow = (
        np.abs(made - plain)[:, :44].mean() for made in (edited(0.0), edited(1.0), edited(15.0), edited(15.0, 0.99))
    )
    assert none == 0
    assert weak < strong
    assert narrow < strong


def test_inversion_in_16_bits_leaves_the_vae_in_its_own_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDXL's own VAE is turned to float32 for inversion; diffusers leaves it so, and its decoder then meets halves."""
    import torch

    monkeypatch.setattr(devices, "torch_dtype", lambda wanted, device: torch.float16)  # as on a GPU
    backend = load_redrawer("ledits", **CASES["ledits"](), dtype="float16")
    for seed in (1, 2):
        made = backend.redraw(lines(96, 64), left_half(), prompt="closed eyes", references=[], seed=seed)
        assert (made != lines(96, 64)).any()
    with backend.painter.pipe.load(backend.painter.assemble) as pipe:  # type: ignore[attr-defined]
        assert str(pipe.vae.dtype) == "torch.float16"
        assert pipe.vae.config.force_upcast
