"""Show a conversation and the list of shots side by side, where the terminal is wide enough.

On a narrower terminal the text is printed as it comes, followed by the shots that changed. Where the output is not a
terminal, plain lines are printed and nothing else.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.run_context import Progress
from commands.output import shot_list, terminal
from commands.output.terminal import PrintConsole, ProgressPrinter, print_fact
from storage.library import Library

MIN_COLUMNS = 100
"""Columns from which there is room for columns."""
MIN_ROWS = 16
"""Rows below which there is not."""
PROGRESS_ROWS = 8
"""Rows that are kept free while work is shown below."""
MORE_PROMPT = "more below: Enter "


class ChatScreen:
    """The screen of a conversation: write to `output`, then call `show`."""

    def __init__(self, project: Path, screen: PrintConsole | None = None) -> None:
        self.project = project
        self.screen = screen or PrintConsole()
        is_interactive = sys.stdin.isatty() and self.screen.is_terminal and not self.screen.is_dumb_terminal
        self.output = ScreenBuffer(self.screen) if is_interactive else self.screen
        self._conversation: list[Text] = []
        self._shots = shot_list.ShotList((), "")
        self._is_alternate = False
        self._printed_notes: set[str] = set()

    @property
    def is_interactive(self) -> bool:
        """Whether a person uses a terminal."""
        return isinstance(self.output, ScreenBuffer)

    @property
    def is_wide(self) -> bool:
        """Whether the terminal now has room for both the conversation and the list of shots."""
        return self.is_interactive and self.screen.width >= MIN_COLUMNS and self.screen.height >= MIN_ROWS

    def __enter__(self) -> Self:
        """Switch to an alternate screen where there is room, and show the shots."""
        self._load_shots()
        if isinstance(self.output, ScreenBuffer):
            self._switch_screen(self.is_wide)
            self.output.width = self._columns[0]
            if not self.is_wide:
                self.screen.print_table(self._shots.full_table(self.screen.width))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the alternate screen and print the whole conversation on the normal one."""
        new = self.output.take_lines() if isinstance(self.output, ScreenBuffer) else []
        self._conversation += new
        self._switch_screen(False, new)

    def add_message(self, message: str) -> None:
        """Add the person's message to the conversation, and leave room for the progress below it."""
        if not isinstance(self.output, ScreenBuffer):
            return
        self._conversation += [Text(), Text(f"> {message}", "bold cyan")]
        if self.is_wide:
            self._draw(self._wrap_lines(self._conversation), (), spare=PROGRESS_ROWS)

    def show(self, shot_ids: Collection[str] = (), *, is_working: bool = False) -> None:
        """Show what was written to `output`, and the list of shots around those in `shot_ids` (ids).

        With `is_working`, more output follows at once.
        """
        if not isinstance(self.output, ScreenBuffer):
            return
        new = self.output.take_lines()
        self._conversation += new
        if self.is_wide or (shot_ids and not is_working):
            self._load_shots()
        self._switch_screen(self.is_wide, new)
        self.output.width = self._columns[0]
        if self.is_wide:
            self._show_pages(new, shot_ids, spare=PROGRESS_ROWS if is_working else 0)
            return
        if shot_ids and not is_working:
            self.screen.print_table(self._shots.table_of(shot_ids, self.screen.width))

    @contextmanager
    def show_progress(self) -> Iterator[ProgressPrinter]:
        """Yield a progress printer: bars that disappear, and each note printed once."""
        with terminal.show_progress(PrintConsole(stderr=True), transient=True) as bars:
            yield _ChatProgress(self, bars) if self.is_interactive else bars

    def print_note(self, text: str) -> None:
        """Print a note, unless it was printed before."""
        if text not in self._printed_notes:
            self._printed_notes.add(text)
            print_fact(self.output, "note", text, "dim")

    @property
    def _columns(self) -> tuple[int, int]:
        """Return the widths of the conversation and of the list of shots, in columns.

        The list grows by what the conversation does not need.
        """
        width = self.screen.width
        if not self.is_wide:
            return width, width
        spare = max(0, width - MIN_COLUMNS - 2 * shot_list.READABLE)
        right = shot_list.NARROW + (shot_list.READABLE + spare // 2 if spare else 0)
        return width - right - 3, right

    def _load_shots(self) -> None:
        if self.is_interactive:
            with Library.open(self.project, readonly=True) as library:
                self._shots = shot_list.list_shots(library)

    def _switch_screen(self, is_alternate: bool, new: list[Text] | None = None) -> None:
        """Enter or leave the alternate screen; on leaving, print the conversation again on the normal screen."""
        lines = new or []
        if is_alternate != self._is_alternate:
            self._is_alternate = is_alternate
            self.screen.set_alt_screen(is_alternate)
            lines = self._conversation
        if not is_alternate:
            for line in lines:
                for part in wrap_line(line, self.screen.width, fold=False):
                    self.screen.print(part, soft_wrap=True)

    def _wrap_lines(self, texts: list[Text]) -> list[Text]:
        return [part for text in texts for part in wrap_line(text, self._columns[0])]

    def _show_pages(self, new: list[Text], shot_ids: Collection[str], spare: int) -> None:
        """Draw the end of the conversation; new text longer than the screen is shown page by page."""
        height, new_lines = self.screen.height - 1 - spare, self._wrap_lines(new)
        while len(new_lines) > height and not spare:
            self._draw(new_lines[:height], shot_ids)
            new_lines = new_lines[height:]
            try:
                input(MORE_PROMPT)
            except EOFError:
                break
        self._draw(self._wrap_lines(self._conversation), shot_ids, spare)

    def _draw(self, lines: list[Text], shot_ids: Collection[str], spare: int = 0) -> None:
        left, right = self._columns
        height = self.screen.height - 1 - spare
        visible = lines[-height:]
        columns = Table.grid(padding=0)
        for width in (left, 3, right):
            columns.add_column(width=width)
        conversation = Text("\n").join([*[Text()] * (height - len(visible)), *visible])
        bar = Text("\n".join([" │ "] * height), "dim")
        columns.add_row(conversation, bar, self._shots.window_around(shot_ids, right, height))
        self.screen.clear()
        self.screen.print(columns)


class _ChatProgress:
    """A progress printer that shows progress as bars and notes in the conversation."""

    def __init__(self, screen: ChatScreen, bars: ProgressPrinter) -> None:
        self._screen, self.stop, self._bars = screen, bars.stop, bars

    def __call__(self, event: Progress) -> None:
        if event.kind == "note":
            self._screen.print_note(event.text)
        else:
            self._bars(event)


class ScreenBuffer(PrintConsole):
    """A console that keeps its output in memory, with the colours of the screen."""

    def __init__(self, screen: PrintConsole) -> None:
        Console.__init__(
            self, file=io.StringIO(), force_terminal=True, width=screen.width, highlight=False, markup=False,
            emoji=False, color_system=screen.color_system,  # type: ignore[arg-type]
        )  # fmt: skip

    def take_lines(self) -> list[Text]:
        """Return the lines printed since the last call."""
        assert isinstance(self.file, io.StringIO)
        text = self.file.getvalue()
        self.file.seek(0)
        self.file.truncate()
        return [Text.from_ansi(line) for line in text.splitlines()]


_PLAIN = Console(file=io.StringIO(), width=80)


def wrap_line(text: Text, width: int, *, fold: bool = True) -> Iterator[Text]:
    """Wrap a line to at most `width` columns; further lines are indented below its text, not below its name.

    Without `fold` a longer word, such as a path, stays whole, so that it can be copied.
    """
    if text.cell_len <= width:
        yield text
        return
    head = re.match(r".{0,40}\s{2}(?=\S)", text.plain)
    name, rest = (text[: head.end()], text[head.end() :]) if head else (Text(), text)
    room = width - name.cell_len
    words = max((len(word) for word in rest.plain.split()), default=0)
    if not fold and words > room:
        yield text
        return
    for at, part in enumerate(rest.wrap(_PLAIN, room)):
        part.rstrip()
        yield Text.assemble(name if at == 0 else " " * name.cell_len, part)
