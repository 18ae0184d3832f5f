"""A stand-in for Magi v2: the same signature and keys, a few random weights, and the answer that its config holds."""

# mypy: disable-error-code="no-untyped-call"

from typing import Any

import numpy as np
import torch
from transformers import PretrainedConfig, PreTrainedModel


class Magiv2Config(PretrainedConfig):
    """What the stand-in answers, in shares of the page's width and height."""

    model_type = "magiv2"

    def __init__(
        self, answer: Any = None, disable_ocr: bool = False, disable_detections: bool = False, **others: Any
    ) -> None:
        super().__init__(**others)
        self.answer = answer or {}
        self.disable_ocr, self.disable_detections = disable_ocr, disable_detections


class Magiv2Model(PreTrainedModel):
    """Refuses what the real one refuses; answers the same on every page."""

    config_class = Magiv2Config

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        if not config.disable_ocr:
            raise OSError("the reader of English stands in another repository")
        self.eye = torch.nn.Conv2d(3, 2, 8, stride=8)
        self.crop_eye = torch.nn.Conv2d(3, 4, 4, stride=4)
        self.post_init()

    def _init_weights(self, module: Any) -> None:
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.normal_(module.weight, std=0.02)

    def predict_detections_and_associations(
        self,
        images: list[Any],
        move_to_device_fn: Any = None,
        character_detection_threshold: float = 0.3,
        panel_detection_threshold: float = 0.2,
        text_detection_threshold: float = 0.3,
        tail_detection_threshold: float = 0.34,
        character_character_matching_threshold: float = 0.65,
        text_character_matching_threshold: float = 0.35,
        text_tail_matching_threshold: float = 0.3,
        text_classification_threshold: float = 0.5,
    ) -> list[dict[str, Any]]:
        """One dict a page: boxes as lists of floats in pixels, associations as pairs, labels, essential or not."""
        assert all(isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3 for image in images)
        assert all((image[..., 0] == image[..., 2]).all() for image in images), "pages are grey"
        return [self._answer(image) for image in images]

    def predict_crop_embeddings(
        self,
        images: list[Any],
        crop_bboxes: list[list[list[float]]],
        move_to_device_fn: Any = None,
        mask_ratio: float = 0.0,
        batch_size: int = 256,
    ) -> list[Any]:
        """One tensor an image, a row a box: what the eye for crops sees in each of 4 x 4 fields."""
        assert isinstance(crop_bboxes, list), "please provide a list of bboxes for each image"
        return [torch.stack([self._seen(image, *map(int, box)) for box in boxes])
                for image, boxes in zip(images, crop_bboxes, strict=True)]  # fmt: skip

    def _seen(self, image: Any, x0: int, y0: int, x1: int, y1: int) -> Any:
        assert x1 - x0 >= 10, "a smaller box would be widened"
        assert y1 - y0 >= 10, "a smaller box would be widened"
        crop = torch.from_numpy(image[y0:y1, x0:x1]).permute(2, 0, 1)[None].float().to(self.device) / 255
        seen = self.crop_eye(torch.nn.functional.interpolate(crop, (32, 32), mode="area"))
        return torch.nn.functional.adaptive_avg_pool2d(seen, 4).flatten()

    def _answer(self, image: Any) -> dict[str, Any]:
        pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float().to(self.device) / 255
        assert torch.isfinite(self.eye(pixels)).all()
        height, width = image.shape[:2]
        size = torch.tensor([width, height, width, height])
        found = dict(self.config.answer)
        for name in ("panels", "texts", "characters", "tails"):
            found[name] = (torch.tensor(found[name]).reshape(-1, 4) * size).tolist()
        return found
