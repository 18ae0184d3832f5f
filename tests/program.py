"""Run the real program from tests, in this process or in its own, and take its error messages apart."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]


def command(*words: object) -> list[str]:
    """Return the shell words that start the program."""
    return [sys.executable, "main.py", *map(str, words)]


def program(*words: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    return subprocess.run(
        command(*words),
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )


def refusal(said: str) -> tuple[str, str]:
    """Return the error and the hint of a stderr that ends in these two lines and shows no traceback."""
    lines = said.splitlines()
    assert "Traceback" not in said, said
    assert [line.partition(": ")[0] for line in lines[-2:]] == ["error", "hint"], said
    assert sum(line.startswith(("error: ", "hint: ")) for line in lines) == 2, said
    return lines[-2].partition(": ")[2], lines[-1].partition(": ")[2]


def print_of(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, except the files that SQLite keeps for readers."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal")) and path.name != "project.lock"
    }
