"""Ranges of pages, parsed and written; test_books.py has those that are refused."""

from __future__ import annotations

import pytest

from tools.ingest.page_ranges import format_page_ranges, parse_page_ranges


@pytest.mark.parametrize(
    ("indices", "text"), [([], ""), ([0], "1"), ([0, 2, 3, 4], "1,3-5"), ([8, 7, 1], "2,8-9"), (range(10), "1-10")]
)
def test_a_range_that_is_written_selects_the_same_pages(indices: list[int], text: str) -> None:
    assert format_page_ranges(indices) == text
    assert not text or parse_page_ranges(text, 10) == set(indices)
