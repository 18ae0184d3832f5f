"""A stand-in for the processor of Magi v3: it makes small square tensors of a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


class Florence2Processor:
    """Scales by leaving pixels out: nobody looks at them closely."""

    @classmethod
    def from_pretrained(cls, folder: Any, **settings: Any) -> Florence2Processor:
        """Nothing is kept in the folder but the name of this class."""
        return cls()

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
