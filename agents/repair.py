"""Repair a project while it is worked on: what turns out to be damaged is made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from storage.artifacts import Artifacts
from storage.errors import ArtifactDamaged

Result = TypeVar("Result")


def with_repairs(artifacts: Artifacts, work: Callable[[], Result]) -> Result:
    """Do work that finds its finished parts by content keys, and do it again if it meets a damaged artifact.

    Where one file is damaged, others may be: all are verified then, and those that are damaged are set aside, so that
    they count as not made. The next attempt makes what it needs of them and uses everything else as it is.

    Args:
        artifacts: The stored files of the project. Where they may only be read, nothing is set aside or done again.
        work: The work; it must be able to run again.

    Returns:
        What the work returns.

    Raises:
        ArtifactDamaged: An artifact was met twice, so that nothing makes it again, or may not be set aside.
    """
    met = set[str]()
    while True:
        try:
            return work()
        except ArtifactDamaged as damage:
            if damage.sha256 in met or artifacts.readonly:
                raise
            met.add(damage.sha256)
            artifacts.set_aside_damaged()
