"""Write tiny checkpoints as one file, with the names of weights that the authors of Stable Diffusion XL and Wan use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.tiny import checkpoint, parts

_OPEN_CLIP = (
    (r"^text_model\.encoder\.layers", lambda m: "transformer.resblocks"),
    (r"^text_model\.embeddings\.position_embedding\.weight", lambda m: "positional_embedding"),
    (r"^text_model\.embeddings\.", lambda m: ""),
    (r"^text_model\.final_layer_norm", lambda m: "ln_final"),
    (r"layer_norm(\d)", lambda m: f"ln_{m[1]}"),
    (r"\.fc1", lambda m: ".c_fc"),
    (r"\.fc2", lambda m: ".c_proj"),
    (r"\.self_attn", lambda m: ".attn"),
)
_WAN = (
    (r"condition_embedder\.time_embedder\.linear_(\d)", lambda m: f"time_embedding.{2 * (int(m[1]) - 1)}"),
    (r"condition_embedder\.text_embedder\.linear_(\d)", lambda m: f"text_embedding.{2 * (int(m[1]) - 1)}"),
    (r"condition_embedder\.time_proj", lambda m: "time_projection.1"),
    (r"^scale_shift_table", lambda m: "head.modulation"),
    (r"scale_shift_table", lambda m: "modulation"),
    (r"^proj_out", lambda m: "head.head"),
    (r"\.norm2\.", lambda m: ".norm3."),
    (r"attn1", lambda m: "self_attn"),
    (r"attn2", lambda m: "cross_attn"),
    (r"to_out\.0", lambda m: "o"),
    (r"to_(q|k|v)\.", lambda m: f"{m[1]}."),
    (r"ffn\.net\.0\.proj", lambda m: "ffn.0"),
    (r"ffn\.net\.2", lambda m: "ffn.2"),
)


def write_sdxl(place: Path) -> tuple[Path, Path]:
    """Write a tiny SDXL checkpoint of 4 channels as a folder and as one file; return both.

    Its text encoders differ in width, as the real ones do: the file's reader tells them apart by that.
    """
    import torch
    from diffusers import StableDiffusionXLInpaintPipeline
    from safetensors.torch import save_file

    torch.manual_seed(0)
    pipe = StableDiffusionXLInpaintPipeline.from_pretrained(
        str(checkpoint("sdxl_any")), text_encoder=parts.clip_text(16), image_encoder=None, feature_extractor=None,
        text_encoder_2=parts.clip_text(48, projection=32),
    )  # fmt: skip
    pipe.save_pretrained(str(place / "folder"))
    vae = _renamed(pipe.vae.state_dict(), _vae_rules(pipe.vae.config))
    vae |= {name: value[..., None, None] for name, value in vae.items() if "attn_1" in name and value.ndim == 2}
    file = place / "drawn.safetensors"
    weights = {
        **_prefixed("model.diffusion_model.", _renamed(pipe.unet.state_dict(), _unet_rules(pipe.unet.config))),
        **_prefixed("first_stage_model.", vae),
        **_prefixed("conditioner.embedders.0.transformer.", _wrapped(pipe.text_encoder.state_dict())),
        **_prefixed("conditioner.embedders.1.model.", _open_clip(_wrapped(pipe.text_encoder_2.state_dict()))),
    }
    save_file({name: value.contiguous().clone() for name, value in weights.items()}, file)
    return place / "folder", file


def write_wan(place: Path, component: str = "transformer", *, factor: float = 1.0) -> Path:
    """Write an expert of the tiny Wan 2.2 as one file, with its weights multiplied by `factor`."""
    from safetensors.torch import save_file

    file = place / f"{component}_{factor}.safetensors"
    save_file({name: value.contiguous() * factor for name, value in wan_weights(component).items()}, file)
    return file


def write_wan_gguf(place: Path, component: str = "transformer") -> Path:
    """Write an expert of the tiny Wan 2.2 as a GGUF file, with matrices in 8 bits where their rows divide into 32."""
    import gguf

    file = place / f"{component}.gguf"
    writer = gguf.GGUFWriter(str(file), "wan")
    for name, value in wan_weights(component).items():
        data = value.numpy()
        if data.ndim == 2 and data.shape[1] % 32 == 0:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def wan_weights(component: str) -> dict[str, Any]:
    """Return the weights of an expert of the tiny Wan 2.2 under their authors' names."""
    from diffusers import WanTransformer3DModel

    model = WanTransformer3DModel.from_pretrained(str(checkpoint("wan22_i2v")), subfolder=component)
    return _renamed(model.state_dict(), _WAN)


