"""Build tables that people can read and grep can search."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text


def table(columns: str, rows: Iterable[Iterable[object]], *, header: bool = True) -> Table:
    """A table whose last column folds; a column named with a "+" counts, and stands to the right."""
    made = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), show_header=header)
    names = columns.split()
    for name in names:
        last = name is names[-1]
        made.add_column(
            name.strip("+").replace("_", " "),
            justify="right" if "+" in name else "left",
            overflow="fold",
            no_wrap=not last,
        )
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    return made
