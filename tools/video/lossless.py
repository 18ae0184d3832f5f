"""Write and read lossless clips, which store the frames of an animation between two stages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import StorageError
from tools.video.clips import probe_clip
from tools.video.ffmpeg import ffmpeg_path, file_argument

VERSION = 1
"""Increase it when the same frames are written as other bytes; it is part of the content keys of such clips."""


def write_lossless(frames: NDArray[np.uint8], *, rate: float, path: Path) -> None:
    """Write frames as lossless H.264; the same frames give the same bytes.

    It takes half the time and half the space of FFV1.

    Args:
        frames: (n, h, w, 3) RGB uint8.
        rate: Frames per second.
        path: The file to write.

    Raises:
        StorageError: The file cannot be written.
    """
    height, width = frames.shape[1:3]
    command = [
        ffmpeg_path(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
        "-r", f"{rate:g}", "-i", "-", "-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast", "-threads", "1",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", file_argument(path),
    ]  # fmt: skip
    process = subprocess.run(command, input=np.ascontiguousarray(frames).data, capture_output=True, check=False)
    if process.returncode:
        raise StorageError(f"{path.name} could not be written: {process.stderr.decode(errors='replace').strip()}",
                           "free some space and run the same command again")  # fmt: skip


def read_lossless(path: Path) -> NDArray[np.uint8]:
    """Read the frames of a clip of `write_lossless`, (n, h, w, 3) RGB uint8.

    Raises:
        StorageError: The file is damaged.
    """
    facts = probe_clip(path)
    command = [ffmpeg_path(), "-v", "error", "-i", file_argument(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    process = subprocess.run(command, capture_output=True, check=False)
    size = facts.height * facts.width * 3
    if process.returncode or not process.stdout or len(process.stdout) % size:
        raise StorageError(f"the kept clip {path.name} is damaged", "delete it; the same command makes it again")
    return np.frombuffer(process.stdout, np.uint8).reshape(-1, facts.height, facts.width, 3)
