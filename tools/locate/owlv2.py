"""Find what words name with OWLv2, and its shape with SAM 2.

Weights: Apache-2.0, 0.6 GB of OWLv2 and 0.2 GB of SAM 2 (`segmenter`). Without a segmenter whole boxes are taken.
OWLv2 scores each text by itself, so that a low score says that something is not there. Grounding DINO (Apache-2.0)
nearly always points somewhere; the licence of SAM 3 is not free for every use.

Source: Minderer et al., Scaling Open-Vocabulary Object Detection (2023); Ravi et al., SAM 2 (2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import cv2
import numpy as np
from pydantic import Field

from storage.domain import Box
from storage.keys import content_key
from tools import devices
from tools.diffusion.weights import Weights, translate_load_errors
from tools.locate import LocatedPlace, Locator, NotLocated
from tools.options import Precision, Share
from tools.plates import Image, Mask
from tools.vision.detection import detect
from tools.vision.models import PACKAGES, VisionModel
from tools.vision.segmentation import Segment, segment_boxes

TEXTS = ("{}", "a drawing of {}")
"""What is asked for."""
NEXT_BEST = 0.6
"""Places count whose score is at least this share of the best one's: both eyes, not a button."""
SURE = 0.5
"""How far SAM 2 must expect its mask to agree with the thing; otherwise the whole box counts."""
MARGIN = 0.06
"""Margin around a shape, as a share of its box: what is drawn anew needs a little room."""


class Backend:
    """Find what words name with OWLv2 and SAM 2.

    Args:
        segmenter: A SAM 2 model that finds the shape in each box; "" for whole boxes.
        certain: Least score of a place.
        most: Most places of one kind.
    """

    version = 1
    packages = PACKAGES

    def __init__(
        self,
        *,
        model: str = "google/owlv2-base-patch16-ensemble",
        revision: str = "",
        segmenter: str = "",
        dtype: Precision = "float32",
        certain: Share = 0.2,
        most: Annotated[int, Field(ge=1, le=20)] = 4,
    ) -> None:
        self.detector = VisionModel("Owlv2ForObjectDetection", Weights(model, revision), dtype)
        self.segmenter = VisionModel("Sam2Model", Weights(segmenter), dtype) if segmenter else None
        self.certain, self.most = certain, most

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights. Raises BackendError if they are not on this machine."""
        models = [self.detector, self.segmenter]
        return "; ".join(model.identity for model in models if model is not None)

    @property
    def model_id(self) -> str:
        """Return the name of the models on the device while they run. Raises BackendError as `identity` does."""
        return content_key("vision", "owlv2", 1, identity=self.identity)

    def locate(self, picture: Image, words: str) -> LocatedPlace | NotLocated:
        """Find what words name; see the protocol in `tools/locate`."""
        with devices.load_model(self.model_id, self._load) as (tokenizer, detector, sam):
            found = detect(detector, tokenizer, picture, [text.format(words) for text in TEXTS])
            best = max((one.score for one in found), default=0.0)
            if best < self.certain:
                return NotLocated(best)
            least = max(self.certain, NEXT_BEST * best)
            boxes = [one.box for one in found if one.score >= least][: self.most]
            segments = segment_boxes(sam, picture, boxes) if sam is not None else []
        return LocatedPlace(place_mask(picture, boxes, segments), best)

    def _load(self) -> tuple[Any, Any, Any]:
        from transformers import CLIPTokenizer

        folder = self.detector.weights.folder
        with translate_load_errors("CLIPTokenizer", self.detector.weights):
            tokenizer = CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)
        return tokenizer, self.detector.load(), self.segmenter.load() if self.segmenter else None


def place_mask(picture: Image, boxes: Sequence[Box], segments: Sequence[Segment]) -> Mask:
    """Return the mask of some boxes: the shape in each of them where it is known, with a little room around it.

    Args:
        picture: (h, w, 3) RGB uint8.
        boxes: Boxes in pixels of the picture.
        segments: What was segmented in each of them; empty for whole boxes.
    """
    mask: Mask = np.zeros(picture.shape[:2], np.uint8)
    for number, box in enumerate(boxes):
        x0, y0, x1, y1 = int(box.x0), int(box.y0), round(box.x1), round(box.y1)
        shape = np.zeros_like(mask)
        shape[y0:y1, x0:x1] = 255
        if segments and segments[number].certainty >= SURE and (segments[number].mask & (shape > 0)).any():
            shape[~segments[number].mask] = 0
        reach = max(1, round(MARGIN * max(x1 - x0, y1 - y0)))
        step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        mask = np.maximum(mask, np.asarray(cv2.dilate(shape, step), np.uint8))
    return mask


_CHECKED: type[Locator] = Backend
