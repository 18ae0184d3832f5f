"""Every colourist paints a grey picture in colours, after the pictures that it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.color import load_colorist
from tools.pixels import is_grey
from tools.plates import Image

CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "klein_inpaint": lambda: {"steps": 2, "megapixels": 0.004, "model": str(checkpoint("klein_inpaint"))},
    "qwen_edit": lambda: {"steps": 2, "model": str(checkpoint("qwen_edit")), "guidance": 1.0},
}


@pytest.fixture(autouse=True)
def small_qwen(monkeypatch: pytest.MonkeyPatch) -> None:
    plus = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus"
    monkeypatch.setattr(f"{plus}.VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(f"{plus}.CONDITION_IMAGE_SIZE", 56 * 56)


@pytest.mark.parametrize("name", CASES)
def test_a_grey_picture_gets_colours_that_depend_on_words_and_references(name: str) -> None:
    picture, backend = lines(96, 64), load_colorist(name, **CASES[name]())

    def coloured(prompt: str, *references: Image) -> Image:
        return backend.color(picture, prompt=prompt, references=references, seed=1)

    red = np.full((40, 40, 3), (220, 40, 30), np.uint8)
    made = coloured("a red scarf", red)
    assert made.shape == picture.shape
    assert is_grey(picture)
    assert not is_grey(made)
    assert (made == coloured("a red scarf", red)).all()
    assert (made != coloured("a blue scarf", red)).any()
    assert (made != coloured("a red scarf", 255 - red)).any()


def test_without_an_editor_the_picture_stays() -> None:
    picture = lines(96, 64)
    assert (load_colorist("original").color(picture, prompt="", references=[], seed=1) == picture).all()
