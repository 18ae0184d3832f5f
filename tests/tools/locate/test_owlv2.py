"""OWLv2 and SAM 2 find a place or say that there is none, alike on every run, loaded once for both."""

from __future__ import annotations

import numpy as np

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools import layers as drawn
from tools import devices
from tools.locate import LocatedPlace, NotLocated, load_locator
from tools.locate.owlv2 import place_mask
from tools.vision.segmentation import Segment


def test_a_place_is_found_where_the_score_suffices_and_never_else() -> None:
    page = drawn.draw_page()
    folders = {"model": str(checkpoint("owlv2")), "segmenter": str(checkpoint("sam2"))}
    devices.release_model()
    with devices.measure_cost() as cost:
        locator = load_locator("owlv2", **folders, certain=0.0)
        found = locator.locate(page, "the eyes")
        again = locator.locate(page, "the eyes")
    assert cost.loads == 1
    assert isinstance(found, LocatedPlace)
    assert isinstance(again, LocatedPlace)
    assert (found.mask == again.mask).all()
    assert found.mask.shape == page.shape[:2]
    assert set(np.unique(found.mask)) <= {0, 255}
    strict = load_locator("owlv2", **folders, certain=1.0).locate(page, "the eyes")
    assert strict == NotLocated(found.score)


def test_a_shape_counts_where_sam_is_sure_of_it_and_the_box_elsewhere() -> None:
    page, boxes = np.zeros((100, 200, 3), np.uint8), [Box(20, 20, 60, 60), Box(120, 20, 160, 60)]
    shape = np.zeros((100, 200), bool)
    shape[30:40, 30:40] = True
    whole = place_mask(page, boxes, [])
    exact = place_mask(page, boxes, [Segment(shape, 0.9), Segment(shape, 0.1)])
    assert whole[25, 25] == whole[25, 125] == 255
    assert (exact[25, 25], exact[35, 35], exact[25, 125]) == (0, 255, 255)
    assert whole[:, 90].max() == 0
