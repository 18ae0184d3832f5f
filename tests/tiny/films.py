"""Tiny pipelines that make pictures move."""

from __future__ import annotations

from typing import Any

from tests.tiny import builds, parts


@builds("wan22_i2v")
def wan22_i2v() -> Any:
    """Wan 2.2: two experts, no look at the first frame but through the VAE."""
    return _wan(transformer_2=_wan_transformer(), boundary_ratio=0.9)


def _wan(**rest: Any) -> Any:
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanImageToVideoPipeline

    vae = AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    ).eval()
    scheduler = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    return WanImageToVideoPipeline(
        tokenizer=parts.t5_tokenizer(), text_encoder=parts.t5_text(many_languages=True), vae=vae, scheduler=scheduler,
        transformer=_wan_transformer(), **rest,
    )  # fmt: skip


def _wan_transformer() -> Any:
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=36, out_channels=16,
        text_dim=32, freq_dim=256, ffn_dim=32, num_layers=2, cross_attn_norm=True,
        qk_norm="rms_norm_across_heads", rope_max_seq_len=64,
    ).eval()  # fmt: skip