def _unet_rules(config: Mapping[str, Any]) -> Any:
    """Return the rules for a UNet: the blocks of its authors are counted through, a resampling layer being one."""
    step = config["layers_per_block"] + 1
    attended = [number for number, kind in enumerate(config["up_block_types"]) if "CrossAttn" in kind]
    return (
        (r"(resnets\.\d)\.norm1", lambda m: f"{m[1]}.in_layers.0"),
        (r"(resnets\.\d)\.conv1", lambda m: f"{m[1]}.in_layers.2"),
        (r"(resnets\.\d)\.norm2", lambda m: f"{m[1]}.out_layers.0"),
        (r"(resnets\.\d)\.conv2", lambda m: f"{m[1]}.out_layers.3"),
        (r"time_embedding\.linear_(\d)", lambda m: f"time_embed.{2 * (int(m[1]) - 1)}"),
        (r"add_embedding\.linear_(\d)", lambda m: f"label_emb.0.{2 * (int(m[1]) - 1)}"),
        (r"^conv_in", lambda m: "input_blocks.0.0"),
        (r"conv_norm_out", lambda m: "out.0"),
        (r"^conv_out", lambda m: "out.2"),
        (r"down_blocks\.(\d)\.resnets\.(\d)", lambda m: f"input_blocks.{1 + step * int(m[1]) + int(m[2])}.0"),
        (r"down_blocks\.(\d)\.attentions\.(\d)", lambda m: f"input_blocks.{1 + step * int(m[1]) + int(m[2])}.1"),
        (r"down_blocks\.(\d)\.downsamplers\.0\.conv", lambda m: f"input_blocks.{step * (int(m[1]) + 1)}.0.op"),
        (r"up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"output_blocks.{step * int(m[1]) + int(m[2])}.0"),
        (r"up_blocks\.(\d)\.attentions\.(\d)", lambda m: f"output_blocks.{step * int(m[1]) + int(m[2])}.1"),
        (
            r"up_blocks\.(\d)\.upsamplers\.0\.conv",
            lambda m: f"output_blocks.{step * int(m[1]) + step - 1}.{2 if int(m[1]) in attended else 1}.conv",
        ),
        (r"mid_block\.resnets\.(\d)", lambda m: f"middle_block.{2 * int(m[1])}"),
        (r"mid_block\.attentions\.0", lambda m: "middle_block.1"),
        (r"time_emb_proj", lambda m: "emb_layers.1"),
        (r"conv_shortcut", lambda m: "skip_connection"),
    )


def _vae_rules(config: Mapping[str, Any]) -> Any:
    """Return the rules for a VAE, whose authors count the blocks of the decoder backwards."""
    last = len(config["up_block_types"]) - 1
    return (
        (r"down_blocks\.(\d)\.resnets", lambda m: f"down.{m[1]}.block"),
        (r"down_blocks\.(\d)\.downsamplers\.0", lambda m: f"down.{m[1]}.downsample"),
        (r"up_blocks\.(\d)\.resnets", lambda m: f"up.{last - int(m[1])}.block"),
        (r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{last - int(m[1])}.upsample"),
        (r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}"),
        (r"mid_block\.attentions\.0\.to_out\.0", lambda m: "mid.attn_1.proj_out"),
        (r"mid_block\.attentions\.0\.to_", lambda m: "mid.attn_1."),
        (r"mid_block\.attentions\.0\.group_norm", lambda m: "mid.attn_1.norm"),
        (r"conv_shortcut", lambda m: "nin_shortcut"),
        (r"conv_norm_out", lambda m: "norm_out"),
    )


def _renamed(weights: Mapping[str, Any], rules: Any) -> dict[str, Any]:
    found = {}
    for name, value in weights.items():
        other = name
        for pattern, replacement in rules:
            other = re.sub(pattern, replacement, other)
        found[other] = value
    return found


def _prefixed(prefix: str, weights: Mapping[str, Any]) -> dict[str, Any]:
    return {prefix + name: value for name, value in weights.items()}


def _wrapped(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of a text encoder with the prefix that CLIP's own files have."""
    outside = ("text_model.", "text_projection")
    return {name if name.startswith(outside) else f"text_model.{name}": value for name, value in weights.items()}


def _open_clip(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights of a CLIP text encoder under OpenCLIP's names, with query, key and value in one matrix."""
    import torch

    found = _renamed(weights, _OPEN_CLIP)
    found["text_projection"] = found.pop("text_projection.weight").T
    for name in [name for name in found if ".q_proj." in name]:
        parts = [found.pop(name.replace("q_proj", part)) for part in ("q_proj", "k_proj", "v_proj")]
        found[name.replace(".q_proj.", ".in_proj_")] = torch.cat(parts)
    return found
