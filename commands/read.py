"""The `read` command: read a book and write its transcript. It films nothing."""

from __future__ import annotations

import argparse

from agents import output_files
from agents import run as film_run
from commands.cli.settings import settings_before, settings_of, source_of
from commands.output import pages_html
from commands.output.terminal import PrintConsole, print_doubts, print_fact, print_notes, show_progress
from storage.book_info import BookNote
from storage.library import Library


def run(command: argparse.Namespace) -> int:
    """Read the book and write its transcript as JSON, HTML or to standard output. Return 0."""
    for place in filter(None, (command.json, command.html)):
        output_files.refuse_unwritable(place)
    settings = settings_of(command, settings_before(command.project) if command.project else None)
    console = PrintConsole(stderr=True)
    notes: list[BookNote] = []

    def keep_notes(library: Library) -> None:
        notes.extend(library.info().notes)
        if command.html:
            pages_html.write_pages_html(library, command.html)

    with show_progress(console) as say:
        found = film_run.transcribe(
            source_of(command),
            settings,
            project=command.project,
            say=say,
            on_transcript=keep_notes,
            understand_book=command.understand,
        )
    text = found.to_json(command.json_version)
    if command.json is None and command.html is None:
        print(text, end="")
    elif command.json is not None:
        output_files.write_files({command.json: text})
    print_notes(console, notes)
    print_doubts(console, {page.image: page.doubts for page in found.pages})
    if command.json is not None:
        print_fact(console, "transcript", str(command.json), "bold green")
    if command.html is not None:
        print_fact(console, "to look at", str(command.html), "bold green")
    panels, texts = sum(len(p.panels) for p in found.pages), sum(len(p.balloons) for p in found.pages)
    print_fact(console, "", f"{len(found.pages)} pages, {panels} panels, {texts} texts, read {found.order}")
    return 0
