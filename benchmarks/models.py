"""Save diffusers models with random weights, full-size or tiny, to a folder. Nothing is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.tiny import checkpoint, parts


def sdxl(place: Path, tiny: bool) -> None:
    """Save SDXL for inpainting."""
    if tiny:
        shutil.copytree(checkpoint("sdxl_inpaint"), place)
        return
    import torch

    with _OnGpu(torch.float16):
        made = sdxl_pipe()
    made.save_pretrained(str(place))


def klein(place: Path, tiny: bool) -> None:
    """Save FLUX.2 klein 4B."""
    if tiny:
        shutil.copytree(checkpoint("klein_inpaint"), place)
        return
    import torch

    with _OnGpu(torch.bfloat16):
        made = klein_pipe()
    made.save_pretrained(str(place))


def wan(place: Path, tiny: bool) -> None:
    """Save Wan 2.2 TI2V 5B; the tiny variant is a small A14B."""
    if tiny:
        shutil.copytree(checkpoint("wan22_i2v"), place)
        return
    import torch

    with _OnGpu(torch.bfloat16):
        made = wan_pipe()
    made.save_pretrained(str(place))


def sdxl_pipe() -> Any:
    """Build SDXL with its published configuration: 3.5 billion weights."""
    from diffusers import (
        AutoencoderKL,
        EulerDiscreteScheduler,
        StableDiffusionXLInpaintPipeline,
        UNet2DConditionModel,
    )  # fmt: skip
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    unet = UNet2DConditionModel(
        sample_size=128, in_channels=9, block_out_channels=(320, 640, 1280), attention_head_dim=(5, 10, 20),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=256, transformer_layers_per_block=(1, 2, 10),
        projection_class_embeddings_input_dim=2816, cross_attention_dim=2048,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, layers_per_block=2, scaling_factor=0.13025,
    )  # fmt: skip
    ids: dict[str, Any] = {"bos_token_id": 512, "eos_token_id": 513, "pad_token_id": 513}
    small = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, **ids)
    large = CLIPTextConfig(
        hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, projection_dim=1280,
        **ids,
    )  # fmt: skip
    return StableDiffusionXLInpaintPipeline(
        vae=vae, unet=unet, text_encoder=CLIPTextModel(small), text_encoder_2=CLIPTextModelWithProjection(large),
        tokenizer=parts.clip_tokenizer(), tokenizer_2=parts.clip_tokenizer(), requires_aesthetics_score=False,
        scheduler=_in_full_precision(
            lambda: EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
        ),
    )  # fmt: skip


def klein_pipe() -> Any:
    """Build FLUX.2 klein with its published configuration: transformer and text encoder of 4 billion weights each."""
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinInpaintPipeline,
        Flux2Transformer2DModel,
    )  # fmt: skip
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = parts.qwen_tokenizer()
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    words = Qwen3Config(
        hidden_size=2560, intermediate_size=9728, num_hidden_layers=36, num_attention_heads=32, num_key_value_heads=8,
        head_dim=128, vocab_size=151936, bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    transformer = Flux2Transformer2DModel(
        in_channels=128, num_layers=5, num_single_layers=20, attention_head_dim=128, num_attention_heads=24,
        joint_attention_dim=7680, guidance_embeds=False,
    )  # fmt: skip
    return Flux2KleinInpaintPipeline(
        scheduler=_in_full_precision(FlowMatchEulerDiscreteScheduler), vae=AutoencoderKLFlux2(),
        text_encoder=Qwen3ForCausalLM(words), tokenizer=tokenizer, transformer=transformer,
    )  # fmt: skip


def wan_pipe() -> Any:
    """Build Wan with its published configuration: transformer and text encoder of 5 to 6 billion weights each."""
    from diffusers import (
        AutoencoderKLWan,
        UniPCMultistepScheduler,
        WanImageToVideoPipeline,
        WanTransformer3DModel,
    )  # fmt: skip
    from transformers import UMT5Config, UMT5EncoderModel

    vae = AutoencoderKLWan(
        base_dim=160, decoder_base_dim=256, z_dim=48, dim_mult=[1, 2, 4, 4], temperal_downsample=[False, True, True],
        is_residual=True, in_channels=12, out_channels=12, patch_size=2, scale_factor_spatial=16,
        scale_factor_temporal=4, latents_mean=[0.0] * 48, latents_std=[1.0] * 48,
    )  # fmt: skip
    transformer = WanTransformer3DModel(
        num_attention_heads=24, attention_head_dim=128, in_channels=48, out_channels=48, text_dim=4096, ffn_dim=14336,
        num_layers=30,
    )  # fmt: skip
    words = UMT5Config(
        vocab_size=256384, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    scheduler = _in_full_precision(
        lambda: UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0)
    )
    return WanImageToVideoPipeline(
        tokenizer=parts.t5_tokenizer(), text_encoder=UMT5EncoderModel(words), vae=vae, scheduler=scheduler,
        transformer=transformer, expand_timesteps=True,
    )  # fmt: skip


def _in_full_precision(make: Callable[[], Any]) -> Any:
    """Call `make` on the CPU in full precision: a scheduler computes with numpy, which knows no other precision."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        with torch.device("cpu"):
            return make()
    finally:
        torch.set_default_dtype(before)


class _OnGpu:
    """Create weights on the GPU in half precision: billions of random numbers take minutes on a CPU."""

    def __init__(self, dtype: Any) -> None:
        import torch

        self.torch, self.dtype = torch, dtype
        self.device = torch.device("cuda")

    def __enter__(self) -> None:
        self.torch.set_default_dtype(self.dtype)
        self.device.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.device.__exit__(*error)
        self.torch.set_default_dtype(self.torch.float32)
