"""Hand frames to ffmpeg's encoder through a pipe: RGB pictures, or tones that already are the film's own planes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from storage.domain import VideoFormat
from tools.plates import Image, Mask
from tools.video.ffmpeg import ffmpeg_path, file_argument

_GREY = np.arange(256)
LUMA = ((28142 * _GREY + (32 << 14) + (1 << 8) >> 9) + 32 >> 6).astype(np.uint8)
"""The BT.709 luma (16..235) of each tone, with the whole numbers that ffmpeg's scaler uses, so that a grey film is the
same file whichever way its frames come: 28142 is the sum of its three weights of 219/255, times 2^15."""
NO_COLOUR = 128
"""The chroma of a pixel without colour."""


class RawVideo:
    """An encoder that takes frames; the file is finished when its context is left.

    Args:
        path: The file to write, in a folder of its own: the log of ffmpeg lies beside it.
        screen: The video format.
        options: Arguments of ffmpeg for the encoder.
        is_grey: Whether frames are tones, (h, w) uint8, and not (h, w, 3) RGB.
    """

    def __init__(self, path: Path, screen: VideoFormat, options: Sequence[str], *, is_grey: bool) -> None:
        self._log = path.with_suffix(".log")
        self._chroma = np.full(screen.height * screen.width // 2, NO_COLOUR, np.uint8) if is_grey else None
        self._latest: tuple[Image | Mask, Mask] | None = None
        size, pixels = f"{screen.width}x{screen.height}", "yuv420p" if is_grey else "rgb24"
        source = ["-f", "rawvideo", "-pix_fmt", pixels, "-s", size, "-r", str(screen.fps), "-i", "-"]
        self._command = [ffmpeg_path(), "-y", "-v", "info", *source, "-c:v", "libx264", *options, file_argument(path)]

    def __enter__(self) -> RawVideo:
        """Start ffmpeg."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let ffmpeg finish the file, or end it where the frames did not come to their end."""
        assert self._process.stdin is not None
        if kind is not None:
            self._process.kill()
        with suppress(OSError):  # it may have ended before
            self._process.stdin.close()
        self._process.wait()

    def write(self, frame: Image | Mask) -> bool:
        """Encode one frame; return whether ffmpeg still takes any."""
        assert self._process.stdin is not None
        try:
            if self._chroma is None:
                self._process.stdin.write(np.ascontiguousarray(frame).data)
            else:
                self._process.stdin.write(self._luma(frame).data)
                self._process.stdin.write(self._chroma.data)
        except OSError:
            return False
        return True

    def _luma(self, frame: Mask) -> Mask:
        """Return the luma of a frame; that of a frame that is held is computed once."""
        if self._latest is None or self._latest[0] is not frame:
            self._latest = frame, np.asarray(cv2.LUT(frame, LUMA), np.uint8)
        return self._latest[1]

    def read_log(self) -> str:
        """Return what ffmpeg said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def count_frames(self) -> int:
        """Return how many frames ffmpeg says that it has written."""
        written = re.findall(r"frame=\s*(\d+)", self.read_log())
        return int(written[-1]) if written else 0
