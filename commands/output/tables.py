"""Build tables that people can read and grep can search."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text


def table(columns: str, rows: Iterable[Iterable[object]], *, header: bool = True) -> Table:
    """Build a table whose last column folds.

    Args:
        columns: the column names, separated by spaces; "_" stands for a space, and a "+" aligns a column to the right.
        rows: the cells of each row; None is an empty cell.
        header: whether the names are shown.
    """
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


def bytes_text(count: int) -> str:
    """Return a number of bytes as people write it, such as "3.4 MB"."""
    size, units = float(count), iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while size >= 1000 and unit != "TB":
        size, unit = size / 1000, next(units)
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
