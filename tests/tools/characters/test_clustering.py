"""Similar sightings become one character, unless something shows that they are two."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tools.characters.clustering import Group, cluster


def group(name: str, *angles: float, places: Iterable[int] = (), known: bool = False) -> Group:
    """Return sightings whose embeddings are points on a circle: degrees apart are unlike."""
    radians = np.radians(np.array(angles, np.float64))
    vectors = np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32).reshape(-1, 2)
    return Group(name, vectors, frozenset(places), known)


def joined(*groups: Group, alike: float = 0.95, margin: float = 0.02) -> set[frozenset[str]]:
    same = cluster(groups, min_likeness=alike, margin=margin)
    return {frozenset(name for name, root in same.items() if root == one) for one in same.values()}


def names(*sets: str) -> set[frozenset[str]]:
    return {frozenset(each.split()) for each in sets}


def test_groups_of_two_pages_that_look_alike_are_one() -> None:
    found = joined(
        group("a", 0, 4, places=[0]), group("b", 90, places=[0]), group("c", 5, places=[1]), group("d", 92, places=[1])
    )
    assert found == names("a c", "b d")


def test_two_of_one_place_are_never_one_however_alike() -> None:
    assert joined(group("a", 0, places=[0]), group("b", 0, places=[0])) == names("a", "b")
    chain = joined(group("a", 0, places=[0]), group("b", 0.5, places=[1]), group("c", 0, places=[0, 2]), margin=0.0)
    assert not any({"a", "c"} <= one for one in chain)


def test_between_two_rivals_that_are_equally_alike_nobody_is_chosen() -> None:
    rivals = group("a", 0, places=[0]), group("b", 6, places=[0])
    assert joined(*rivals, group("c", 3, places=[1])) == names("a", "b", "c")
    assert joined(*rivals, group("c", 5, places=[1]), margin=0.0) == names("a", "b c")


def test_who_is_not_alike_enough_stays_alone() -> None:
    assert joined(group("a", 0, places=[0]), group("b", 40, places=[1])) == names("a", "b")


def test_likeness_is_that_of_all_sightings_not_of_the_nearest_two() -> None:
    drifting = [group(str(n), 12.0 * n, places=[n]) for n in range(6)]
    assert max(len(one) for one in joined(*drifting, margin=0.0)) < 6


def test_a_known_one_gives_the_name_and_two_known_ones_stay_two() -> None:
    same = cluster([group("p0-k0", 0, places=[0]), group("mika", 1, known=True)], min_likeness=0.95, margin=0.02)
    assert same == {"p0-k0": "mika", "mika": "mika"}
    assert joined(group("mika", 0, known=True), group("ada", 0, known=True)) == names("mika", "ada")


def test_nobody_and_somebody_never_looked_at_are_no_trouble() -> None:
    assert cluster([], min_likeness=0.9, margin=0.02) == {}
    assert joined(Group("a", np.zeros((0, 2), np.float32), frozenset([0])), group("b", 0, places=[1])) == names(
        "a", "b"
    )
