"""A map to look at: the artist's pixels as they are, the others tinted and named."""

from __future__ import annotations

import numpy as np

from tools.measuring.fidelity import TONES
from tools.showing.owners import TINTS, owners


def test_only_what_is_not_the_artists_is_tinted_and_named() -> None:
    plate = np.full((60, 200, 3), 200, np.uint8)
    chart = np.full((60, 200), TONES["original"], np.uint8)
    chart[:, 100:] = TONES["generated"]
    made = owners(plate, chart)
    assert (made[:60, :100] == 200).all()
    assert np.abs(made[30, 150].astype(int) - (np.array(TINTS["generated"]) + 200) // 2).max() <= 1
    assert made.shape[0] > 60 + 2 * 20, "the artist's and the generated have a line each"
    assert made.shape[0] < owners(plate, np.where(chart == 0, TONES["inpainted"], 170).astype(np.uint8)).shape[0]
