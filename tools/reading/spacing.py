"""Restore the spaces between words that text recognition has lost in level lines.

The recogniser loses a space beside a narrow letter ("MAYI", "IHOP."), although it is clearly visible: the gap between
two words is many times wider than the gap between two letters. Only gaps are measured; no character changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from tools.plates import Image, Mask
from tools.reading.lettering import is_vertical
from tools.reading.ocr import TextLine

BETWEEN_WORDS = (0.25, 1.25), (0.17, 2.0)
"""Two pairs of limits; a gap that reaches both limits of a pair stands between words.

The first is its width in heights of the line, the second how many times the next narrower gap it is.
"""
NARROW, SLIM, WIDE = "iljI1.,:;!|'’", 'ftrJs()[]-"', "mwMWm@…"
"""Letters by their width in most type: about half, three quarters, and one and a half times the others."""
MAX_OFFSET = 0.6
"""The place of a gap is certain if it is this close to a letter's end, in letters, and twice as far from all others."""


def restore_spaces(page: Image, line: TextLine) -> TextLine:
    """Return a line with the spaces that its recogniser has lost; `page` is (h, w, 3) RGB uint8."""
    if len(line.text) < 4 or is_vertical(line):
        return line
    edges = word_edges(_find_ink(page, line))
    return replace(line, text=insert_spaces(line.text, edges)) if len(edges) > line.text.strip().count(" ") else line


def word_edges(ink: Mask) -> list[float]:
    """Find where words end in the ink of a line.

    Args:
        ink: Mask of the ink of one level line, (h, w) bool.

    Returns:
        Positions as fractions of the line's length, with the gaps between words left out, 0..1.
    """
    height = ink.shape[0]
    columns = ink[round(0.12 * height) : max(1, round(0.88 * height))].any(axis=0)
    steps = np.flatnonzero(np.diff(np.concatenate(([0], columns.astype(np.int8), [0]))))
    runs = list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))
    gaps = [(before[1], after[0]) for before, after in pairwise(runs)]
    least = _min_word_gap([right - left for left, right in gaps], height)
    wide = [gap for gap in gaps if gap[1] - gap[0] >= least]
    if not wide:
        return []
    passed = np.cumsum([right - left for left, right in wide])
    length = runs[-1][1] - runs[0][0] - passed[-1]
    before = np.concatenate(([0], passed[:-1]))
    return [float(left - runs[0][0] - gone) / length for (left, _), gone in zip(wide, before, strict=True)]


def _min_word_gap(gaps: Sequence[int], height: int) -> float:
    """Return the least width of a gap between words in pixels; infinite if the gaps are all of one kind."""
    rising = [1, *sorted(gaps)]
    jumps = [(after / before, after) for before, after in pairwise(rising)]
    clear = [
        (times, least)
        for times, least in jumps
        if any(least >= share * height and times >= over for share, over in BETWEEN_WORDS)
    ]
    return max(clear)[1] if clear else float("inf")


def insert_spaces(text: str, edges: list[float]) -> str:
    """Insert a space into the text at each word end that is certain; `edges` are as returned by `word_edges`."""
    letters = text.replace(" ", "")
    ends = np.cumsum([_letter_width(sign) for sign in letters])
    breaks = {len(text[:at].replace(" ", "")) - 1 for at, sign in enumerate(text) if sign == " "}
    added: set[int] = set()
    for edge in edges:
        distances = np.abs(ends[:-1] - edge * ends[-1])
        nearest = np.argsort(distances)[:2].tolist()
        at, next_best = nearest[0], distances[nearest[-1]] if len(nearest) > 1 else np.inf
        if at in breaks or distances[at] > min(MAX_OFFSET, next_best / 2):
            continue
        if _can_separate(letters[at], letters[at + 1]):
            added.add(at)
    return "".join(f"{sign} " if at in breaks | added else sign for at, sign in enumerate(letters))


def _letter_width(sign: str) -> float:
    """Return the usual width of a letter, relative to a plain lower-case letter."""
    return 0.5 if sign in NARROW else 0.75 if sign in SLIM else 1.45 if sign in WIDE else 1.2 if sign.isupper() else 1.0


def _can_separate(left: str, right: str) -> bool:
    """Return whether a space can stand between two signs: before a word, and not after an opening mark."""
    return (left.isalnum() or left in ".,!?;:…'\"’)") and (right.isalnum() or right in "(\"'")


def _find_ink(page: Image, line: TextLine) -> Mask:
    """Return the ink of a line, straightened, (h, w) bool; ink is the rarer of the two tones."""
    quad = line.quad.astype(np.float32)
    width = max(1, round(float(np.linalg.norm(quad[1] - quad[0]))))
    height = max(1, round(float(np.linalg.norm(quad[3] - quad[0]))))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    flat = cv2.warpPerspective(page, cv2.getPerspectiveTransform(quad, level), (width, height))
    _, dark = cv2.threshold(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    ink = np.asarray(dark, dtype=bool)
    return ~ink if ink.mean() > 0.5 else ink
