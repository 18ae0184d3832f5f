"""Read the lines of lettering on a page with the models that RapidOCR packages.

Nothing is loaded at import and no network connection is opened. Only whole pages are read: in a tight crop the outline
of a balloon is read as 1, V or 7 (measured: three times the errors).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from storage.errors import BackendError
from tools.geometry import bounding_box, overlap_area
from tools.plates import Image
from tools.reading.strips import is_strip

READING_SIDE = 1100.0
"""A page is read at the size of a square with this side in pixels; lettering is then 15 to 30 pixels high."""
WINDOW_ASPECT, WINDOW_OVERLAP, WINDOW_WIDTH = 1.6, 0.4, 800.0
"""Windows in which a strip is read: height and overlap in widths of the strip, and width in pixels when read."""

Quad = NDArray[np.float64]


@dataclass(frozen=True)
class TextLine:
    """One line or column of recognised lettering."""

    quad: Quad
    """Its four corners, (4, 2), in page pixels."""
    text: str
    score: float
    """Confidence of the recogniser, 0..1."""

    @cached_property
    def box(self) -> Box:
        """The upright box around the quad."""
        return bounding_box([(float(x), float(y)) for x, y in self.quad])


def _model_files() -> tuple[Path, Path]:
    """Return the paths of the detector and the recogniser in the rapidocr package.

    Raises:
        BackendError: The package or a model file is missing.
    """
    # ONNX Runtime tells its maker of every run, under a lasting name, unless it is told not to before it is loaded
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import rapidocr
    except ImportError as error:
        raise BackendError("the package rapidocr is not installed", "pip install rapidocr onnxruntime") from error
    folder = Path(str(rapidocr.__file__)).parent / "models"
    files = folder / "PP-OCRv6_det_small.onnx", folder / "PP-OCRv6_rec_small.onnx"
    for file in files:
        if not file.is_file():
            raise BackendError(
                f"the model {file.name} is missing from the package rapidocr",
                "pip install --force-reinstall 'rapidocr>=3.10,<4': its wheel holds the models, nothing is downloaded",
            )
    return files


@lru_cache(maxsize=2)
def _engine(threads: int) -> Any:
    """Create RapidOCR on the packaged models, once a process; explicit file names stop it from downloading."""
    detector, recogniser = _model_files()
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.text_score": 0.0,
            "Global.max_side_len": 2400,
            "EngineConfig.onnxruntime.intra_op_num_threads": min(threads, os.cpu_count() or 1),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.model_path": str(detector),
            "Rec.model_path": str(recogniser),
        }
    )


def read_lines(page: Image, *, threads: int = 1) -> list[TextLine]:
    """Read all lettering of a page.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8.
        threads: Processor threads that the models may use.

    Returns:
        The lines in no order, in page pixels.

    Raises:
        BackendError: The models are missing.
    """
    height, width = page.shape[:2]
    if is_strip(page):
        return _read_strip(page, threads)
    return _read_scaled(page, min(1.0, READING_SIDE / float((height * width) ** 0.5)), threads)


def recognise_lines(pictures: Sequence[Image], *, threads: int = 1) -> list[tuple[str, float]]:
    """Read pictures of single lines, each (h, w, 3) RGB uint8 and level.

    Args:
        pictures: The lines, without anything else in the pictures.
        threads: Processor threads that the models may use.

    Returns:
        The text and the confidence, 0..1, of each picture; "" and 0 where nothing is read.

    Raises:
        BackendError: The models are missing.
    """
    read = []
    for picture in pictures:
        # one by one: pictures of one batch are padded to one width, and options of a call stay for later calls
        result = _engine(threads).recognize_txt([np.ascontiguousarray(picture[:, :, ::-1])])
        pairs = list(zip(result.txts or (), result.scores or (), strict=True))
        read.append((str(pairs[0][0]), float(pairs[0][1])) if pairs else ("", 0.0))
    return read


def _read_scaled(page: Image, scale: float, threads: int) -> list[TextLine]:
    """Read a page or window scaled by `scale`; the quads are in its own pixels."""
    height, width = page.shape[:2]
    picture = page
    if scale < 1.0:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    result = _engine(threads)(np.ascontiguousarray(picture[:, :, ::-1]))
    if result.boxes is None or result.txts is None:
        return []
    stretch = np.array([width / picture.shape[1], height / picture.shape[0]])
    return [
        TextLine(np.asarray(quad, dtype=np.float64).reshape(4, 2) * stretch, str(text), float(score))
        for quad, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        if str(text).strip()
    ]


def _read_strip(page: Image, threads: int) -> list[TextLine]:
    """Read a tall strip in overlapping windows.

    Of a line seen in two windows the reading that lies further from a window's edge is kept.
    """
    height, width = page.shape[:2]
    window_height = round(WINDOW_ASPECT * width)
    step = round((WINDOW_ASPECT - WINDOW_OVERLAP) * width)
    tops = [*range(0, max(1, height - window_height), step), max(0, height - window_height)]
    readings: list[tuple[float, TextLine]] = []
    for top in tops:
        for line in _read_scaled(page[top : top + window_height], min(1.0, WINDOW_WIDTH / width), threads):
            box = line.box
            margin = min(box.y0 + (1e6 if top == 0 else 0), window_height - box.y1 + (1e6 if top == tops[-1] else 0))
            readings.append((margin, TextLine(line.quad + np.array([0.0, top]), line.text, line.score)))
    lines: list[TextLine] = []
    for _, line in sorted(readings, key=lambda item: -item[0]):
        if all(overlap_area(line.box, other.box) < 0.4 * min(line.box.area, other.box.area) for other in lines):
            lines.append(line)
    return lines
