"""Build tiny vision models with random weights."""

from __future__ import annotations

from typing import Any

from tests.tiny import builds, parts


@builds("dinov2")
def dinov2() -> Any:
    from transformers import Dinov2Config, Dinov2Model

    config = Dinov2Config(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14)
    return Dinov2Model(config).eval()


@builds("siglip")
def siglip() -> Any:
    """SigLIP with its text model, as the real checkpoints have it: only the vision model is loaded."""
    from transformers import SiglipConfig, SiglipModel

    size = {"hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2}
    words = {"vocab_size": parts.CLIP_WORDS, "bos_token_id": 512, "eos_token_id": 513, "pad_token_id": 513}
    sight = {**size, "image_size": 32, "patch_size": 8}
    return SiglipModel(SiglipConfig(text_config={**size, **words}, vision_config=sight)).eval()
