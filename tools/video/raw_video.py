"""Hand frames to ffmpeg's encoder through a pipe, as the planes that the film holds: luma, and chroma at half the size.

OpenCV makes these planes of a picture in a third of the time of ffmpeg's scaler, and the pipe carries half as much.
"""

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

_BT709 = ((187, 629, 63, 16 << 10), (-103, -347, 450, 128 << 10), (450, -409, -41, 128 << 10))
"""Y, Cb and Cr of limited range from R, G, B and 1, times 1024 (ITU-R BT.709-6, items 3.2 to 3.5).

OpenCV calculates with these whole numbers, hence every machine makes the same planes. The rows of the chroma have the
sum 0, so that a grey pixel has none. A luma is at most 0.7 from the exact value, 0.5 of it by rounding.
"""
_TO_FILM = np.array(_BT709, np.float32) / 1024
LUMA = (sum(_BT709[0][:3]) * np.arange(256) + _BT709[0][3] + 512 >> 10).astype(np.uint8)
"""The luma (16..235) of each tone, the same as that of a pixel whose three colours are this tone."""
NO_COLOUR = 128
"""The chroma of a pixel without colour."""
_PIPE_BYTES = 1 << 20
"""The largest pipe that Linux gives to everybody; elsewhere pipes keep their size."""


def film_planes(frame: Image | Mask) -> tuple[Mask, ...]:
    """Return the planes of a film for one frame.

    Args:
        frame: (h, w, 3) RGB or (h, w) tones, uint8, with even sides.

    Returns:
        Its luma, (h, w), and its Cb and Cr averaged over two by two pixels, (h / 2, w / 2), uint8.
    """
    half = frame.shape[1] // 2, frame.shape[0] // 2
    if frame.ndim == 2:
        no_colour = np.full(half[::-1], NO_COLOUR, np.uint8)
        return np.asarray(cv2.LUT(frame, LUMA), np.uint8), no_colour, no_colour
    luma = cv2.transform(frame, _TO_FILM)
    chroma = cv2.transform(cv2.resize(frame, half, interpolation=cv2.INTER_AREA), _TO_FILM)
    planes = cv2.extractChannel(luma, 0), cv2.extractChannel(chroma, 1), cv2.extractChannel(chroma, 2)
    return tuple(np.asarray(plane, np.uint8) for plane in planes)


class RawVideo:
    """An encoder that takes frames; the file is finished when its context is left.

    Args:
        path: The file to write, in a folder of its own: the log of ffmpeg lies beside it.
        screen: The video format.
        options: Arguments of ffmpeg for the encoder.
    """

    def __init__(self, path: Path, screen: VideoFormat, options: Sequence[str]) -> None:
        self._log = path.with_suffix(".log")
        self._latest: tuple[Image | Mask, tuple[Mask, ...]] | None = None
        size = f"{screen.width}x{screen.height}"
        source = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(screen.fps), "-i", "-"]
        self._command = [ffmpeg_path(), "-y", "-v", "info", *source, "-c:v", "libx264", *options, file_argument(path)]

    def __enter__(self) -> RawVideo:
        """Start ffmpeg."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, pipesize=_PIPE_BYTES
            )
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
        """Encode one frame, (h, w, 3) RGB or (h, w) tones, uint8; return whether ffmpeg still takes any."""
        assert self._process.stdin is not None
        if self._latest is None or self._latest[0] is not frame:  # a frame that is held is converted once
            self._latest = frame, film_planes(frame)
        try:
            for plane in self._latest[1]:
                self._process.stdin.write(plane.data)
        except OSError:
            return False
        return True

    def read_log(self) -> str:
        """Return what ffmpeg said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def count_frames(self) -> int:
        """Return how many frames ffmpeg says that it has written."""
        written = re.findall(r"frame=\s*(\d+)", self.read_log())
        return int(written[-1]) if written else 0
