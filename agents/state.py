"""What travels the route: ids, counters and short reasons; nothing heavy (every checkpoint writes it whole)."""

from __future__ import annotations

from typing import TypedDict


class State(TypedDict, total=False):
    """The state of one run over the route.

    attempts   shot id -> how many takes of it a review has turned down in this run
    fallbacks  shot id -> why it is filmed from the plain page
    lost       shot id -> why there is no take of it at all
    approved   whether somebody has agreed to the storyboard
    film       hash of the finished film
    """

    attempts: dict[str, int]
    fallbacks: dict[str, str]
    lost: dict[str, str]
    approved: bool
    film: str
