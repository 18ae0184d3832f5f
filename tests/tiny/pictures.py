"""Tiny pipelines that paint pictures."""

from __future__ import annotations

from typing import Any

from tests.tiny import builds, parts


@builds("sdxl_inpaint")
def sdxl_inpaint() -> Any:
    """As made for inpainting: the UNet sees the masked picture and the mask (9 channels)."""
    return _sdxl(9)


@builds("sdxl_any")
def sdxl_any() -> Any:
    """Any SDXL checkpoint (4 channels), which the same pipeline paints with by blending latents."""
    return _sdxl(4)


def _sdxl(channels: int) -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLInpaintPipeline, UNet2DConditionModel

    unet = UNet2DConditionModel(
        sample_size=32, in_channels=channels, out_channels=4, layers_per_block=1, block_out_channels=(16, 32),
        norm_num_groups=8, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 4), use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=8, transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=6 * 8 + 32, cross_attention_dim=64,
    )  # fmt: skip
    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    return StableDiffusionXLInpaintPipeline(
        vae=parts.vae(scale=0.13025), text_encoder=parts.clip_text(), text_encoder_2=parts.clip_text(projection=32),
        tokenizer=parts.clip_tokenizer(), tokenizer_2=parts.clip_tokenizer(), unet=unet.eval(), scheduler=scheduler,
        image_encoder=parts.clip_vision(), feature_extractor=parts.clip_pictures(), requires_aesthetics_score=False,
    )  # fmt: skip
