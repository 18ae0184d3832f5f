"""Test that takes, verdicts, failures and cuts are stored once, and that no reference is broken."""

from __future__ import annotations

from datetime import UTC

import pytest
from sqlalchemy.exc import IntegrityError

from storage.errors import StorageError
from storage.library import Library
from storage.records import Fact, Take, TakeDraft


def add_sample_take(library: Library, shot: str, key: str, data: bytes = b"film", attempt: int = 0) -> Take:
    sha = library.artifacts.keep(data, "video/mp4").sha256
    facts: dict[str, Fact] = {"seconds": 2.5, "seed": 3, "boxes": [1.0, 2.0], "why": "still", "none": None}
    return library.add_take(shot, key=key, artifact=sha, backend="still", seed=3, attempt=attempt, facts=facts)


def test_takes_are_numbered_within_their_shot(library: Library) -> None:
    takes = [add_sample_take(library, shot, key) for shot, key in (("s1", "a"), ("s2", "a"), ("s1", "b"), ("s1", "c"))]
    assert [take.number for take in takes] == [1, 1, 2, 3]
    assert library.takes("s1") == (takes[0], takes[2], takes[3])
    assert library.takes("s3") == ()
    assert takes[0].created.tzinfo is UTC


def test_a_take_added_twice_is_one_take(library: Library) -> None:
    first = add_sample_take(library, "s1", "a")
    assert add_sample_take(library, "s1", "a", b"another film", attempt=4) == first
    assert library.takes("s1") == (first,)
    assert library.find_take("s1", "a") == first
    assert library.find_take("s1", "b") is None
    assert library.find_take("s2", "a") is None


def test_a_take_whose_film_is_lost_gets_the_one_that_is_made_anew(library: Library) -> None:
    first = add_sample_take(library, "s1", "a")
    library.artifacts.open(first.artifact).unlink()
    again = add_sample_take(library, "s1", "a", b"filmed on another machine")
    assert again.artifact != first.artifact
    assert again == first.model_copy(update={"artifact": again.artifact})
    assert library.takes("s1") == (again,)
    assert library.artifacts.has(again.artifact)


def test_there_is_no_take_without_its_film(library: Library) -> None:
    with pytest.raises(StorageError, match="missing"):
        library.add_take("s1", key="a", artifact="0" * 64, backend="still", seed=0, attempt=0)
    assert library.takes("s1") == ()


def test_the_last_verdict_counts_and_all_stay(library: Library) -> None:
    take = add_sample_take(library, "s1", "a")
    assert library.latest_verdict(take.id) is None
    library.add_verdict(take.id, "retake", "too dark", {"black": 0.4})
    last = library.add_verdict(take.id, "approve", "", {"black": 0.0})
    assert library.latest_verdict(take.id) == last
    assert [verdict.decision for verdict in library.verdicts(take.id)] == ["retake", "approve"]
    assert library.verdicts(take.id)[0].measures == {"black": 0.4}


def test_a_verdict_on_no_take_is_refused(library: Library) -> None:
    with pytest.raises(IntegrityError):
        library.add_verdict(1, "approve", "", {})


def test_the_newest_reason_of_a_failure_stands_until_it_is_cleared(library: Library) -> None:
    library.add_failure("s1", "animate", "no memory")
    library.add_failure("s1", "review", "black")
    library.add_failure("s2", "animate", "no memory")
    library.add_failure("s1", "animate", "no power")
    found = {(failure.shot, failure.stage): failure.reason for failure in library.failures()}
    assert found == {("s1", "animate"): "no power", ("s1", "review"): "black", ("s2", "animate"): "no memory"}
    library.clear_failures([])
    assert len(library.failures()) == 3
    library.clear_failures(["s1", "s7"])
    assert [failure.shot for failure in library.failures()] == ["s2"]
    library.clear_failures()
    assert library.failures() == ()


def test_a_cut_is_takes_in_an_order_and_the_newest_counts(library: Library) -> None:
    assert library.cut() is None
    takes = [add_sample_take(library, shot, "a").id for shot in ("s1", "s2", "s3")]
    number = library.add_revision((), key="k", author="hand", message="")
    library.add_cut(number, takes, None)
    film = library.artifacts.keep(b"the film", "video/mp4")
    newest = library.add_cut(number, [takes[2], takes[0], takes[2]], film, key="k")
    cut = library.cut()
    assert cut
    assert (cut.id, cut.revision, cut.takes, cut.film) == (newest, number, (takes[2], takes[0], takes[2]), film)
    assert cut.key == "k"


def test_a_cut_of_what_is_not_there_is_refused_whole(library: Library) -> None:
    number = library.add_revision((), key="k", author="hand", message="")
    for revision, takes in ((number, [99]), (99, [])):
        with pytest.raises(IntegrityError):
            library.add_cut(revision, takes, None)
    assert library.cut() is None


def test_takes_are_added_and_found_many_at_once(library: Library) -> None:
    sha = library.artifacts.keep(b"film", "video/mp4").sha256
    first = add_sample_take(library, "s1", "a")
    drafts = [TakeDraft(shot=shot, key=key, artifact=sha, backend="still", seed=1, attempt=0)
              for shot, key in (("s1", "a"), ("s1", "b"), ("s2", "a"), ("s1", "c"), ("s1", "b"))]  # fmt: skip
    added = library.add_takes(drafts)
    assert [(one.shot, one.key, one.number) for one in added] == [
        ("s1", "a", 1), ("s1", "b", 2), ("s2", "a", 1), ("s1", "c", 3), ("s1", "b", 2),
    ]  # fmt: skip
    assert added[0] == first
    assert library.add_takes(drafts) == added
    assert library.find_takes([("s2", "a"), ("s2", "b")]) == {("s2", "a"): added[2]}
    assert library.find_takes([]) == {}


def test_of_two_takes_that_came_out_the_same_the_first_is_kept(library: Library) -> None:
    sha = library.artifacts.keep(b"a segment", "video/mp4").sha256
    drafts = [
        TakeDraft(shot=shot, key=f"the same of {shot}", artifact=sha, backend="still", seed=seed, attempt=0)
        for shot in ("s001", "s002")
        for seed in (0, 1, 2)
    ]
    added = library.add_takes(drafts)
    assert [take.seed for take in added] == [0] * 6
    assert [(take.number, take.seed) for take in library.takes("s002")] == [(1, 0)]


def test_the_latest_verdicts_of_many_takes_are_found_at_once(library: Library) -> None:
    first, second, third = (add_sample_take(library, shot, "a") for shot in ("s1", "s2", "s3"))
    library.add_verdict(first.id, "retake", "dark", {})
    kept = library.add_verdict(first.id, "approve", "", {})
    asks = library.add_verdict(first.id, "ask", "why?", {}, author="critic")
    other = library.add_verdict(second.id, "approve", "", {})
    ids = [first.id, second.id, third.id]
    assert library.latest_verdicts(ids) == {first.id: asks, second.id: other}
    assert library.latest_verdicts(ids, "measures") == {first.id: kept, second.id: other}
    assert library.latest_verdicts([]) == {}
