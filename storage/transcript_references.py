"""Check that the ids of a transcript are unique, and that what it refers to exists."""

from __future__ import annotations

from collections.abc import Iterator

from storage.domain import Transcript
from storage.errors import SettingsError

_HINT = "give every page, panel, text and character an id of its own, and name only those that are there"


def check_references(transcript: Transcript) -> None:
    """Check that all ids of a transcript are unique and that all references exist.

    Raises:
        SettingsError: They are not; the message names the place.
    """
    pages = transcript.pages
    panels = _unique_ids("panel", (panel.id for page in pages for panel in page.panels))
    cast = _unique_ids("character", (character.id for character in transcript.cast))
    _unique_ids("page", (str(page.index) for page in pages))
    _unique_ids("text", (balloon.id for page in pages for balloon in page.balloons))
    _unique_ids("appearance", (appearance.id for page in pages for appearance in page.characters))
    for page in pages:
        for balloon in page.balloons:
            _check_known(f"{page.image}: text {balloon.id}", "panel", balloon.panel, panels)
        for appearance in page.characters:
            _check_known(f"{page.image}: appearance {appearance.id}", "panel", appearance.panel, panels)
            _check_known(f"{page.image}: appearance {appearance.id}", "character", appearance.character, cast)


def _check_known(place: str, kind: str, name: str | None, known_names: set[str]) -> None:
    if name is not None and name not in known_names:
        raise SettingsError(f"{place} names {kind} {name}, which the transcript does not hold", _HINT)


def _unique_ids(kind: str, names: Iterator[str]) -> set[str]:
    unique: set[str] = set()
    for name in names:
        if name in unique:
            raise SettingsError(f"the transcript holds {kind} {name} twice", _HINT)
        unique.add(name)
    return unique
