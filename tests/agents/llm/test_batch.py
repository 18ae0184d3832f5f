"""Test that questions are asked in parallel and every answer comes back, raised errors included."""

from __future__ import annotations

import threading

from agents.llm.batch import ask_in_parallel


def test_so_many_wait_at_a_time_and_everything_comes_back() -> None:
    met = threading.Barrier(3)

    def ask(number: int) -> int:
        met.wait(5)  # three must be there at once, or it breaks
        return 60 // number

    found = dict(ask_in_parallel(ask, [5, 3, 0], hands=3))
    assert (found[5], found[3]) == (12, 20)
    assert isinstance(found[0], ZeroDivisionError)
    assert list(ask_in_parallel(ask, [], hands=3)) == []


def test_no_more_than_it_has_hands() -> None:
    seen = {threading.get_ident()}

    def ask(number: int) -> int:
        seen.add(threading.get_ident())
        return number

    assert [answer for _, answer in ask_in_parallel(ask, [1, 2, 3], hands=1)] == [1, 2, 3]
    assert len(seen) == 2
