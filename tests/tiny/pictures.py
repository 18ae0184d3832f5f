"""Build tiny image inpainting pipelines with random weights."""

from __future__ import annotations

from typing import Any

from tests.tiny import builds, parts


@builds("sdxl_inpaint")
def sdxl_inpaint() -> Any:
    """SDXL made for inpainting: the UNet takes the masked image and the mask (9 channels)."""
    return _sdxl(9)


@builds("sdxl_any")
def sdxl_any() -> Any:
    """Any SDXL checkpoint (4 channels), with which the same pipeline inpaints by blending latents."""
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


@builds("klein_inpaint")
def klein_inpaint() -> Any:
    """FLUX.2 [klein]: its text encoder has as many layers as the real one, of which three are used."""
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinInpaintPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = parts.qwen_tokenizer()
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    words = Qwen3Config(
        hidden_size=16, intermediate_size=16, num_hidden_layers=28, num_attention_heads=2, num_key_value_heads=2,
        head_dim=8, vocab_size=len(tokenizer), max_position_embeddings=1024, bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    vae = AutoencoderKLFlux2(
        sample_size=32, in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",),
        up_block_types=("UpDecoderBlock2D",), block_out_channels=(4,), layers_per_block=1, latent_channels=1,
        norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
    )  # fmt: skip
    transformer = Flux2Transformer2DModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=3 * 16, timestep_guidance_channels=256, axes_dims_rope=[4, 4, 4, 4],
        guidance_embeds=False,
    )  # fmt: skip
    return Flux2KleinInpaintPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(), vae=vae.eval(), text_encoder=Qwen3ForCausalLM(words).eval(),
        tokenizer=tokenizer, transformer=transformer.eval(),
    )  # fmt: skip


@builds("flux_fill")
def flux_fill() -> Any:
    """FLUX.1 Fill: its transformer takes packed latents, the masked image and the mask."""
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxFillPipeline, FluxTransformer2DModel

    latent, smaller = 4, 2
    seen = 4 * latent + 4 * latent + 4 * smaller**2
    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=seen, out_channels=4 * latent, num_layers=1, num_single_layers=1,
        attention_head_dim=16, num_attention_heads=2, joint_attention_dim=32, pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8], guidance_embeds=True,
    )  # fmt: skip
    return FluxFillPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=parts.vae(latent, quant=False, shift=0.1159, scale=0.3611), text_encoder=parts.clip_text(),
        tokenizer=parts.clip_tokenizer(), text_encoder_2=parts.t5_text(), tokenizer_2=parts.t5_tokenizer(),
        transformer=transformer.eval(),
    )  # fmt: skip


class IpAdapter:
    """The weights of an IP-Adapter for the tiny SDXL, with its image encoder."""

    def save_pretrained(self, folder: str, *, safe_serialization: bool = True) -> None:
        import torch
        from safetensors.torch import save_file

        unet, looked, words, tokens = sdxl_any().unet, 32, 64, 4
        kept = {
            "image_proj.proj.weight": torch.randn(tokens * words, looked) * 0.2,
            "image_proj.proj.bias": torch.zeros(tokens * words),
            "image_proj.norm.weight": torch.ones(words),
            "image_proj.norm.bias": torch.zeros(words),
        }
        layers = [name.rsplit(".processor", 1)[0] for name in unet.attn_processors if "attn2" in name]
        for number, name in enumerate(layers):
            out = unet.get_submodule(name).to_q.out_features
            for part in ("k", "v"):
                kept[f"ip_adapter.{2 * number + 1}.to_{part}_ip.weight"] = torch.randn(out, words) * 0.2
        save_file(kept, f"{folder}/ip.safetensors")


@builds("ip_adapter")
def ip_adapter() -> Any:
    """An IP-Adapter for the tiny SDXL."""
    return IpAdapter()
