"""Test that a provenance preview leaves the artist's pixels as they are and tints and names the others."""

from __future__ import annotations

import numpy as np

from tools.measuring.fidelity import PROVENANCE_TONES
from tools.previews.provenance import TINTS, draw_provenance


def test_only_what_is_not_the_artists_is_tinted_and_named() -> None:
    plate = np.full((60, 200, 3), 200, np.uint8)
    chart = np.full((60, 200), PROVENANCE_TONES["original"], np.uint8)
    chart[:, 100:] = PROVENANCE_TONES["generated"]
    made = draw_provenance(plate, chart, {"original": 0.6, "continued": 0.0, "inpainted": 0.001, "generated": 0.4})
    assert (made[:60, :100] == 200).all()
    assert np.abs(made[30, 150].astype(int) - (np.array(TINTS["generated"]) + 200) // 2).max() <= 1
    more = draw_provenance(plate, chart, {"original": 0.5, "continued": 0.1, "inpainted": 0.1, "generated": 0.3})
    assert (more.shape[0] - 60) == 2 * (made.shape[0] - 60), "a line for each that there is"
