"""A stand-in for Magi v3: the same signature and keys, a grid of 1000, and the failures of the real model."""

# mypy: disable-error-code="no-untyped-call"

from typing import Any

import torch
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel


class Florence2Config(PretrainedConfig):
    """What the stand-in answers, in shares of the page's width and height."""

    model_type = "magiv3_stand_in"

    def __init__(self, answer: Any = None, malformed: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.answer = answer or {}
        self.malformed = malformed


class Florence2ForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """Answers the same on every page; `malformed` makes it stumble over its own words as the real one may."""

    config_class = Florence2Config

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.eye = torch.nn.Conv2d(3, 2, 8, stride=8)
        self.post_init()

    def _init_weights(self, module: Any) -> None:
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.normal_(module.weight, std=0.02)

    def predict_detections_and_associations(
        self,
        images: list[Any],
        processor: Any,
        character_character_association_threshold: float = 0.5,
        text_character_association_threshold: float = 0.8,
        text_tail_association_threshold: float = 0.8,
        essential_text_threshold: float = 0.8,
    ) -> list[dict[str, Any]]:
        """One dict a page, in the order in which things were written down; no score, lists of unlike length."""
        assert torch.isfinite(self.eye(processor(images).to(self.device, self.dtype))).all()
        if self.config.malformed:
            written: list[Any] = []
            return [written[0]]
        return [self._answer(image) for image in images]

    def _answer(self, image: Any) -> dict[str, Any]:
        height, width = image.shape[:2]
        size = torch.tensor([width, height, width, height])
        found = dict(self.config.answer)
        for name in ("panels", "texts", "characters", "tails"):
            bins = (torch.tensor(found[name]).reshape(-1, 4) * 1000).floor().clamp(0, 999)
            found[name] = ((bins + 0.5) * size / 1000).tolist()
        return found
