"""`read`: a book in, its transcript out; films nothing."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from agents import film
from commands.terminal import telling
from commands.wishes import settings_of, source_of
from storage.errors import StorageError


def run(command: argparse.Namespace) -> int:
    """Read the book and write its transcript."""
    console = Console(stderr=True)
    with telling(console) as say:
        found = film.transcribe(source_of(command), settings_of(command, None), project=command.project, say=say)
    text = found.model_dump_json(indent=1)
    if command.json is None:
        print(text)
    else:
        try:
            command.json.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"{command.json} could not be written: {error.strerror}", "choose another place"
            ) from None
    for page in found.pages:
        for doubt in page.doubts:
            print(f"look twice: {page.image}: {doubt}", file=sys.stderr)
    panels, texts = sum(len(p.panels) for p in found.pages), sum(len(p.texts) for p in found.pages)
    console.print(f"{len(found.pages)} pages, {panels} panels, {texts} texts, read {found.order}", highlight=False)
    return 0
