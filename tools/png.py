"""Encode and decode PNG: lossless 8-bit RGB, RGBA or grey pictures that stages pass on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.errors import StorageError

_ENCODING = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]

MAX_CACHED, CACHE_BYTES = 2, 64 * 2**20
"""Most decoded pictures that a process keeps in memory, and most bytes of them: more would only grow with the book."""
_cached: OrderedDict[tuple[str, int, int], NDArray[np.uint8]] = OrderedDict()
_lock = threading.Lock()


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode (h, w), (h, w, 3) RGB or (h, w, 4) RGBA uint8 pixels as PNG; fast and reproducible rather than small."""
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    ready = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, codes[pixels.shape[2]])
    return bytes(cv2.imencode(".png", ready, _ENCODING)[1])


def read_png(path: Path) -> NDArray[np.uint8]:
    """Decode a file that `encode_png` wrote.

    Returns:
        (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, uint8.

    Raises:
        StorageError: The file is damaged.
    """
    # not cv2.imread, which crashes on paths that are no text in UTF-8
    data = np.frombuffer(path.read_bytes() if path.exists() else b"", np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if pixels is None:
        raise StorageError(f"the kept picture {path.name} is damaged", "delete it; the same command makes it again")
    if pixels.ndim == 2:
        return np.asarray(pixels, np.uint8)
    code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)


def read_cached(path: Path) -> NDArray[np.uint8]:
    """Decode like `read_png`, but only once while the picture stays in this process's cache.

    The pictures used last are kept: at most MAX_CACHED, and at most CACHE_BYTES of them. The result is a copy that the
    caller may change.
    """
    try:
        stat = path.stat()
    except OSError:
        return read_png(path)
    cache_key = str(path), stat.st_mtime_ns, stat.st_size
    with _lock:
        pixels = _cached.pop(cache_key, None)
        if pixels is None:
            pixels = read_png(path)
        _cached[cache_key] = pixels
        while len(_cached) > MAX_CACHED or sum(picture.nbytes for picture in _cached.values()) > CACHE_BYTES:
            _cached.popitem(last=False)
    return pixels.copy()


def forget_cached() -> None:
    """Remove all pictures from the cache."""
    with _lock:
        _cached.clear()
