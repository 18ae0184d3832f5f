"""Arrays in, PNG bytes out, and back: lossless pictures between the stages. RGB, RGBA or grey, 8 bits."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.errors import StorageError

_SPEED = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """Encode (h, w), (h, w, 3) RGB or (h, w, 4) RGBA; fast and reproducible rather than small."""
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    ready = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, codes[pixels.shape[2]])
    return bytes(cv2.imencode(".png", ready, _SPEED)[1])


def read(path: Path) -> NDArray[np.uint8]:
    """Decode what `encode` wrote. Raises StorageError when the file is damaged."""
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise StorageError(f"the kept picture {path.name} is damaged", "delete it; the same command makes it again")
    if found.ndim == 2:
        return np.asarray(found, np.uint8)
    code = cv2.COLOR_BGR2RGB if found.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(found, code), np.uint8)
