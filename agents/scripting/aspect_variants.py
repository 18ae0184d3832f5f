"""Frame a project for another aspect ratio while its film is made, and restore it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.editing import SetAspect, revise, undo
from storage.domain import VideoFormat
from storage.library import Library
from storage.records import Revision
from storage.settings import Settings
from storage.video_format import screen_of


@contextmanager
def framed_for(project: Path, aspect: str) -> Iterator[VideoFormat]:
    """The project framed for an aspect, and its screen; afterwards it stands as it did."""
    with Library.open(project) as library:
        head, settings = library.head(), library.settings() or Settings()
        screen = screen_of(aspect, settings.screen)
        turned = head is not None and not settings.screen.has_aspect(screen.aspect)
        if head is not None and turned:
            _turn(library, head, aspect)
        screen = (library.settings() or settings).screen
    try:
        yield screen
    finally:
        if head is not None and turned:
            with Library.open(project) as library:
                undo.move_to_revision(library, head.number)


def base_revision(library: Library) -> Revision | None:
    """The newest revision in force that is no framing for another aspect by a script, nor a critic's of one."""
    line = list(library.ancestry())
    while line:
        own = next((one for one in reversed(line) if one.author != "critic"), None)
        if own is None or not is_framing(own):
            return line[-1]
        line = line[: line.index(own)]
    return None


def is_framing(revision: Revision) -> bool:
    """Whether it is a script's framing for another aspect, and nothing else."""
    return revision.author == "script" and revision.kind == "aspect"


def _turn(library: Library, head: Revision, aspect: str) -> None:
    """Move the head to its framing for an aspect, which is made where it does not stand."""
    known = [one for one in library.revisions() if one.parent == head.number and _is_for(one, aspect)]
    if known:
        undo.move_to_revision(library, _judged(library, known[-1]).number)
    else:
        revise.revise(library, [SetAspect(aspect=aspect)], author="script", message=f"framed for {aspect}")


def _is_for(revision: Revision, aspect: str) -> bool:
    return is_framing(revision) and any(edit.get("aspect") == aspect for edit in revision.edits)


def _judged(library: Library, framing: Revision) -> Revision:
    """The newest revision that the critic made of a framing; itself where it made none."""
    newest = framing
    for one in library.revisions():
        newest = one if one.author == "critic" and one.parent == newest.number else newest
    return newest
