"""Name the files that are being written, and find out whether a disk is full."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path


def part_path(path: Path) -> Path:
    """Return the path beside `path` under which it is written until it is complete.

    It is always the same, so that what a killed run left there is found again. It is hidden, and does not contain the
    name itself, which may be as long as names can be.
    """
    return path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.part")


def is_disk_full(error: OSError) -> bool:
    """Return whether an error says that the disk, or the part of it that the user may fill, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
