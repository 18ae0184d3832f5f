"""A panel at the working size keeps its places, and a cut is refused for the first reason that makes it a poor one."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tests.tools import layers as drawn
from tools.cutouts.panel_scene import CutBounds, PanelScene


@pytest.mark.parametrize("pixels", [200, 2000])
def test_places_of_the_page_are_found_at_any_working_size(pixels: int) -> None:
    scene = PanelScene(drawn.draw_page(), drawn.panel_outline(), [drawn.balloon_outline()], pixels)
    height, width = scene.tones.shape
    assert max(height, width) == min(pixels, 592)
    covered = scene.covered([drawn.SEED])
    x0, y0, x1, y1 = scene.to_scene(drawn.SEED)
    ys, xs = np.nonzero(covered)
    assert (xs.min(), ys.min(), xs.max(), ys.max()) == pytest.approx((x0, y0, x1, y1), abs=1.5)
    assert not (scene.held & covered).any()


def test_without_seeds_only_the_panel_bounds_a_cut() -> None:
    scene = PanelScene(drawn.draw_page(), drawn.panel_outline(), [], 640)
    figure = np.zeros_like(scene.inside)
    figure[100:120, 100:120] = True
    found = scene.refuse(figure, [], CutBounds(smallest=0.05))
    seeded = scene.refuse(figure, [Box(24, 24, 200, 200)], CutBounds(smallest=0.0, spanned=0.5))
    assert found is not None
    assert found.kind == "too_small"
    assert seeded is not None
    assert seeded.kind == "too_small"
    assert seeded.value == pytest.approx(20 / 176, abs=0.01)
