"""The `gc` command: remove stored files that nothing needs, after showing what they are and how large."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from agents import garbage
from commands.output.tables import bytes_text, table
from commands.output.terminal import PrintConsole, print_fact
from storage.inventory import StoredFile
from storage.library import Library


def run(command: argparse.Namespace) -> int:
    """Print what nothing needs, and with --yes remove it. Return 0."""
    paper = PrintConsole()
    with Library.open(command.project) as library:
        found = garbage.find_garbage(library)
        if found.files:
            paper.print_table(table("made_by files+ size+", size_rows(found.files)))
        if command.yes:
            garbage.remove_garbage(library, found)
            print_fact(paper, "removed", f"{len(found.files)} files, {bytes_text(found.size)}")
        else:
            after = "; --yes removes them" if found.files else ""
            print_fact(paper, "not needed", f"{len(found.files)} files, {bytes_text(found.size)}{after}")
    return 0


def size_rows(files: Iterable[StoredFile]) -> list[tuple[str, int, str]]:
    """Return a row for each kind of stored file, the largest first: the kind, how many there are, and their size."""
    sizes: dict[str, list[int]] = {}
    for file in files:
        sizes.setdefault(file.kind, []).append(file.size)
    ordered = sorted(sizes.items(), key=lambda kind: -sum(kind[1]))
    return [(kind, len(found), bytes_text(sum(found))) for kind, found in ordered]
