"""Numbers as people type them, and those that are refused."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from commands.typed.amounts import dollars, rate, retakes, share, takes, whole


def test_numbers_are_read() -> None:
    assert (whole("a seed")("12"), dollars("0.5"), share("0.3"), rate("24")) == (12, 0.5, 0.3, 24)


@pytest.mark.parametrize(
    ("read", "text"),
    [(whole("a seed"), "-1"), (whole("a seed"), "1e3"), (dollars, "nan"), (dollars, "-1"), (share, "1.1"), (share, "x"),
     (takes, "0"), (takes, ""), (retakes, "9"), (retakes, ""), (retakes, "12"),
     (rate, "11"), (rate, "24.5")],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_in_words(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not"):
        read(text)
