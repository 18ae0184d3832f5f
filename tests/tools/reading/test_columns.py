"""4-koma is read down its columns where the gutters say so, or where the user does."""

from __future__ import annotations

import pytest

from storage.domain import Box, Order, PageTranscript, Panel
from tools.reading.order import arrange_page


def grid(columns: int, rows: int, across: float, down: float, *, title: bool = False) -> PageTranscript:
    """Return panels of 200 x 150 with gutters `across` and `down`, in rows; a title is as wide as all of them."""
    boxes = [
        Box(c * (200 + across), 100 + r * (150 + down), c * (200 + across) + 200, 250 + r * (150 + down))
        for r in range(rows)
        for c in range(columns)
    ]
    if title:
        boxes.insert(0, Box(0, 0, max(box.x1 for box in boxes), 80))
    return PageTranscript(
        index=0,
        image="",
        width=900,
        height=1000,
        panels=tuple(Panel(id=str(n), order=n, box=box) for n, box in enumerate(boxes)),
    )


def columns_read(page: PageTranscript, order: Order, language: str = "") -> list[float]:
    return [panel.box.x0 for panel in arrange_page(page, order, language).panels]


def test_wide_gutters_between_columns_make_four_koma() -> None:
    assert columns_read(grid(2, 4, 40, 15), "rtl") == [240] * 4 + [0] * 4
    assert columns_read(grid(3, 4, 40, 15), "ltr") == [0] * 4 + [240] * 4 + [480] * 4
    assert columns_read(grid(2, 4, 40, 15, title=True), "rtl") == [0] + [240] * 4 + [0] * 4


def test_even_gutters_are_read_in_rows_unless_the_user_asks_for_columns() -> None:
    assert columns_read(grid(2, 4, 15, 20), "rtl") == [215, 0] * 4
    assert columns_read(grid(2, 4, 15, 20), "rtl-columns") == [215] * 4 + [0] * 4
    assert columns_read(grid(2, 2, 40, 15), "ltr") == [0, 240] * 2


@pytest.mark.parametrize(("language", "row"), [("ja", [215, 0]), ("en", [0, 215]), ("", [0, 215])])
def test_rows_of_a_japanese_strip_run_from_the_right(language: str, row: list[float]) -> None:
    assert columns_read(grid(2, 2, 15, 200), "vertical", language) == row * 2
