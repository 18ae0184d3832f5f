"""Segments of SAM 2 become figures on drawn lines, without what lies before them; doubtful ones are refused."""

from __future__ import annotations

import cv2
import numpy as np

from tests.tiny import checkpoint
from tests.tools import layers as drawn
from tools import devices
from tools.cutouts.panel_scene import CutBounds, PanelScene
from tools.layers import CutRefusal, load_cutter
from tools.layers.sam2 import figures_of
from tools.vision.segmentation import Segment


def cut(*seeds: object, **options: object) -> object:
    cutter = load_cutter("sam2", model=str(checkpoint("sam2")), **options)
    return cutter.cut(
        drawn.draw_page(), drawn.panel_outline(), seeds=seeds, held=[drawn.balloon_outline()], layers=None  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_model_that_is_not_certain_is_refused_and_nobody_is_looked_for_without_a_box() -> None:
    devices.release_model()
    with devices.measure_cost() as cost:
        assert cut() == CutRefusal("no_figure")
        assert cost.loads == 0
        found = cut(drawn.SEED, certain=1.0)
        assert cut(drawn.SEED, certain=1.0) == found
    assert isinstance(found, CutRefusal)
    assert found.kind == "uncertain"
    assert cost.loads == 1
    noise = cut(drawn.SEED, certain=0.0)  # random weights see no figure
    assert isinstance(noise, CutRefusal)
    assert noise.kind != "uncertain"


def scene() -> PanelScene:
    return PanelScene(drawn.draw_page(), drawn.panel_outline(), [drawn.balloon_outline()], 640)


def over_panel(mask: np.ndarray) -> Segment:
    x0, y0, x1, y1 = (int(side) for side in drawn.PANEL)
    return Segment(mask[y0:y1, x0:x1] > 127, 1.0)


def test_a_rough_segment_is_moved_onto_the_outline_and_has_no_balloon_in_it() -> None:
    figure = drawn.draw_figure()[1]
    rough = np.maximum(cv2.erode(figure, np.ones((7, 7))), drawn.draw_held()[1])  # SAM takes balloons along
    panel = scene()
    place = drawn.SEED._replace(x1=drawn.BALLOON.x1, y0=drawn.BALLOON.y0)
    found = panel.planes(figures_of(panel, [over_panel(rough)], [place])).figures > 127
    x0, y0, x1, y1 = (int(side) for side in drawn.PANEL)
    truth = figure[y0:y1, x0:x1] > 127
    assert (found & truth).sum() / (found | truth).sum() > 0.9
    assert not found[100 - y0, 515 - x0]


def test_a_segment_that_lies_off_all_lines_or_goes_on_beyond_its_box_is_refused() -> None:
    panel, bounds = scene(), CutBounds(on_lines=0.7)
    whole = over_panel(np.full((drawn.HEIGHT, drawn.WIDTH), 255, np.uint8))
    kept = panel.refuse(figures_of(panel, [whole], [drawn.SEED]), [drawn.SEED], bounds)
    assert kept is not None
    assert kept.kind == "beyond_box"
    nothing = over_panel(np.zeros((drawn.HEIGHT, drawn.WIDTH), np.uint8))
    none = panel.refuse(figures_of(panel, [nothing], [drawn.SEED]), [drawn.SEED], bounds)
    assert none == CutRefusal("too_small", 0.0)
