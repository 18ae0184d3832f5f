"""Build tiny image-to-video pipelines with random weights."""

from __future__ import annotations

from typing import Any

from tests.tiny import builds, parts

_WAN: dict[str, Any] = {
    "patch_size": (1, 2, 2), "num_attention_heads": 2, "attention_head_dim": 12, "text_dim": 32, "freq_dim": 256,
    "ffn_dim": 32, "cross_attn_norm": True, "qk_norm": "rms_norm_across_heads", "rope_max_seq_len": 64,
}  # fmt: skip


@builds("wan21_i2v")
def wan21_i2v() -> Any:
    """Wan 2.1: one transformer, which also takes the first frame's CLIP embedding."""
    from transformers import CLIPVisionConfig, CLIPVisionModel

    config = CLIPVisionConfig(
        hidden_size=32, intermediate_size=37, projection_dim=32, num_hidden_layers=2, num_attention_heads=4,
        image_size=32, patch_size=8,
    )  # fmt: skip
    return _wan(
        transformer=_wan_transformer(image_dim=32),
        image_encoder=CLIPVisionModel(config).eval(),
        image_processor=parts.clip_pictures(),
    )


@builds("wan22_i2v")
def wan22_i2v() -> Any:
    """Wan 2.2 A14B: two experts, which take the first frame only through the VAE."""
    return _wan(transformer=_wan_transformer(), transformer_2=_wan_transformer(), boundary_ratio=0.9)


@builds("wan22_5b")
def wan22_5b() -> Any:
    """Wan 2.2 TI2V-5B: the first frame is among the latents, each of which has its own timestep."""
    return _wan(transformer=_wan_transformer(channels=16), expand_timesteps=True)


@builds("wan_vace")
def wan_vace() -> Any:
    """Wan VACE: takes frames, a mask and references."""
    from diffusers import WanVACEPipeline, WanVACETransformer3DModel

    transformer = WanVACETransformer3DModel(
        in_channels=16, out_channels=16, num_layers=3, vace_layers=[0, 2], vace_in_channels=96, **_WAN
    ).eval()
    return WanVACEPipeline(
        tokenizer=parts.t5_tokenizer(), text_encoder=parts.t5_text(many_languages=True), vae=_wan_vae(),
        scheduler=_unipc(), transformer=transformer, transformer_2=None,
    )  # fmt: skip


@builds("ltx_i2v")
def ltx_i2v() -> Any:
    """LTX-Video 0.9."""
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXImageToVideoPipeline,
        LTXVideoTransformer3DModel,
    )

    transformer = LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, patch_size=1, patch_size_t=1, num_attention_heads=4, attention_head_dim=8,
        cross_attention_dim=32, num_layers=2, caption_channels=32,
    )  # fmt: skip
    vae = AutoencoderKLLTXVideo(
        in_channels=3, out_channels=3, latent_channels=8, block_out_channels=(8,) * 4,
        decoder_block_out_channels=(8,) * 4, layers_per_block=(1,) * 5, decoder_layers_per_block=(1,) * 5,
        spatio_temporal_scaling=(True, True, False, False), decoder_spatio_temporal_scaling=(True, True, False, False),
        decoder_inject_noise=(False,) * 5, upsample_residual=(False,) * 4, upsample_factor=(1,) * 4,
        timestep_conditioning=False, patch_size=1, patch_size_t=1, encoder_causal=True, decoder_causal=False,
    )  # fmt: skip
    return LTXImageToVideoPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(), vae=vae.eval(), text_encoder=parts.t5_text(),
        tokenizer=parts.t5_tokenizer(), transformer=transformer.eval(),
    )  # fmt: skip


@builds("cogvideox_i2v")
def cogvideox_i2v() -> Any:
    """CogVideoX, with as many text tokens as the pipeline passes by default."""
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXImageToVideoPipeline,
        CogVideoXTransformer3DModel,
    )

    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=8, out_channels=4, time_embed_dim=2,
        text_embed_dim=32, num_layers=2, sample_width=8, sample_height=8, sample_frames=9, patch_size=2,
        temporal_compression_ratio=4, max_text_seq_length=226, use_rotary_positional_embeddings=True,
    )  # fmt: skip
    vae = AutoencoderKLCogVideoX(
        in_channels=3, out_channels=3, down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4, block_out_channels=(8,) * 4, latent_channels=4,
        layers_per_block=1, norm_num_groups=2, temporal_compression_ratio=4,
    )  # fmt: skip
    return CogVideoXImageToVideoPipeline(
        tokenizer=parts.t5_tokenizer(), text_encoder=parts.t5_text(), vae=vae.eval(),
        transformer=transformer.eval(), scheduler=CogVideoXDDIMScheduler(),
    )  # fmt: skip


@builds("svd")
def svd() -> Any:
    """Stable Video Diffusion, which encodes the first frame at 224 pixels, whatever its encoder."""
    import torch
    from diffusers import (
        AutoencoderKLTemporalDecoder,
        EulerDiscreteScheduler,
        StableVideoDiffusionPipeline,
        UNetSpatioTemporalConditionModel,
    )

    unet = UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 32), layers_per_block=1, sample_size=32, in_channels=8, out_channels=4,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"), cross_attention_dim=32,
        num_attention_heads=8, projection_class_embeddings_input_dim=96, addition_time_embed_dim=32,
    )  # fmt: skip
    vae = AutoencoderKLTemporalDecoder(
        block_out_channels=[32], in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"],
        latent_channels=4,
    )  # fmt: skip
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", interpolation_type="linear",
        num_train_timesteps=1000, prediction_type="v_prediction", sigma_max=700.0, sigma_min=0.002, steps_offset=1,
        timestep_spacing="leading", timestep_type="continuous", use_karras_sigmas=True,
    )  # fmt: skip
    return StableVideoDiffusionPipeline(
        vae=vae.eval(), image_encoder=parts.clip_vision(size=224, patch=32), unet=unet.eval(), scheduler=scheduler,
        feature_extractor=parts.clip_pictures(224),
    ).to(torch.float32)  # fmt: skip


