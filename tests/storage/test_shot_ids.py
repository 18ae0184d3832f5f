"""Shots stand in the order of their numbers, also where the text of their ids would say another."""

from __future__ import annotations

import random

from storage.shot_ids import sort_key


def test_ids_are_sorted_by_number_and_then_by_letter() -> None:
    wanted = ["s001", "s007", "s007b", "s007c", "s008", "s999", "s999b", "s1000", "s1200", "s12000", "intro", "s7x8"]
    mixed = random.Random(3).sample(wanted, len(wanted))
    assert sorted(mixed, key=sort_key) == wanted
    assert sort_key("s" + "9" * 5000) > sort_key("s1200")
