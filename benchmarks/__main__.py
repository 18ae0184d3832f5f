"""Run all benchmarks, or those named on the command line, print one table, and exit with 1 if a bound is broken."""

from __future__ import annotations

import importlib
import sys

from rich.console import Console
from rich.table import Table

ALL = (
    "door", "route", "segment", "motion", "reading", "revise", "sentences", "memory", "overhead", "loads", "upscale",
    "speech", "sound", "sound_change",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, and print one table. Return 1 if a bound is broken."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("what", "figure", "bound", ""):
        table.add_column(column)
    console, broken = Console(), 0
    for name in names or ALL:
        console.print(f"[dim]{name} ...[/]")
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            broken += not row.holds
            table.add_row(
                row.what, row.figure, row.bound, "" if not row.bound else "yes" if row.holds else "[red]NO[/]"
            )
    console.print(table)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
