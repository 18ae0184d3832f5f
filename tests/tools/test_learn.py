"""Test LoRA trainers with tiny random weights: what they learn changes what is drawn, only while it is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends, devices
from tools.learn import load_trainer, trainer_name
from tools.plates import Cutout, Image

SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.0042, "candidates": 1}
FAMILIES = {
    "sdxl_inpaint": ("sdxl", "sdxl_inpaint"),
    "sdxl_any": ("sdxl", "sdxl_inpaint"),
    "klein_inpaint": ("klein", "klein_inpaint"),
}
"""Checkpoint -> the trainer for it, and the outpainter that draws with it."""


def dark_circle() -> Image:
    down, across = np.mgrid[0:64, 0:64]
    circle = (down - 32) ** 2 + (across - 32) ** 2 < 400
    return np.repeat(np.where(circle, 220, 20).astype(np.uint8)[..., None], 3, axis=2)


def learned(name: str, **options: Any) -> bytes:
    given = {"steps": 4, "rate": 0.01, "rank": 4, "megapixels": 0.0042, **options}
    trainer = load_trainer(FAMILIES[name][0], model=str(checkpoint(name)), **given)
    return trainer.train([dark_circle(), lines(48, 96)], caption="a circle", seed=1)


def painted(name: str, **options: Any) -> Image:
    art = lines(64, 64)
    panel = Cutout(np.dstack([art, np.full((64, 64), 255, np.uint8)]), Box(0, 0, 64, 64))
    backend: Any = backends.load_backend("outpaint", FAMILIES[name][1], model=str(checkpoint(name)), **SMALL, **options)
    pixels: Image = backend.outpaint(
        [panel], (-32, 0, 64, 64), revealed=1, fill="auto", prompt="a circle", references=[], seed=1
    ).pixels
    return pixels


@pytest.mark.parametrize("name", FAMILIES)
def test_what_was_learned_changes_what_is_drawn_without_loading_the_model_again(name: str, tmp_path: Path) -> None:
    before = painted(name)
    with devices.measure_cost() as cost:
        data = learned(name)
        file = tmp_path / "0123abcd"
        file.write_bytes(data)
        after, again = painted(name, learned=[str(file)]), painted(name)
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(before, again)
    assert cost.loads == 0, "training and drawing share the model"


def test_equal_pictures_and_seeds_give_equal_bytes() -> None:
    assert learned("klein_inpaint") == learned("klein_inpaint")


def test_a_trainer_is_found_by_the_pipeline_that_draws() -> None:
    for checkpoint_name, (trainer, drawing) in FAMILIES.items():
        backend: Any = backends.load_backend("outpaint", drawing, model=str(checkpoint(checkpoint_name)))
        assert trainer_name(backend) == trainer
        pupil: Any = load_trainer(trainer, model=str(checkpoint(checkpoint_name)))
        assert pupil.pipe.base_identity == backend.lora_base()
    qwen: Any = backends.load_backend("outpaint", "qwen_edit", model=str(checkpoint("qwen_edit")))
    assert trainer_name(qwen) == ""


def test_without_a_picture_nothing_is_learned() -> None:
    with pytest.raises(BackendError):
        load_trainer("sdxl", model=str(checkpoint("sdxl_inpaint"))).train([], caption="", seed=0)
