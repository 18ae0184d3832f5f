"""Test that a contact sheet shows every picture whole below its caption."""

from __future__ import annotations

import numpy as np
import pytest

from tools.previews.contact_sheet import GAP, LINE, lay_out_sheet


def test_every_picture_stands_whole_in_its_row() -> None:
    red, blue = np.full((20, 30, 3), (200, 0, 0), np.uint8), np.full((10, 40, 3), (0, 0, 200), np.uint8)
    laid = lay_out_sheet([("one", [red, blue]), ("none", []), ("two", [blue])])
    assert laid.shape == (20 + LINE + GAP + 10 + LINE + GAP, 30 + 40 + 3 * GAP, 3)
    assert (laid[LINE : LINE + 20, GAP : GAP + 30] == red).all()
    assert (laid[LINE : LINE + 10, 2 * GAP + 30 : 2 * GAP + 70] == blue).all()
    assert (laid[-GAP - 10 : -GAP, GAP : GAP + 40] == blue).all()
    with pytest.raises(ValueError, match="no picture"):
        lay_out_sheet([])
