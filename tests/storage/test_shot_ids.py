"""Test that shots are sorted by number, also where sorting their ids as text would give another order."""

from __future__ import annotations

import random

from storage.shot_ids import sort_key, sortable


def test_ids_are_sorted_by_number_and_then_by_letter() -> None:
    wanted = ["s001", "s007", "s007b", "s007c", "s008", "s999", "s999b", "s1000", "s1200", "s12000", "intro", "s7x8"]
    mixed = random.Random(3).sample(wanted, len(wanted))
    assert sorted(mixed, key=sort_key) == wanted
    assert sort_key("s" + "9" * 5000) > sort_key("s1200")


def test_names_of_files_sort_as_text_in_the_order_of_the_numbers() -> None:
    short, long = ["s001", "s007", "s007b", "s012"], ["s001", "s007", "s007b", "s999", "s1000", "s1200", "intro"]
    assert sortable(short) == {name: name for name in short}
    names = sortable(long)
    assert [names[name] for name in ("s007", "s007b", "s1000", "intro")] == ["s0007", "s0007b", "s1000", "intro"]
    assert sorted(names.values(), key=lambda name: (name == "intro", name)) == [names[name] for name in long]
