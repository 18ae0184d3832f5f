"""In a grid with references only the image's own cell is inpainted and returned."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tools.diffusion.methods.reference_grid import lay_out_grid


@pytest.mark.parametrize(("references", "size"), [(1, (80, 24)), (2, (80, 48)), (3, (80, 48))])
def test_the_picture_has_a_cell_of_its_own_that_changes_with_the_seed(references: int, size: tuple[int, int]) -> None:
    picture, mask = Image.new("RGB", (40, 24), "red"), Image.new("L", (40, 24), 255)
    shown = [Image.new("RGB", (30, 30), "blue")] * references
    sheets = [lay_out_grid(picture, mask, shown, seed=seed) for seed in range(4)]
    for sheet in sheets:
        assert sheet.picture.size == sheet.mask.size == size
        assert (np.asarray(sheet.picture.crop(sheet.box)) == (255, 0, 0)).all()
        assert (np.asarray(sheet.mask) == 255).sum() == 40 * 24, "no reference is painted over"
        blue = (np.asarray(sheet.picture) == (0, 0, 255)).all(axis=2).sum()
        assert blue == references * 24 * 24
    assert len({sheet.box for sheet in sheets}) == (2 if references == 1 else 4)
