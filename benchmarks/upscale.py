"""Measure what upscaling a page costs, and what it restores of a page that was halved."""

from __future__ import annotations

import time
from importlib.util import find_spec

import cv2
import numpy as np

from benchmarks.books import page
from benchmarks.rows import BenchmarkRow
from tools.cutouts.double_scale import keep_page_tones, restored_mask
from tools.pixels import as_image
from tools.plates import Image
from tools.upscale import load_upscaler, waifu2x

NAMES = ("lines", "waifu2x")
MOST_SECONDS = {"lines": 3.0, "waifu2x": 6.0}
"""Processor seconds for a megapixel of the page."""
LEAST_GAIN = 2.0
"""Decibels that waifu2x restores beyond Lanczos."""


def rows() -> list[BenchmarkRow]:
    """Upscale a drawn page that was halved with each backend, and a page as it is."""
    missing = [package for package in waifu2x.Backend.packages if find_spec(package) is None]
    names = NAMES[:1] if missing else NAMES
    whole = page(1)
    whole = np.ascontiguousarray(whole[: whole.shape[0] // 2 * 2, : whole.shape[1] // 2 * 2, :3])
    height, width = whole.shape[:2]
    small = as_image(cv2.resize(whole, (width // 2, height // 2), interpolation=cv2.INTER_AREA))
    lanczos = _decibels(as_image(cv2.resize(small, (width, height), interpolation=cv2.INTER_LANCZOS4)), whole)
    found = [BenchmarkRow("upscale, lines: not compared, the extra crisp is not installed", "")] if missing else []
    for name in names:
        upscaler = load_upscaler(name)
        upscaler.upscale(small[:16, :16])  # the weights are loaded once
        begin = time.process_time()
        double = upscaler.upscale(small)
        seconds = (time.process_time() - begin) / (small.shape[0] * small.shape[1] / 1e6)
        most, gain = MOST_SECONDS[name], _decibels(double, whole) - lanczos
        restored = float((restored_mask(double, small) == 255).mean())
        bound, holds = (f">= {LEAST_GAIN:.0f}", gain >= LEAST_GAIN) if name == "waifu2x" else ("", True)
        found += [
            BenchmarkRow(
                f"upscale, {name}: processor s a megapixel", f"{seconds:.2f}", f"<= {most:g}", seconds <= most
            ),
            BenchmarkRow("  restored of a halved page, dB beyond Lanczos", f"{gain:+.1f}", bound, holds),
            BenchmarkRow("  pixels within the bound of the page", f"{restored:.2%}"),
        ]
        if name == "waifu2x":
            kept = bool((restored_mask(keep_page_tones(double, small), small) == 255).all())
            found.append(BenchmarkRow("  after the rest was moved back", "all" if kept else "not all", "all", kept))
    return found


def _decibels(one: Image, other: Image) -> float:
    """Return the peak signal-to-noise ratio."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))
