"""Decode what a workflow saved: single pictures, an animated picture, or a video file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from PIL import ImageSequence

from storage.errors import ServerError, SourceError
from tools.ingest.images import decode_image, refuse_large
from tools.ingest.picture_formats import find_picture_format
from tools.plates import Image
from tools.video import clips

MAX_FRAMES = 2000
"""More frames than any shot has; the rest of an endless animation is not decoded."""
_NAME = "what the workflow made"


def decode_picture(files: Sequence[bytes]) -> Image:
    """Decode the only, or the first, of the pictures that a workflow saved.

    Args:
        files: The files that it saved, at least one.

    Returns:
        The picture, (h, w, 3) RGB uint8.

    Raises:
        ServerError: It is no picture.
    """
    try:
        return decode_image(files[0], _NAME)
    except SourceError as error:
        raise _broken(error) from error


def decode_frames(files: Sequence[bytes], size: tuple[int, int]) -> tuple[Image, float | None]:
    """Decode the frames of what a workflow saved: of its first file, or one of each if it saved single pictures.

    Args:
        files: The files that it saved, at least one.
        size: (width, height) in pixels to which frames are scaled.

    Returns:
        The frames, (n, h, w, 3) RGB uint8, and how many a second the file says; None if it does not say.

    Raises:
        ServerError: They are no pictures and no film.
    """
    try:
        if not find_picture_format(files[0][:64]):
            return _decode_video(files[0], size)
        pictures = _animation(files[0]) if len(files) == 1 else (decode_image(file, _NAME) for file in files)
        return np.stack([_scale(picture, size) for picture in islice(pictures, MAX_FRAMES)]), None
    except SourceError as error:
        raise _broken(error) from error


def _animation(data: bytes) -> Iterator[Image]:
    """Yield the pictures of one file, such as an animated WebP or GIF."""
    try:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            refuse_large(picture.width, picture.height, _NAME)
            for frame in ImageSequence.Iterator(picture):
                yield np.array(frame.convert("RGB"), np.uint8)
    except (OSError, ValueError, SyntaxError) as error:
        raise SourceError(f"{_NAME} is damaged ({error})", "run it again") from error


def _decode_video(data: bytes, size: tuple[int, int]) -> tuple[Image, float]:
    """Decode a film by ffmpeg, which reads it from a file."""
    with tempfile.TemporaryDirectory(prefix="komadori-comfy-") as folder:
        path = Path(folder) / "film"
        path.write_bytes(data)
        facts = clips.probe_clip(path)
        refuse_large(facts.width, facts.height, _NAME)
        frames = [_scale(frame, size) for frame in islice(clips.read_frames(path), MAX_FRAMES)]
    if not frames:
        raise SourceError(f"{_NAME} has no frame that can be read", "run it again")
    return np.stack(frames), float(facts.fps)


def _scale(frame: Image, size: tuple[int, int]) -> Image:
    """Scale a frame to a size."""
    height, width = frame.shape[:2]
    is_smaller = size[0] * size[1] < width * height
    return np.asarray(
        cv2.resize(frame, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC), np.uint8
    )


def _broken(error: SourceError) -> ServerError:
    return ServerError(error.what, "check which node saves the film or the picture", reason="broken")