_UNET: dict[str, Any] = {"block_out_channels": (16, 32), "layers_per_block": 1, "cross_attention_dim": 32,
                         "norm_num_groups": 8, "attention_head_dim": 8}  # fmt: skip


@builds("sd15")
def sd15() -> Any:
    """Any Stable Diffusion 1.5 checkpoint."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    unet = UNet2DConditionModel(
        sample_size=32, in_channels=4, out_channels=4, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), **_UNET,
    )  # fmt: skip
    scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="linear", clip_sample=False)
    return StableDiffusionPipeline(
        vae=parts.vae(), text_encoder=parts.clip_text(), tokenizer=parts.clip_tokenizer(), unet=unet.eval(),
        scheduler=scheduler, safety_checker=None, feature_extractor=parts.clip_pictures(),
        image_encoder=parts.clip_vision(), requires_safety_checker=False,
    )  # fmt: skip


@builds("motion_adapter")
def motion_adapter() -> Any:
    """AnimateDiff's motion modules."""
    from diffusers import MotionAdapter

    return MotionAdapter(
        block_out_channels=(16, 32), motion_layers_per_block=1, motion_norm_num_groups=8,
        motion_num_attention_heads=4, motion_max_seq_length=32,
    ).eval()  # fmt: skip


@builds("sparsectrl")
def sparsectrl() -> Any:
    """SparseCtrl of RGB frames."""
    from diffusers import SparseControlNetModel

    return SparseControlNetModel(
        in_channels=4, conditioning_channels=4, down_block_types=("CrossAttnDownBlockMotion", "DownBlockMotion"),
        motion_num_attention_heads=4, use_simplified_condition_embedding=True, concat_conditioning_mask=True, **_UNET,
    ).eval()  # fmt: skip


@builds("framepack")
def framepack() -> Any:
    """FramePack, complete in one checkpoint."""
    from diffusers import (
        AutoencoderKLHunyuanVideo,
        FlowMatchEulerDiscreteScheduler,
        HunyuanVideoFramepackPipeline,
        HunyuanVideoFramepackTransformer3DModel,
    )
    from transformers import (
        LlamaConfig,
        LlamaModel,
        LlamaTokenizer,
        SiglipImageProcessor,
        SiglipVisionConfig,
        SiglipVisionModel,
    )

    letters = ["<unk>", "<s>", "</s>", "<pad>", "▁", *"abcdefghijklmnopqrstuvwxyz,.{}"]
    tokenizer = LlamaTokenizer(vocab={word: at for at, word in enumerate(letters)}, merges=[], pad_token="<pad>")
    words = LlamaConfig(
        bos_token_id=1, eos_token_id=2, pad_token_id=3, hidden_size=16, intermediate_size=37, num_attention_heads=4,
        num_hidden_layers=2, vocab_size=64,
    )  # fmt: skip
    transformer = HunyuanVideoFramepackTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1,
        num_single_layers=1, num_refiner_layers=1, patch_size=2, patch_size_t=1, guidance_embeds=True,
        text_embed_dim=16, pooled_projection_dim=32, rope_axes_dim=(2, 4, 4), image_condition_type=None,
        has_image_proj=True, image_proj_dim=32, has_clean_x_embedder=True,
    )  # fmt: skip
    vae = AutoencoderKLHunyuanVideo(
        in_channels=3, out_channels=3, latent_channels=4, down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4, block_out_channels=(8,) * 4, layers_per_block=1,
        act_fn="silu", norm_num_groups=4, scaling_factor=0.476986, spatial_compression_ratio=8,
        temporal_compression_ratio=4, mid_block_add_attention=True,
    )  # fmt: skip
    sight = SiglipVisionConfig(
        hidden_size=32, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8
    )
    return HunyuanVideoFramepackPipeline(
        text_encoder=LlamaModel(words).eval(), tokenizer=tokenizer, transformer=transformer.eval(), vae=vae.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0), text_encoder_2=parts.clip_text(),
        tokenizer_2=parts.clip_tokenizer(), image_encoder=SiglipVisionModel(sight).eval(),
        feature_extractor=SiglipImageProcessor(size={"height": 32, "width": 32}),
    )  # fmt: skip


def _wan(**rest: Any) -> Any:
    from diffusers import WanImageToVideoPipeline

    return WanImageToVideoPipeline(
        tokenizer=parts.t5_tokenizer(), text_encoder=parts.t5_text(many_languages=True), vae=_wan_vae(),
        scheduler=_unipc(), **rest,
    )  # fmt: skip


def _wan_vae() -> Any:
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    ).eval()


def _unipc() -> Any:
    from diffusers import UniPCMultistepScheduler

    return UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)


def _wan_transformer(image_dim: int | None = None, channels: int = 36) -> Any:
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel(
        in_channels=channels, out_channels=16, num_layers=2, image_dim=image_dim, **_WAN
    ).eval()  # fmt: skip
