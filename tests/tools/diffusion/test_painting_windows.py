"""Windows cover what is to be painted, at the scale of the page, from the rim of what is known outwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pictures

from tests.tiny import checkpoint
from tools import devices
from tools.diffusion import inpainting
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.painting_windows import CONTEXT, MAX_WINDOWS, max_windows, plan_windows
from tools.diffusion.pipelines import PipelineSpec
from tools.diffusion.weights import Weights
from tools.plates import Image, Mask

CANVAS: dict[str, Any] = {"megapixels": 0.0064, "multiple": 8}
"""80 x 80 pixels."""


def hole(size: tuple[int, int], *boxes: tuple[int, int, int, int]) -> Mask:
    mask = np.zeros((size[1], size[0]), np.uint8)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = 255
    return mask


def around(size: tuple[int, int], box: tuple[int, int, int, int]) -> Mask:
    return np.asarray(255 - hole(size, box), np.uint8)


MASKS = {
    "holes that share a window": (hole((400, 300), (10, 10, 30, 20), (40, 30, 60, 50)), 1),
    "two far apart": (hole((400, 300), (10, 10, 30, 20), (300, 200, 330, 260)), 2),
    "a long one": (hole((400, 300), (100, 40, 130, 190)), 3),
    "a wide field": (around((300, 80), (110, 0, 190, 80)), 4),
    "a narrow field": (around((304, 37), (110, 0, 190, 37)), 2),
    "a small picture": (around((90, 60), (20, 0, 90, 60)), 1),
    "a field of many windows": (around((700, 500), (300, 200, 400, 300)), None),
}


@pytest.mark.parametrize("case", MASKS)
def test_windows_cover_the_mask_and_paint_nothing_else(case: str) -> None:
    mask, count = MASKS[case]
    planned = plan_windows(mask, MAX_WINDOWS, **CANVAS)
    covered = np.zeros_like(mask)
    for window in planned:
        assert window.mask.any()
        assert window.mask.shape[0] <= window.height
        assert (window.mask <= mask[window.place]).all()
        covered[window.place] = np.maximum(covered[window.place], window.mask)
    assert (covered == mask).all()
    assert len(planned) == count if count else 1 < len(planned) <= MAX_WINDOWS
    assert plan_windows(np.zeros_like(mask), MAX_WINDOWS, **CANVAS) == []
    [whole] = plan_windows(mask, max_windows("whole"), **CANVAS)
    assert (whole.width, whole.height) == (mask.shape[1], mask.shape[0])


def test_each_window_but_the_first_sees_what_is_known_beside_it() -> None:
    mask = around((300, 80), (110, 0, 190, 80))
    known = mask == 0
    for window in plan_windows(mask, MAX_WINDOWS, **CANVAS):
        assert known[window.place].mean() >= CONTEXT * 0.9
        known[window.place] = True


def test_one_window_around_all_holes_is_as_fine_as_they_allow() -> None:
    near, far = hole((800, 600), (100, 100, 150, 130)), hole((800, 600), (100, 100, 220, 130))
    [fine], [coarse] = (plan_windows(mask, max_windows("page", 1), **CANVAS) for mask in (near, far))
    assert (fine.width, fine.height) == (80, 80)
    assert 150 < coarse.width < 190
    assert plan_windows(np.full((600, 800), 255, np.uint8), 1, **CANVAS)[0].width == 800


@dataclass(frozen=True)
class Checker(Sdxl):
    """A painter that paints a checker of single pixels without its model, and remembers what it was asked for."""

    asked: list[tuple[tuple[int, int], int]] = field(default_factory=list)

    def paint(
        self, pipe: Any, picture: Pictures.Image, mask: Any, *, prompt: str, references: Any, seeds: Sequence[int]
    ) -> list[Pictures.Image]:
        self.asked.append((picture.size, len(seeds)))
        cells = np.indices((picture.height, picture.width)).sum(axis=0) % 2 * 255
        return [Pictures.fromarray(np.dstack([cells.astype(np.uint8)] * 3))] * len(seeds)


def painter(kind: type[Sdxl] = Checker, model: str = "sdxl_inpaint") -> Any:
    spec = PipelineSpec("StableDiffusionXLInpaintPipeline", Weights(str(checkpoint(model))))
    return kind(spec, steps=2, guidance=1.0, megapixels=0.0064)


def repaint(one: Any, mask: Mask, most: int, seeds: Sequence[int] = (1,)) -> list[Image]:
    picture = np.full((*mask.shape, 3), 90, np.uint8)
    return inpainting.repaint(one, picture, mask, prompt="a wall", references=(), seeds=seeds, most_windows=most)


def test_what_is_painted_in_windows_is_as_fine_as_the_page_and_enlarged_without_them() -> None:
    mask = around((300, 80), (110, 0, 190, 80))
    fineness = []
    for most in (MAX_WINDOWS, 0):
        one = painter()
        [made] = repaint(one, mask, most)
        assert (made[mask == 0] == 90).all()
        steps = np.abs(np.diff(made[20:60, 200:290, 0].astype(int), axis=1))
        fineness.append(float((steps > 200).mean()))
        assert len(one.asked) == len(plan_windows(mask, most, **CANVAS))
        assert not most or {size for size, _ in one.asked} == {(80, 80)}
    assert fineness[0] > 0.95
    assert fineness[1] < 0.3


def test_seeds_share_the_first_window_and_go_on_alone() -> None:
    one = painter()
    assert len(repaint(one, around((300, 80), (110, 0, 190, 80)), MAX_WINDOWS, (1, 2))) == 2
    assert [count for _, count in one.asked] == [2, *[1] * 6]


def test_a_model_paints_the_next_window_after_what_it_painted_in_the_one_before() -> None:
    devices.release_model()
    mask = hole((220, 60), (60, 0, 220, 60))
    real = painter(Sdxl, "sdxl_any")
    first, second = repaint(real, mask, MAX_WINDOWS, (1, 2))
    assert (first != second)[:, 70:].mean() > 0.5
    assert (first[mask == 0] == 90).all()
    assert (repaint(real, mask, MAX_WINDOWS, (1,))[0] == first).mean() > 0.99
    seams = np.abs(np.diff(first[..., 0].astype(float), axis=1)).mean(axis=0)[70:]
    assert seams.max() < 6 * seams.mean(), "no seam stands out among the lines"
