"""Run ffmpeg: find the program, name files so that it takes them for files, and explain its failures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from storage.errors import BackendError, KomadoriError, StorageError
from storage.files import is_disk_full


def ffmpeg_path() -> str:
    """Return the path of ffmpeg: FFMPEG_BINARY from the environment, or the one that comes with imageio-ffmpeg.

    Raises:
        BackendError: FFMPEG_BINARY names no program, or ffmpeg is not installed.
    """
    configured = os.environ.get("FFMPEG_BINARY", "")
    if configured and configured not in ("ffmpeg-imageio", "auto-detect"):
        program = shutil.which(configured)
        if program is None:
            raise BackendError(f"FFMPEG_BINARY names no program: {configured}", "unset it, or give the path of ffmpeg")
        return os.path.abspath(program)  # it also runs in other working directories
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise BackendError("ffmpeg is not installed", "pip install --force-reinstall imageio-ffmpeg") from error


def file_argument(path: Path) -> str:
    """Return a path as an argument that ffmpeg and moviepy take for a file, whatever its name is.

    ffmpeg takes a relative "-name" for an option, and "name:rest" for a protocol. An absolute path is neither.
    """
    return os.path.abspath(path)


def run_ffmpeg(arguments: Sequence[str], path: Path, *, folder: Path | None = None) -> None:
    """Run ffmpeg to make `path`.

    Args:
        arguments: The arguments, without those about messages and overwriting.
        path: The file that is made, for messages.
        folder: The working directory; relative names in the arguments are in it.

    Raises:
        StorageError: The disk is full.
        BackendError: ffmpeg failed.
    """
    process = subprocess.run(
        [ffmpeg_path(), "-y", "-v", "warning", "-nostdin", *arguments],
        capture_output=True, text=True, errors="replace", check=False, cwd=folder,
    )  # fmt: skip
    if process.returncode:
        raise ffmpeg_error(path, process.stderr)


def ffmpeg_error(path: Path, log: str) -> KomadoriError:
    """Return the error that fits the log of ffmpeg and the state of the disk, when `path` could not be made."""
    if "No space left" in log or "File too large" in log or _free_bytes(path) < 2_000_000:
        return _disk_full_error(path)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    faults = [line for line in lines if re.search("error|invalid|failed", line, re.IGNORECASE)] or lines
    return BackendError(
        f"ffmpeg failed on {path.name}: {faults[-1] if faults else 'it said nothing'}",
        "unset FFMPEG_BINARY, or pip install --force-reinstall imageio-ffmpeg",
    )


def unwritable_error(path: Path, error: OSError) -> StorageError:
    """Return the error for a file that the system does not let us write."""
    if is_disk_full(error):
        return _disk_full_error(path)
    return StorageError(f"{path} cannot be written: {error.strerror}", "choose a folder that can be written")


def _disk_full_error(path: Path) -> StorageError:
    return StorageError(f"the disk is full: {path.name} could not be written", f"free space under {path.parent}")


def _free_bytes(path: Path) -> int:
    """Return the free bytes on the disk of `path`."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return sys.maxsize
