"""Score how well a generated region fits the artist's drawings, by tone, line and matching features. Needs no weights.

Generated content should be made of what the artist drew: the same tones and the same kind of line. RealFill
(Tang et al., 2023) ranks its candidates by matches with the references in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.pixels import to_grey
from tools.plates import Image, Mask

_Numbers = NDArray[np.float64]
MAX_SIDE_PIXELS = 640
"""The longer side in pixels at which pictures are compared."""


def correspondence_score(picture: Image, mask: Mask, references: Sequence[Image]) -> float:
    """Return how well the masked part of a picture fits the rest of it and its references.

    The first half is the similarity of tone and line (histograms of brightness and of gradient), the second the share
    of features in the masked part that have a match.

    Args:
        picture: (h, w, 3) RGB uint8.
        mask: (h, w) uint8; above 127 is the painted part.
        references: RGB pictures of the same characters or places.

    Returns:
        The score, 0..2; 0 if the mask is empty or full.
    """
    inside = mask > 127
    if not inside.any() or inside.all():
        return 0.0
    own = _style_histograms(picture, inside)
    others = [
        _style_histograms(picture, ~inside),
        *(_style_histograms(reference, np.ones(reference.shape[:2], bool)) for reference in references),
    ]
    likeness = max(float(np.minimum(own, other).sum()) for other in others)
    return likeness + match_share(
        picture, mask, [np.where(inside[..., None], 255, picture).astype(np.uint8), *references]
    )


def correct_keypoints(
    found: Sequence[tuple[float, float]],
    true: Sequence[tuple[float, float]],
    size: tuple[float, float],
    share: float = 0.1,
) -> float:
    """Return the percentage of correct keypoints (PCK, Yang and Ramanan 2013), as a share of 0..1.

    Args:
        found: The points that were found, (x, y) in pixels.
        true: The points that are right, in the same order.
        size: Width and height of the object in pixels.
        share: How far a point may be off, as a share of the larger side of the object.
    """
    off = np.hypot(*(np.asarray(found, float) - np.asarray(true, float)).T)
    return float((off <= share * max(size)).mean())


def match_share(picture: Image, mask: Mask, references: Sequence[Image]) -> float:
    """Return the share of SIFT features in the masked part that have a clear match in one reference (Lowe, 2004).

    Args:
        picture: (h, w, 3) RGB uint8.
        mask: (h, w) uint8; not 0 in the painted part.
        references: RGB pictures to search.

    Returns:
        The largest share over the references, 0..1.
    """
    sift = cv2.SIFT.create(800)
    small = _shrink_to_grey(picture)
    hole = cv2.resize(mask, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_NEAREST)
    _, features = sift.detectAndCompute(small, hole)
    if features is None or len(features) < 4:
        return 0.0
    best = 0
    for reference in references:
        _, reference_features = sift.detectAndCompute(_shrink_to_grey(reference), None)
        if reference_features is None or len(reference_features) < 4:
            continue
        pairs = cv2.BFMatcher().knnMatch(features, reference_features, k=2)
        best = max(best, sum(1 for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance))
    return best / len(features)


def _style_histograms(picture: Image, where: NDArray[np.bool_]) -> _Numbers:
    """Return histograms of brightness and of gradient; each sums to 1/2."""
    tone = to_grey(np.ascontiguousarray(picture))
    edge = cv2.magnitude(cv2.Sobel(tone, cv2.CV_32F, 1, 0), cv2.Sobel(tone, cv2.CV_32F, 0, 1))
    bright = np.bincount(tone[where] >> 4, minlength=16)
    fine = np.bincount(np.minimum(edge[where], 1023).astype(np.uint16) >> 6, minlength=16)
    return np.concatenate([part / max(1, part.sum()) / 2 for part in (bright, fine)])


def _shrink_to_grey(picture: Image) -> Mask:
    tone = to_grey(np.ascontiguousarray(picture))
    scale = min(1.0, MAX_SIDE_PIXELS / max(tone.shape))
    size = max(1, round(tone.shape[1] * scale)), max(1, round(tone.shape[0] * scale))
    return np.asarray(cv2.resize(tone, size, interpolation=cv2.INTER_AREA), np.uint8)
