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
from commands.output import shot_list
from commands.output.terminal import PrintConsole, ProgressPrinter, print_fact, show_progress
from storage.library import Library

MIN_COLUMNS = 100
"""Columns from which there is room for both."""
MIN_ROWS = 16
"""Rows below which there is not."""
PROGRESS_ROWS = 8
"""Rows that are kept free while work is shown below."""
MORE_PROMPT = "more below: Enter "


class ChatScreen:
    """The screen of a conversation: write to `page`, then call `show`."""

    def __init__(self, project: Path, screen: PrintConsole | None = None) -> None:
        self.project = project
        self.screen = screen or PrintConsole()
        live = sys.stdin.isatty() and self.screen.is_terminal and not self.screen.is_dumb_terminal
        self.page = ScreenBuffer(self.screen) if live else self.screen
        self._said: list[Text] = []
        self._shots = shot_list.ShotList((), "")
        self._apart = False
        self._noted: set[str] = set()

    @property
    def live(self) -> bool:
        """Whether a person uses a terminal."""
        return isinstance(self.page, ScreenBuffer)

    @property
    def wide(self) -> bool:
        """Whether the terminal now has room for both the conversation and the list of shots."""
        return self.live and self.screen.width >= MIN_COLUMNS and self.screen.height >= MIN_ROWS

    def __enter__(self) -> Self:
        """Switch to an alternate screen where there is room, and show the shots."""
        self._look()
        if isinstance(self.page, ScreenBuffer):
            self._move(self.wide)
            self.page.width = self._columns[0]
            if not self.wide:
                self.screen.lay(self._shots.all(self.screen.width))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the alternate screen and print the whole conversation on the normal one."""
        new = self.page.taken() if isinstance(self.page, ScreenBuffer) else []
        self._said += new
        self._move(False, new)

    def hear(self, said: str) -> None:
        """Add the person's message to the conversation, and leave room for the progress below it."""
        if not isinstance(self.page, ScreenBuffer):
            return
        self._said += [Text(), Text(f"> {said}", "bold cyan")]
        if self.wide:
            self._draw(self._lines(self._said), (), spare=PROGRESS_ROWS)

    def show(self, meant: Collection[str] = (), *, working: bool = False) -> None:
        """Show what was written to `page`, and the list of shots around those in `meant` (ids).

        With `working`, more output follows at once.
        """
        if not isinstance(self.page, ScreenBuffer):
            return
        new = self.page.taken()
        self._said += new
        if self.wide or (meant and not working):
            self._look()
        self._move(self.wide, new)
        self.page.width = self._columns[0]
        if self.wide:
            self._leaf(new, meant, spare=PROGRESS_ROWS if working else 0)
            return
        if meant and not working:
            self.screen.lay(self._shots.only(meant, self.screen.width))

    @contextmanager
    def telling(self) -> Iterator[ProgressPrinter]:
        """Yield a progress printer: bars that disappear, and each note printed once."""
        with show_progress(PrintConsole(stderr=True), passing=True) as bars:
            yield _NotingProgress(self, bars) if self.live else bars

    def note(self, text: str) -> None:
        """Print a note, unless it was printed before."""
        if text not in self._noted:
            self._noted.add(text)
            print_fact(self.page, "note", text, "dim")

    @property
    def _columns(self) -> tuple[int, int]:
        """Return the widths of the conversation and of the list of shots, in columns.

        The list grows by what the conversation does not need.
        """
        width = self.screen.width
        if not self.wide:
            return width, width
        spare = max(0, width - MIN_COLUMNS - 2 * shot_list.READABLE)
        right = shot_list.NARROW + (shot_list.READABLE + spare // 2 if spare else 0)
        return width - right - 3, right

    def _look(self) -> None:
        if self.live:
            with Library.open(self.project, readonly=True) as library:
                self._shots = shot_list.list_shots(library)

    def _move(self, apart: bool, new: list[Text] | None = None) -> None:
        """Enter or leave the alternate screen; on leaving, print the conversation again on the normal screen."""
        lines = new or []
        if apart != self._apart:
            self._apart = apart
            self.screen.set_alt_screen(apart)
            lines = self._said
        if not apart:
            for line in lines:
                for part in wrap_line(line, self.screen.width, fold=False):
                    self.screen.print(part, soft_wrap=True)

    def _lines(self, said: list[Text]) -> list[Text]:
        return [part for text in said for part in wrap_line(text, self._columns[0])]

    def _leaf(self, new: list[Text], meant: Collection[str], spare: int) -> None:
        """Draw the end of the conversation; new text longer than the screen is shown page by page."""
        high, fresh = self.screen.height - 1 - spare, self._lines(new)
        while len(fresh) > high and not spare:
            self._draw(fresh[:high], meant)
            fresh = fresh[high:]
            try:
                input(MORE_PROMPT)
            except EOFError:
                break
        self._draw(self._lines(self._said), meant, spare)

    def _draw(self, lines: list[Text], meant: Collection[str], spare: int = 0) -> None:
        left, right = self._columns
        high = self.screen.height - 1 - spare
        seen = lines[-high:]
        both = Table.grid(padding=0)
        for width in (left, 3, right):
            both.add_column(width=width)
        said = Text("\n").join([*[Text()] * (high - len(seen)), *seen])
        bar = Text("\n".join([" │ "] * high), "dim")
        both.add_row(said, bar, self._shots.around(meant, right, high))
        self.screen.clear()
        self.screen.print(both)


class _NotingProgress:
    """A progress printer that shows progress as bars and notes in the conversation."""

    def __init__(self, screen: ChatScreen, bars: ProgressPrinter) -> None:
        self._screen, self.rest, self._bars = screen, bars.rest, bars

    def __call__(self, said: Progress) -> None:
        if said.kind == "note":
            self._screen.note(said.text)
        else:
            self._bars(said)


class ScreenBuffer(PrintConsole):
    """A console that keeps its output in memory, with the colours of the screen."""

    def __init__(self, screen: PrintConsole) -> None:
        Console.__init__(
            self, file=io.StringIO(), force_terminal=True, width=screen.width, highlight=False, markup=False,
            emoji=False, color_system=screen.color_system,  # type: ignore[arg-type]
        )  # fmt: skip

    def taken(self) -> list[Text]:
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
