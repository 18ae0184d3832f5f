"""Frame a project for another aspect ratio while its film is made, and restore it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.editing import SetAspect, plan_inputs, revise
from storage.domain import VideoFormat
from storage.library import Library
from storage.records import Revision
from storage.settings import Settings
from storage.video_format import screen_of


@contextmanager
def frame_for_aspect(project: Path, aspect: str) -> Iterator[VideoFormat]:
    """Frame the project for an aspect ratio within the context, give its video format, and restore it afterwards."""
    with Library.open(project) as library:
        head, settings = library.head(), library.settings() or Settings()
        screen = screen_of(aspect, settings.screen)
        is_other_aspect = head is not None and not settings.screen.has_aspect(screen.aspect)
        if head is not None and is_other_aspect:
            _move_to_variant(library, head, aspect)
        screen = (library.settings() or settings).screen
    try:
        yield screen
    finally:
        if head is not None and is_other_aspect:
            with Library.open(project) as library:
                plan_inputs.move_to_revision(library, head.number)


def base_revision(library: Library) -> Revision | None:
    """Return the newest revision in force that is neither a script's aspect variant nor a critic's change of one."""
    line = list(library.ancestry())
    while line:
        own = next((one for one in reversed(line) if one.author != "critic"), None)
        if own is None or not is_framing(own):
            return line[-1]
        line = line[: line.index(own)]
    return None


def is_framing(revision: Revision) -> bool:
    """Return whether a revision is an aspect variant made by a script."""
    return revision.author == "script" and revision.kind == "aspect"


def _move_to_variant(library: Library, head: Revision, aspect: str) -> None:
    """Move to the aspect variant of a revision, which is made if it does not exist."""
    known = [one for one in library.revisions() if one.parent == head.number and _is_variant_for(one, aspect)]
    if known:
        plan_inputs.move_to_revision(library, _after_critic(library, known[-1]).number)
    else:
        revise.revise(library, [SetAspect(aspect=aspect)], author="script", message=f"framed for {aspect}")


def _is_variant_for(revision: Revision, aspect: str) -> bool:
    return is_framing(revision) and any(edit.get("aspect") == aspect for edit in revision.edits)


def _after_critic(library: Library, framing: Revision) -> Revision:
    """Return the newest revision that the critic made of an aspect variant, or the variant itself."""
    newest = framing
    for one in library.revisions():
        newest = one if one.author == "critic" and one.parent == newest.number else newest
    return newest
