"""A stand-in for the processor of Magi v3: it makes small square tensors of a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast


class Florence2Processor:
    """Adds tokens to those of its tokenizer, and scales pages by leaving pixels out."""

    def __init__(self, tokenizer: Any) -> None:
        extra = [*tokenizer.additional_special_tokens, *(f"<loc_{n}>" for n in range(8))]
        tokenizer.add_special_tokens({"additional_special_tokens": extra})
        self.tokenizer = tokenizer

    @classmethod
    def from_pretrained(cls, folder: Any, **settings: Any) -> Florence2Processor:
        """The folder holds nothing but the name of this class."""
        return cls(PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<s>": 0}))))

    @classmethod
    def register_for_auto_class(cls, auto_class: str = "AutoProcessor") -> None:
        """As transformers' own processors do."""

    def __call__(self, images: list[Any]) -> torch.Tensor:
        """(n, 3, 32, 32) in 0..1, the aspect not kept."""
        small = []
        for image in images:
            rows = np.linspace(0, image.shape[0] - 1, 32).astype(int)
            columns = np.linspace(0, image.shape[1] - 1, 32).astype(int)
            small.append(torch.from_numpy(image[rows][:, columns].copy()).permute(2, 0, 1).float() / 255)
        return torch.stack(small)
