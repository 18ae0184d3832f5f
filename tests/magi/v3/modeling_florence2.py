"""A stand-in for Magi v3: the signatures and keys of the real model, a grid of 1000, and its failures.

Like Florence-2's code, from which the real one descends, it lists its tied weights, and reads a setting of the
generation from the config of its language model.
"""

# mypy: disable-error-code="no-untyped-call, has-type"

from typing import Any

import torch
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel


class Florence2LanguageConfig(PretrainedConfig):
    """The config of the language model."""

    model_type = "florence2_language"

    def __init__(self, vocab_size: int = 16, d_model: int = 8, **others: Any) -> None:
        self.vocab_size, self.d_model = vocab_size, d_model
        super().__init__(**others)
        if self.forced_bos_token_id is None and others.get("force_bos_token_to_be_generated", False):
            self.forced_bos_token_id = self.bos_token_id


class Florence2Config(PretrainedConfig):
    """What the stand-in answers, in shares of the page's width and height."""

    model_type = "magiv3_stand_in"

    def __init__(self, answer: Any = None, malformed: bool = False, text_config: Any = None, **others: Any) -> None:
        self.text_config = Florence2LanguageConfig(**text_config) if text_config is not None else None
        super().__init__(**others)
        self.answer = answer or {}
        self.malformed = malformed


class Florence2ForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """Answers the same on every page; `malformed` makes it stumble over its own words as the real one may."""

    config_class = Florence2Config
    _tied_weights_keys = ["lm_head.weight"]  # noqa: RUF012  (as transformers 4 wants it)

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.vision_tower = torch.nn.Conv2d(3, 2, 8, stride=8)
        self.shared = torch.nn.Embedding(config.text_config.vocab_size, config.text_config.d_model)
        self.lm_head = torch.nn.Linear(config.text_config.d_model, config.text_config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> Any:
        """The embeddings of the tokens."""
        return self.shared

    def get_output_embeddings(self) -> Any:
        """The layer that is tied to them."""
        return self.lm_head

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
        assert torch.isfinite(self.vision_tower(processor(images).to(self.device, self.dtype))).all()
        assert self.lm_head.weight is self.shared.weight
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
            found[name] = (bins + 0.5) * size / 1000
        return found
