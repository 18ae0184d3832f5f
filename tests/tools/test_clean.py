"""Every cleaner removes what it should and leaves all other pixels of the page unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from storage.domain import Balloon, Box, Panel
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.clean import load_cleaner

SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.004}
CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "classic": lambda: {},
    "sdxl_inpaint": lambda: {**SMALL, "model": str(checkpoint("sdxl_inpaint"))},
    "klein_inpaint": lambda: {**SMALL, "model": str(checkpoint("klein_inpaint"))},
    "zimage_inpaint": lambda: {**SMALL, "model": str(checkpoint("zimage_inpaint"))},
}
PANEL = Panel(id="p", order=0, box=Box(10, 10, 110, 90), polygon=((10, 10), (110, 10), (90, 90), (10, 90)))
BARE = Balloon(id="t", order=0, box=Box(30, 30, 60, 60), kind="sound", text="BANG")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("remove", [frozenset(), frozenset({"lettering"}), frozenset({"slivers", "lettering"})])
def test_outside_its_mask_the_picture_is_the_page(name: str, remove: frozenset[str]) -> None:
    backend = load_cleaner(name, **CASES[name]())
    page = lines(120, 100)
    cutout = backend.clean(page, PANEL, others=(), balloons=(BARE,), remove=remove, seed=3)
    x0, y0, x1, y1 = (round(edge) for edge in cutout.box)
    own = cutout.pixels[..., 3] == 255
    if cutout.redrawn is not None:
        own &= cutout.redrawn == 0
    own[30 - y0 - 6 : 60 - y0 + 6, 30 - x0 - 6 : 60 - x0 + 6] = False  # the lettering and its padding
    assert own.sum() > 2000
    assert (cutout.pixels[..., :3][own] == page[y0:y1, x0:x1][own]).all()


def test_a_model_completes_a_slanted_panel_and_says_what_it_painted() -> None:
    backend = load_cleaner("sdxl_inpaint", **CASES["sdxl_inpaint"]())
    page = lines(120, 100)
    cutout = backend.clean(page, PANEL, others=(), balloons=(), remove=frozenset({"slivers"}), seed=3)
    assert (cutout.pixels[..., 3] == 255).all()
    assert cutout.redrawn is not None
    assert 0.02 < (cutout.redrawn > 0).mean() < 0.3
    untouched = backend.clean(page, PANEL, others=(), balloons=(), remove=frozenset(), seed=3)
    assert untouched.redrawn is None
    assert (untouched.pixels[..., 3] < 255).any()


def test_whole_balloons_can_go() -> None:
    outline = ((40.0, 30.0), (70.0, 30.0), (70.0, 60.0), (40.0, 60.0))
    balloon = Balloon(id="t", order=0, box=Box(45, 35, 65, 55), text="Hm", outline=outline)
    page = np.full((100, 120, 3), 128, np.uint8)
    page[30:60, 40:70] = 255
    backend = load_cleaner("classic")
    cutout = backend.clean(page, PANEL, others=(), balloons=(balloon,), remove=frozenset({"balloons"}))
    assert cutout.pixels[..., :3].max() < 140


def test_qwen_repaints_only_what_was_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    plus = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus"
    monkeypatch.setattr(f"{plus}.VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(f"{plus}.CONDITION_IMAGE_SIZE", 56 * 56)
    model = str(checkpoint("qwen_edit"))
    backend = load_cleaner("qwen_edit", steps=2, model=model, guidance=1.0, blended=True)
    page = lines(120, 100)
    cutout = backend.clean(page, PANEL, others=(), balloons=(BARE,), remove=frozenset({"lettering"}), seed=3)
    x0, y0, x1, y1 = (round(edge) for edge in cutout.box)
    assert cutout.redrawn is not None
    own = (cutout.pixels[..., 3] == 255) & (cutout.redrawn == 0)
    assert (cutout.pixels[..., :3][own] == page[y0:y1, x0:x1][own]).all()
    assert (cutout.pixels[..., :3] != page[y0:y1, x0:x1])[cutout.redrawn > 0].any()
