"""Test that the cache returns finished jobs, and treats a result that lost a file as missing."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from storage.domain import Made
from storage.library import Library
from storage.records import EventDraft


def make_result(library: Library, data: bytes, **facts: float | str) -> Made:
    roles = {"image": library.artifacts.keep(data, "image/png"), "mask": library.artifacts.keep(b"mask", "image/png")}
    return Made(artifacts=roles, facts={"seconds": 0.1, "box": [1, 2.5], "none": None, "yes": True, **facts})


def test_what_was_made_is_found_again(library: Library) -> None:
    made = make_result(library, b"one")
    library.add_made("k1", "clean", made)
    assert library.find_made("k1") == made
    assert library.find_made("k2") is None


def test_adding_the_same_again_changes_nothing(library: Library) -> None:
    made = make_result(library, b"one")
    for _ in range(3):
        library.add_made("k1", "clean", made)
    assert library.find_made("k1") == made


def test_something_may_be_made_of_facts_alone(library: Library) -> None:
    library.add_made("k1", "review", Made(facts={"blank": 0.0}))
    assert library.find_made("k1") == Made(facts={"blank": 0.0})


def test_what_lost_a_file_counts_as_not_made_until_it_is_made_anew(library: Library) -> None:
    made = make_result(library, b"one")
    library.add_made("k1", "clean", made)
    library.artifacts.open(made.artifacts["image"]).unlink()
    assert library.find_made("k1") is None
    anew = make_result(library, b"a little different")
    library.add_made("k1", "clean", anew)
    assert library.find_made("k1") == anew


def test_a_file_cut_short_counts_as_lost(library: Library) -> None:
    made = make_result(library, b"one")
    library.add_made("k1", "clean", made)
    library.artifacts.open(made.artifacts["mask"]).write_bytes(b"m")
    assert library.find_made("k1") is None


def test_many_are_found_at_once(library: Library) -> None:
    made = {f"k{n}": make_result(library, b"%d" % n, n=n) for n in range(50)}
    for key, one in made.items():
        library.add_made(key, "clean", one)
    asked = [*made, *(f"other {n}" for n in range(40_000))]
    assert library.find_many(asked) == made
    assert library.find_many([]) == {}


def test_two_keys_share_one_artifact(library: Library) -> None:
    library.add_made("k1", "clean", make_result(library, b"same"))
    library.add_made("k2", "clean", make_result(library, b"same"))
    assert library.find_made("k1") == library.find_made("k2")


def test_what_is_forgotten_is_made_anew_and_nothing_else_is(library: Library) -> None:
    library.add_made("k1", "chat", make_result(library, b"same"))
    library.add_made("k2", "chat", make_result(library, b"same"))
    library.forget_made("k1")
    library.forget_made("never made")
    assert list(library.find_many(["k1", "k2"])) == ["k2"]


def test_what_is_made_and_the_event_that_tells_of_it_are_kept_together(library: Library) -> None:
    kept = library.artifacts.keep(b"plate", "image/png")
    event = EventDraft(stage="outpaint", kind="made", text="s001", facts={"key": "a"})
    library.add_made("a", "outpaint", Made(artifacts={"plate": kept}), event=event)
    (stored,) = library.events()
    assert (stored.stage, stored.kind, stored.text, stored.facts) == ("outpaint", "made", "s001", {"key": "a"})
    broken = event.model_copy(update={"stage": None})
    with pytest.raises(IntegrityError):
        library.add_made("b", "outpaint", Made(artifacts={"plate": kept}), event=broken)
    assert library.find_made("b") is None
    assert len(library.events()) == 1
