"""Watch one piece of work: its time, its memory, and every file that it writes outside its own folder."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

MOST_SECONDS = 20
"""Processor seconds that one input may take; a busy machine does not make them longer."""
MOST_MIB = 1024
"""Memory in MiB that one input may add to what the process had before."""
_LIMIT_MIB = 6 * 1024
"""Memory of the whole process in MiB, so that a fault costs this process and not the machine."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset((
    "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod", "os.utime",
))  # fmt: skip
_TWO_PATHS = frozenset(("os.rename", "os.link", "os.symlink"))
_FIRST_CHANGED = {"os.link": 1, "os.symlink": 1}
"""Position of the first argument that is a changed path, where it is not the first one."""
_CALLS_OUT = frozenset(("socket.connect", "os.system", "subprocess.Popen"))


class Hang(BaseException):
    """The work takes more processor time than it may; no `except Exception` catches it."""


@dataclass
class Watch:
    """What was seen of one piece of work."""

    folder: Path
    """Everything below this folder may be written."""
    outside: list[str] = field(default_factory=list)
    """What was written elsewhere, or done outside this process."""
    seconds: float = 0.0
    mib: int = 0
    """Memory that the work added at its peak, in MiB; 0 where the system does not tell."""


_watches: list[Watch] = []
"""The work that is watched now, if any."""


def install() -> None:
    """Install the guard in this process, for good."""
    sys.addaudithook(_audit)
    signal.signal(signal.SIGPROF, _stop)
    limit = _LIMIT_MIB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    """Watch the work of the block; raise Hang in it when it takes too long."""
    before, begin = _start_memory(), time.process_time()
    watch = Watch(folder.resolve())
    _watches.append(watch)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield watch
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _watches.remove(watch)
        watch.seconds = time.process_time() - begin
        watch.mib = max(0, _memory("VmHWM") - before)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Hang(f"more than {MOST_SECONDS} processor seconds")


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what is written outside the folder of the work that is watched, and what leaves this process."""
    if not _watches:
        return
    watch = _watches[-1]
    if event in _CALLS_OUT:
        watch.outside.append(f"{event} {arguments[:2]!r:.200}")
    elif event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & _WRITING:
            _note_path(watch, event, path)
    elif event in _CHANGES or event == "sqlite3.connect":
        for path in arguments[_FIRST_CHANGED.get(event, 0) : 2 if event in _TWO_PATHS else 1]:
            _note_path(watch, event, path)


def _note_path(watch: Watch, event: str, path: object) -> None:
    with suppress(TypeError, ValueError, UnicodeError):  # a descriptor, or no path at all: nothing is written then
        text = os.fsdecode(path)  # type: ignore[arg-type]
        real = Path(text.removeprefix("file:").split("?")[0] if event == "sqlite3.connect" else text).resolve()
        if real != Path(os.devnull) and not real.is_relative_to(watch.folder) and not _is_bytecode(real):
            watch.outside.append(f"{event} {real}")


def _is_bytecode(path: Path) -> bool:
    """Return whether a path belongs to the bytecode of a module that is imported for the first time."""
    prefix = sys.pycache_prefix
    return "__pycache__" in path.parts or (prefix is not None and path.is_relative_to(Path(prefix).resolve()))


def _start_memory() -> int:
    """Forget the peak so far and return the memory of this process in MiB."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    """Return a figure of this process's memory in MiB, 0 where the system does not tell."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) // 1024
    return 0
