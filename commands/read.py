"""`read`: a book in, its transcript out; films nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from agents import delivery, film
from commands.shown import reading
from commands.shown.terminal import Paper, fact, look_twice, telling
from commands.typed.wishes import settings_before, settings_of, source_of
from storage.library import Library


def run(command: argparse.Namespace) -> int:
    """Read the book and write its transcript."""
    for place in filter(None, (command.json, command.html)):
        delivery.refuse_unwritable(place)
    settings = settings_of(command, settings_before(command.project) if command.project else None)
    console = Paper(stderr=True)
    look = _shown(command.html)
    with telling(console) as say:
        found = film.transcribe(
            source_of(command), settings, project=command.project, say=say, look=look, asking=command.understand
        )
    text = found.model_dump_json(indent=1) + "\n"
    if command.json is None and command.html is None:
        print(text, end="")
    elif command.json is not None:
        delivery.put({command.json: text})
    look_twice(console, {page.image: page.doubts for page in found.pages})
    if command.json is not None:
        fact(console, "transcript", str(command.json), "bold green")
    if command.html is not None:
        fact(console, "to look at", str(command.html), "bold green")
    panels, texts = sum(len(p.panels) for p in found.pages), sum(len(p.texts) for p in found.pages)
    fact(console, "", f"{len(found.pages)} pages, {panels} panels, {texts} texts, read {found.order}")
    return 0


def _shown(place: Path | None) -> Callable[[Library], None] | None:
    return (lambda library: reading.show(library, place)) if place else None
