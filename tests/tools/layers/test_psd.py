"""Test that the artist's own layers of a page give the planes of a panel, or a reason why there is nothing to move."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tools import layers as drawn
from tools.layers import CutRefusal, PageLayers, PanelPlanes, RefusalKind, load_cutter


def page_layers() -> PageLayers:
    ground = np.dstack([drawn.draw_ground(), np.full((drawn.HEIGHT, drawn.WIDTH), 255, np.uint8)])
    return PageLayers(drawn.draw_figure()[1], drawn.draw_held()[1], ground)


def cut(layers: PageLayers | None) -> PanelPlanes | CutRefusal:
    return load_cutter("psd").cut(drawn.draw_page(), drawn.panel_outline(), seeds=[], held=[], layers=layers)


def test_planes_are_those_of_the_artist_down_to_the_faintest_edge() -> None:
    found = cut(page_layers())
    assert isinstance(found, PanelPlanes)
    assert found.box == drawn.PANEL
    x0, y0, x1, y1 = (int(side) for side in found.box)
    assert ((found.figures > 0) == (drawn.draw_figure()[1][y0:y1, x0:x1] > 0)).all()
    assert ((found.held > 0) == (drawn.draw_held()[1][y0:y1, x0:x1] > 0)).all()
    assert found.ground is not None
    assert (found.ground[..., :3] == drawn.draw_ground()[y0:y1, x0:x1]).all()


def changed(name: str) -> PageLayers | None:
    whole, blank = page_layers(), np.zeros((drawn.HEIGHT, drawn.WIDTH), np.uint8)
    speck = blank.copy()
    speck[200:206, 300:306] = 255
    return {
        "no_layers": None,
        "no_figure": PageLayers(blank, whole.held, whole.ground),
        "too_small": PageLayers(speck, whole.held, whole.ground),
        "too_large": PageLayers(blank + 255, whole.held, whole.ground),
        "plain_ground": PageLayers(whole.figures, whole.held, np.full_like(whole.ground, 230)),
    }[name]


@pytest.mark.parametrize("kind", ["no_layers", "no_figure", "too_small", "too_large", "plain_ground"])
def test_layers_without_anything_to_move_are_refused(kind: RefusalKind) -> None:
    found = cut(changed(kind))
    assert isinstance(found, CutRefusal)
    assert found.kind == kind
