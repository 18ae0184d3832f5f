"""A stand-in for Magi v2: the signatures, keys and parts of the real model, small, and the answer in its config.

It asks of transformers what the real code asks: a detector made from a plain config whose backbone is only a name, a
matcher that later versions moved, and a model that never calls `post_init`.
"""

# mypy: disable-error-code="no-untyped-call, attr-defined"

from typing import Any

import numpy as np
import torch
from einops import rearrange
from transformers import ConditionalDetrModel, PretrainedConfig, PreTrainedModel, VisionEncoderDecoderModel, ViTMAEModel
from transformers.models.conditional_detr.modeling_conditional_detr import (
    ConditionalDetrHungarianMatcher,
    ConditionalDetrMLPPredictionHead,
)


class Magiv2Config(PretrainedConfig):
    """The configs of the parts, all plain, and what the stand-in answers, in shares of the page's width and height."""

    model_type = "magiv2"

    def __init__(
        self,
        answer: Any = None,
        disable_ocr: bool = False,
        disable_crop_embeddings: bool = False,
        disable_detections: bool = False,
        detection_model_config: Any = None,
        crop_embedding_model_config: Any = None,
        **others: Any,
    ) -> None:
        self.answer = answer or {}
        self.disable_ocr, self.disable_detections = disable_ocr, disable_detections
        self.disable_crop_embeddings = disable_crop_embeddings
        self.detection_model_config = self.crop_embedding_model_config = None
        if detection_model_config is not None:
            self.detection_model_config = PretrainedConfig.from_dict(detection_model_config)
        if crop_embedding_model_config is not None:
            self.crop_embedding_model_config = PretrainedConfig.from_dict(crop_embedding_model_config)
        super().__init__(**others)


class Magiv2Model(PreTrainedModel):
    """Looks at every page and crop, and answers the same on every page."""

    config_class = Magiv2Config

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        if not config.disable_ocr:
            self.ocr_model = VisionEncoderDecoderModel(None)  # its parts stand in another repository
        if not config.disable_crop_embeddings:
            self.crop_embedding_model = ViTMAEModel(config.crop_embedding_model_config)
        if not config.disable_detections:
            width = config.detection_model_config.d_model
            self.detection_transformer = ConditionalDetrModel(config.detection_model_config)
            self.bbox_predictor = ConditionalDetrMLPPredictionHead(
                input_dim=width, hidden_dim=width, output_dim=4, num_layers=3
            )
            self.matcher = ConditionalDetrHungarianMatcher(class_cost=1, bbox_cost=1, giou_cost=1)

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
        assert not self.config.disable_detections
        assert all(isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3 for image in images)
        assert all((image[..., 0] == image[..., 2]).all() for image in images), "pages are grey"
        print("detecting on", self.device)
        return [self._answer(image) for image in images]

    def predict_crop_embeddings(
        self,
        images: list[Any],
        crop_bboxes: list[list[list[float]]],
        move_to_device_fn: Any = None,
        mask_ratio: float = 0.0,
        batch_size: int = 256,
    ) -> list[Any]:
        """One tensor an image, a row a box: the class token of the encoder."""
        assert isinstance(crop_bboxes, list), "please provide a list of bboxes for each image"
        self.crop_embedding_model.embeddings.config.mask_ratio = mask_ratio
        return [torch.stack([self._seen(image, *map(int, box)) for box in boxes])
                for image, boxes in zip(images, crop_bboxes, strict=True)]  # fmt: skip

    def _seen(self, image: Any, x0: int, y0: int, x1: int, y1: int) -> Any:
        assert x1 - x0 >= 10, "a smaller box would be widened"
        assert y1 - y0 >= 10, "a smaller box would be widened"
        side = self.config.crop_embedding_model_config.image_size
        crop = self._pixels(image[y0:y1, x0:x1])
        small = torch.nn.functional.interpolate(crop, (side, side), mode="area")
        torch.manual_seed(0)  # patches are shuffled also where none is masked
        return self.crop_embedding_model(small).last_hidden_state[0, 0]

    def _answer(self, image: Any) -> dict[str, Any]:
        small = torch.nn.functional.interpolate(self._pixels(image), (96, 64), mode="area")
        boxes = self.bbox_predictor(self.detection_transformer(small, return_dict=True).last_hidden_state)
        assert torch.isfinite(boxes).all()
        height, width = image.shape[:2]
        size = torch.tensor([width, height, width, height])
        found = dict(self.config.answer)
        for name in ("panels", "texts", "characters", "tails"):
            found[name] = (torch.tensor(found[name]).reshape(-1, 4) * size).tolist()
        return found

    def _pixels(self, image: Any) -> Any:
        return rearrange(torch.from_numpy(image.copy()).float(), "h w c -> 1 c h w").to(self.device) / 255
