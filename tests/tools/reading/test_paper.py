"""The paper of a page is known by its margins, and that of a strip by its even rows."""

from __future__ import annotations

import numpy as np
import pytest

from tools.reading.paper import find_paper


@pytest.mark.parametrize("colour", [(255, 255, 255), (230, 215, 180), (12, 10, 20)])
def test_paper_has_the_colour_of_the_margins(colour: tuple[int, int, int]) -> None:
    page = np.full((900, 700, 3), colour, np.uint8)
    page[100:800, 100:600] = (120, 60, 90)
    paper = find_paper(page, np.zeros((900, 700), np.uint8))
    assert paper[:100].all()
    assert not paper[100:800, 100:600].any()


def test_an_even_sky_below_an_edge_is_no_paper() -> None:
    page = np.full((1500, 400, 3), 255, np.uint8)
    page[300:700] = (150, 190, 230)
    page[500:600, 120:280] = (60, 40, 30)
    page[700:900] = (80, 70, 40)
    paper = find_paper(page, np.zeros((1500, 400), np.uint8))
    assert paper[:297].all()
    assert paper[903:].all()
    assert not paper[303:897].any()
