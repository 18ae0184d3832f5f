"""Test which numbers the argument types accept and refuse."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from fractions import Fraction

import pytest

from commands.cli.numbers import dollars, rate, retake_count, share, take_count, whole_number


def test_numbers_are_read() -> None:
    assert (whole_number("a seed")("12"), dollars("0.5"), share("0.3"), rate("24")) == (12, 0.5, 0.3, 24)
    assert rate("23.976") == rate("24000/1001") == Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (whole_number("a seed"), "-1"),
        (whole_number("a seed"), "1e3"),
        (dollars, "nan"),
        (dollars, "-1"),
        (share, "1.1"),
        (share, "x"),
        (take_count, "0"),
        (take_count, ""),
        (retake_count, "9"),
        (retake_count, ""),
        (retake_count, "12"),
        (rate, "11"),
        (rate, "61"),
        (rate, "24.1234567"),
        (rate, "24000/0"),
        (rate, "-24"),
        (rate, "nan"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_words(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not"):
        read(text)
