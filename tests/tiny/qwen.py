"""Build a tiny Qwen-Image-Edit pipeline, whose text encoder also takes images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny import builds, parts


class QwenEditCheckpoint:
    """The pipeline and its processor, saved separately, because the processor of transformers needs torchvision."""

    def __init__(self) -> None:
        self.tokenizer = parts.qwen_tokenizer()

    def save_pretrained(self, folder: str, *, safe_serialization: bool = True) -> None:
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

        from tools.diffusion.inpainters.qwen import PictureProcessor

        pictures = Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=56 * 56)
        self._pipeline(PictureProcessor(self.tokenizer, pictures)).save_pretrained(folder)
        for part in (self.tokenizer, pictures):
            part.save_pretrained(str(Path(folder) / "processor"))

    def _pipeline(self, processor: Any) -> Any:
        from diffusers import (
            AutoencoderKLQwenImage,
            FlowMatchEulerDiscreteScheduler,
            QwenImageEditPlusPipeline,
            QwenImageTransformer2DModel,
        )

        latent = 4
        vae = AutoencoderKLQwenImage(
            base_dim=8, z_dim=latent, dim_mult=[1, 2, 4], num_res_blocks=1, temperal_downsample=[False, True],
            latents_mean=[0.0] * latent, latents_std=[1.0] * latent,
        )  # fmt: skip
        transformer = QwenImageTransformer2DModel(
            patch_size=2, in_channels=4 * latent, out_channels=latent, num_layers=2, attention_head_dim=16,
            num_attention_heads=3, joint_attention_dim=16, guidance_embeds=False, axes_dims_rope=(8, 4, 4),
        )  # fmt: skip
        return QwenImageEditPlusPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(), vae=vae.eval(), text_encoder=self._sight(),
            tokenizer=self.tokenizer, processor=processor, transformer=transformer.eval(),
        )  # fmt: skip

    def _sight(self) -> Any:
        from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

        number = self.tokenizer.convert_tokens_to_ids
        end = number("<|endoftext|>")
        config = Qwen2_5_VLConfig(
            text_config={
                "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
                "num_key_value_heads": 2, "vocab_size": len(self.tokenizer), "max_position_embeddings": 4096,
                "rope_parameters": {"mrope_section": [1, 1, 2], "rope_type": "default", "rope_theta": 1e6},
                "bos_token_id": None, "eos_token_id": end, "pad_token_id": end,
            },
            vision_config={
                "depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
                "fullatt_block_indexes": [1],
            },
            image_token_id=number("<|image_pad|>"), video_token_id=number("<|video_pad|>"),
            vision_start_token_id=number("<|vision_start|>"), vision_end_token_id=number("<|vision_end|>"),
        )  # fmt: skip
        return Qwen2_5_VLForConditionalGeneration(config).eval()


@builds("qwen_edit")
def qwen_edit() -> Any:
    """Qwen-Image-Edit Plus."""
    return QwenEditCheckpoint()
