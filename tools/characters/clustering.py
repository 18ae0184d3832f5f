"""Cluster groups of sightings into characters by their embeddings.

Average linkage: the two most similar groups are merged, as long as they are similar enough, and clearly more similar
than the next candidate. A candidate is another group that might be meant instead, because it cannot be the same
character: both were seen in the same place, or both have a known identity. A character split in two is easily corrected
by hand, two characters merged into one are not, so groups stay separate in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Group:
    """Sightings that certainly show one character."""

    name: str
    vectors: NDArray[np.float32]
    """Embeddings, (n, d), one of length 1 for each sighting."""
    places: frozenset[int]
    """Where it was seen; two groups that share a place are different characters."""
    known: bool = False
    """Whether its identity was given; two known groups are different characters."""


def cluster(groups: Sequence[Group], *, min_likeness: float, margin: float) -> dict[str, str]:
    """Merge groups that show the same character.

    Returns, for each group's name, the name of the group it was merged into: a known one, else the first. `alike` and
    `margin` are those of a likeness measure (`tools/likeness`).
    """
    clustering = _Clustering(groups)
    while (pair := clustering.closest(min_likeness, margin)) is not None:
        clustering.join(*pair)
    return {group.name: groups[clustering.root(n)].name for n, group in enumerate(groups)}


class _Clustering:
    """The state of a clustering: the embeddings of the merged groups, and which pairs certainly differ."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._parent = list(range(len(groups)))
        self._known = [group.known for group in groups]
        self._counts = np.array([len(group.vectors) for group in groups], np.float64)
        self._sums = np.zeros((len(groups), max((group.vectors.shape[1] for group in groups), default=0)))
        for n, group in enumerate(groups):
            if len(group.vectors):
                self._sums[n] = group.vectors.sum(axis=0)
        self._different = np.array(
            [[a is b or (a.known and b.known) or bool(a.places & b.places) for b in groups] for a in groups], bool
        ).reshape(len(groups), len(groups))
        self._alive = np.ones(len(groups), bool)

    def root(self, n: int) -> int:
        """Return the group that `n` was merged into."""
        while self._parent[n] != n:
            n = self._parent[n]
        return n

    def closest(self, alike: float, margin: float) -> tuple[int, int] | None:
        """Return the two groups to merge next, None if no two are alike enough and clearly so."""
        likeness = self._sums @ self._sums.T / np.maximum(np.outer(self._counts, self._counts), 1)
        likeness[~self._alive] = likeness[:, ~self._alive] = -1.0
        likeness[self._counts == 0] = likeness[:, self._counts == 0] = -1.0
        mergeable = np.where(self._different, -1.0, likeness)
        for index in np.argsort(-mergeable, axis=None, kind="stable"):
            i, j = divmod(int(index), len(self._parent))
            if mergeable[i, j] < alike:
                return None
            if i < j and mergeable[i, j] >= margin + max(
                self._next_candidate(mergeable, i, j), self._next_candidate(mergeable, j, i)
            ):
                return i, j
        return None

    def join(self, i: int, j: int) -> None:
        """Merge two groups, under the known one's name, else the first one's."""
        i, j = (j, i) if self._known[j] else (i, j)
        self._parent[j] = i
        self._alive[j] = False
        self._sums[i] += self._sums[j]
        self._counts[i] += self._counts[j]
        self._different[i] |= self._different[j]
        self._different[:, i] |= self._different[:, j]

    def _next_candidate(self, open_to: NDArray[np.float64], i: int, j: int) -> float:
        """Return the likeness of `i` to the most similar group that might be meant instead of `j`."""
        candidates = open_to[i][self._different[j] & (np.arange(len(self._parent)) != j)]
        return float(candidates.max(initial=-1.0))
