"""Print the shots of a film as a list that fits a given width, beside a conversation or within it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table
from rich.text import Text

from agents.conversation import shot_table
from agents.editing import selectors, shot_status
from storage.domain import ShotPlan
from storage.library import Library

NARROW = 43
"""Columns that the list needs without what is said in the shots."""
READABLE = 16
"""Columns that are worth to show what is said."""
_MARK, _CHANGED, _STALE, _DIM = "›", "bold green", "yellow", "dim"


@dataclass(frozen=True)
class ListedShot:
    """One row of the list: the shot's plan, its state, and the lettering that is read in it."""

    plan: ShotPlan
    state: Text
    lettering: str


@dataclass(frozen=True)
class ShotList:
    """The shots of a film, and the numbers of the shots that were dropped."""

    rows: Sequence[ListedShot]
    dropped: str

    def table_of(self, names: Collection[str], width: int) -> Table:
        """Return a table of the named shots."""
        return _table([row for row in self.rows if row.plan.id in names], (), width)

    def full_table(self, width: int) -> Group:
        """Return a table of every shot, with the film's totals below."""
        return Group(_table(self.rows, (), width), self._totals(self.rows, width))

    def window_around(self, names: Collection[str], width: int, rows: int) -> Group:
        """Return a table of at most `rows` rows, with as many shots as fit around the named ones, which are marked."""
        room = max(1, rows - 2)
        first = next((at for at, row in enumerate(self.rows) if row.plan.id in names), 0)
        start = max(0, min(first - room // 3, len(self.rows) - room))
        visible = self.rows[start : start + room]
        return Group(_table(visible, names, width), self._totals(visible, width))

    def _totals(self, visible: Sequence[ListedShot], width: int) -> Text:
        minutes, seconds = divmod(round(sum(row.plan.seconds for row in self.rows)), 60)
        count = len(self.rows)
        counted = f"{len(visible)} of {count} shots" if len(visible) < count else f"{count} shot{'s' * (count != 1)}"
        totals = f"  {counted}, {minutes}:{seconds:02d} min" + (f"; left out: {self.dropped}" if self.dropped else "")
        text = Text(totals, _DIM)
        text.truncate(width, overflow="ellipsis")
        return text


def list_shots(library: Library) -> ShotList:
    """List all shots with their state. Raises ProjectError when nothing is planned."""
    plans, board = {plan.id: plan for plan in library.shots()}, shot_status.editable_storyboard(library)
    rows = []
    for item in shot_status.shot_statuses(library):
        plan = plans[item.shot.id]
        texts = [balloon.text for balloon in board.lettering(plan) if balloon.id in plan.balloons]
        rows.append(ListedShot(plan, _state(item, plan.locked), " / ".join(" ".join(text.split()) for text in texts)))
    return ShotList(rows, " ".join(selectors.short_name(shot.id) for shot in library.dropped_shots()))


def _table(rows: Sequence[ListedShot], marked: Collection[str], width: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0), width=width)
    longest = max((len(selectors.short_name(row.plan.id)) for row in rows), default=0)
    columns = {"": 1, "shot": max(4, longest), "page": 4, "s": 4, "camera": 14, "state": 10}
    for name, wide in columns.items():
        table.add_column(name, width=wide, justify="right" if name in ("page", "s") else "left", no_wrap=True)
    text_width = width - NARROW - max(0, longest - 4)
    if text_width >= READABLE:
        table.add_column("says", width=text_width, no_wrap=True, overflow="ellipsis")
    for row in rows:
        plan, is_marked = row.plan, row.plan.id in marked
        cells: list[str | Text] = [
            Text(_MARK if is_marked else "", _CHANGED),
            Text(selectors.short_name(plan.id), _CHANGED if is_marked else ""),
            str(plan.page + 1),
            f"{plan.seconds:.1f}",
            shot_table.describe_moves(plan),
            row.state,
        ]
        cells += [Text(row.lettering, _DIM)] if text_width >= READABLE else []
        table.add_row(*cells)
    return table


def _state(item: shot_status.ShotStatus, locked: bool) -> Text:
    if item.take is None:
        return Text("to film", _STALE)
    fallback = item.shot.reduction
    return Text(fallback, _STALE) if fallback else Text("locked" if locked else f"take {item.take.number}", _DIM)
