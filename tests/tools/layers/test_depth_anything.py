"""What is nearest in a panel is its figure where depth has a step; a panel without one is refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools import layers as drawn
from tools.cutouts.panel_scene import Flags
from tools.layers import CutRefusal, PanelPlanes, depth_anything, load_cutter
from tools.layers.depth_anything import nearest_part


def cut(*seeds: Box, **options: object) -> PanelPlanes | CutRefusal:
    cutter = load_cutter("depth_anything", model=str(checkpoint("depth_anything")), **options)
    return cutter.cut(
        drawn.draw_page(), drawn.panel_outline(), seeds=seeds, held=[drawn.balloon_outline()], layers=None
    )


def test_random_weights_see_no_step_and_are_refused_with_its_measure() -> None:
    found = cut(step=1.0)
    assert isinstance(found, CutRefusal)
    assert found.kind == "no_depth"
    assert 0 <= found.value < 1
    assert cut(step=1.0) == found


@pytest.mark.parametrize("seeds", [(), (drawn.SEED,)])
def test_the_nearest_is_cut_along_its_outline_with_and_without_a_box(
    seeds: tuple[Box, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    x0, y0, x1, y1 = (int(side) for side in drawn.PANEL)
    truth = drawn.draw_figure()[1][y0:y1, x0:x1]
    field = cv2.GaussianBlur(truth, (0, 0), 4).astype(np.float32) / 255  # depth is smooth at edges
    field += np.linspace(0, 0.2, field.shape[0], dtype=np.float32)[:, None]
    monkeypatch.setattr(depth_anything, "estimate_nearness", lambda model, picture: field / field.max())
    found = cut(*seeds)
    assert isinstance(found, PanelPlanes), found
    figures = found.figures > 127
    assert (figures & (truth > 127)).sum() / (figures | (truth > 127)).sum() > 0.9
    assert found.box == drawn.PANEL


def test_a_field_is_divided_at_its_largest_step() -> None:
    within: Flags = np.ones((20, 20), bool)
    stepped = np.full((20, 20), 0.1, np.float32)
    stepped[5:15, 5:15] = 0.9
    near, step = nearest_part(stepped, within)
    assert near.sum() == 100
    assert step == pytest.approx(1.0, abs=1e-3)
    _, slope = nearest_part(np.tile(np.linspace(0, 1, 20, dtype=np.float32), (20, 1)), within)
    assert slope == pytest.approx(0.75, abs=0.02)  # a slope is no step
    assert nearest_part(np.zeros((20, 20), np.float32), within)[1] == 0
