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

LEAST = 100
"""Columns from which there is room for both."""
LOWEST = 16
"""Rows below which there is not."""
BARS = 8
"""Rows that are kept free while work is shown below."""
MORE = "more below: Enter "


class ChatScreen:
    """A conversation at a terminal: write on `page`, then `show`."""

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
        """Whether somebody looks at it."""
        return isinstance(self.page, ScreenBuffer)

    @property
    def wide(self) -> bool:
        """Whether both have room, now."""
        return self.live and self.screen.width >= LEAST and self.screen.height >= LOWEST

    def __enter__(self) -> Self:
        """Take a screen of its own, and show the shots."""
        self._look()
        if isinstance(self.page, ScreenBuffer):
            self._move(self.wide)
            self.page.width = self._columns[0]
            if not self.wide:
                self.screen.lay(self._shots.all(self.screen.width))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give the screen back, with all that was said on it."""
        new = self.page.taken() if isinstance(self.page, ScreenBuffer) else []
        self._said += new
        self._move(False, new)

    def hear(self, said: str) -> None:
        """Keep what the person has typed, and make room for what is done about it."""
        if not isinstance(self.page, ScreenBuffer):
            return
        self._said += [Text(), Text(f"> {said}", "bold cyan")]
        if self.wide:
            self._draw(self._lines(self._said), (), spare=BARS)

    def show(self, meant: Collection[str] = (), *, working: bool = False) -> None:
        """Show what was written, and the shots around those that are meant. `working`: more of it comes at once."""
        if not isinstance(self.page, ScreenBuffer):
            return
        new = self.page.taken()
        self._said += new
        if self.wide or (meant and not working):
            self._look()
        self._move(self.wide, new)
        self.page.width = self._columns[0]
        if self.wide:
            self._leaf(new, meant, spare=BARS if working else 0)
            return
        if meant and not working:
            self.screen.lay(self._shots.only(meant, self.screen.width))

    @contextmanager
    def telling(self) -> Iterator[ProgressPrinter]:
        """Somebody to talk to while work goes on: bars that pass, and each note once, where it stays."""
        with show_progress(PrintConsole(stderr=True), passing=True) as bars:
            yield _Noting(self, bars) if self.live else bars

    def note(self, text: str) -> None:
        """Write down what was not said before."""
        if text not in self._noted:
            self._noted.add(text)
            print_fact(self.page, "note", text, "dim")

    @property
    def _columns(self) -> tuple[int, int]:
        """How wide the conversation is, and the list of shots: it grows with what a conversation does not need."""
        width = self.screen.width
        if not self.wide:
            return width, width
        spare = max(0, width - LEAST - 2 * shot_list.READABLE)
        right = shot_list.NARROW + (shot_list.READABLE + spare // 2 if spare else 0)
        return width - right - 3, right

    def _look(self) -> None:
        if self.live:
            with Library.open(self.project, readonly=True) as library:
                self._shots = shot_list.list_shots(library)

    def _move(self, apart: bool, new: list[Text] | None = None) -> None:
        """Go to a screen of its own or come back; what was said there is said again where it stays."""
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
        """Draw the end of what was said; what is new and longer than the screen is leafed through."""
        high, fresh = self.screen.height - 1 - spare, self._lines(new)
        while len(fresh) > high and not spare:
            self._draw(fresh[:high], meant)
            fresh = fresh[high:]
            try:
                input(MORE)
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


class _Noting:
    """Tells of work in bars, and of all else on a desk."""

    def __init__(self, desk: ChatScreen, bars: ProgressPrinter) -> None:
        self._desk, self.rest, self._bars = desk, bars.rest, bars

    def __call__(self, said: Progress) -> None:
        if said.kind == "note":
            self._desk.note(said.text)
        else:
            self._bars(said)


class ScreenBuffer(PrintConsole):
    """Paper that is kept in memory, with the colours of a screen."""

    def __init__(self, screen: PrintConsole) -> None:
        Console.__init__(
            self, file=io.StringIO(), force_terminal=True, width=screen.width, highlight=False, markup=False,
            emoji=False, color_system=screen.color_system,  # type: ignore[arg-type]
        )  # fmt: skip

    def taken(self) -> list[Text]:
        """What was printed since it was last asked for, line by line."""
        assert isinstance(self.file, io.StringIO)
        text = self.file.getvalue()
        self.file.seek(0)
        self.file.truncate()
        return [Text.from_ansi(line) for line in text.splitlines()]


_PLAIN = Console(file=io.StringIO(), width=80)


def wrap_line(text: Text, width: int, *, fold: bool = True) -> Iterator[Text]:
    """A line in pieces no wider than this; they hang below what is said, not below its name.

    Without `fold` a word that is longer, such as a path, stays whole, ready to be copied.
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
