"""A take in, what was said of it last as words out."""

from __future__ import annotations

from storage.library import Library
from storage.records import Take


def verdict_of(library: Library, take: Take) -> str:
    """The verdict, by whom where it was the critic, and why."""
    verdict = library.latest_verdict(take.id)
    if verdict is None:
        return "not reviewed"
    who = " (critic)" if verdict.author == "critic" else ""
    return f"{verdict.decision}{who}" + (f": {verdict.reason}" if verdict.reason else "")
