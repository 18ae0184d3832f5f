"""Without a model nothing is found."""

from __future__ import annotations

import numpy as np

from tools.locate import NotLocated, load_locator


def test_nothing_is_found() -> None:
    assert load_locator("unknown").locate(np.zeros((4, 4, 3), np.uint8), "the eyes") == NotLocated()
