"""Test which pages are tall strips."""

from __future__ import annotations

import numpy as np

from tools.reading.strips import is_strip


def test_only_a_page_much_taller_than_wide_is_a_strip() -> None:
    assert is_strip(np.zeros((3000, 800, 3), np.uint8))
    assert not is_strip(np.zeros((1200, 800, 3), np.uint8))
