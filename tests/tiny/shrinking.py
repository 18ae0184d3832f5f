"""Make published configurations small: widths, depths and vocabularies, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.tiny.published import Component

_TEXT = {"d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_heads": 4, "vocab_size": 128}
_CLIP = {
    "hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4, "projection_dim": 32,
}  # fmt: skip
_WAN = {"num_attention_heads": 2, "attention_head_dim": 12, "text_dim": 32, "ffn_dim": 32, "num_layers": 2}
_IMAGE_VAE = {"block_out_channels": [8, 8, 8, 8], "layers_per_block": 1, "norm_num_groups": 4}
_SIGHT = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}

_SDXL_CONTROL = {
    "block_out_channels": [16, 32, 32],
    "layers_per_block": 1,
    "attention_head_dim": [2, 4, 4],
    "transformer_layers_per_block": [1, 1, 1],
    "cross_attention_dim": 64,
    "norm_num_groups": 8,
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 6 * 8 + 32,
    "conditioning_embedding_out_channels": [4, 4, 8, 8],
}

SMALL: dict[str, dict[str, Any]] = {
    "CLIPTextModel": {**_CLIP, "vocab_size": 514},
    "CLIPTextModelWithProjection": {**_CLIP, "vocab_size": 514},
    "CLIPVisionModel": _CLIP,
    "CLIPVisionModelWithProjection": _CLIP,
    "T5EncoderModel": _TEXT,
    "UMT5EncoderModel": _TEXT,
    "SiglipVisionModel": _SIGHT,
    "SiglipModel": {"text_config": {**_SIGHT, "vocab_size": 514}, "vision_config": _SIGHT},
    "Sam2Model": {
        "vision_config": {
            "backbone_channel_list": [64, 32, 16, 8], "fpn_hidden_size": 32,
            "backbone_config": {
                "hidden_size": 8, "num_attention_heads": 1, "embed_dim_per_stage": [8, 16, 32, 64],
                "num_attention_heads_per_stage": [1, 2, 4, 8], "blocks_per_stage": [1, 2, 2, 2],
                "global_attention_blocks": [4],
            },
        },
        "prompt_encoder_config": {"hidden_size": 32},
        "mask_decoder_config": {
            "hidden_size": 32, "mlp_dim": 16, "num_attention_heads": 2, "iou_head_hidden_dim": 16,
        },
    },
    "DepthAnythingForDepthEstimation": {
        "reassemble_hidden_size": 16, "neck_hidden_sizes": [8, 8, 8, 8], "fusion_hidden_size": 8,
        "head_hidden_size": 8,
        "backbone_config": {
            "hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2, "out_indices": [1, 2, 3, 4],
        },
    },
    "Owlv2ForObjectDetection": {
        "projection_dim": 32, "text_config": {**_SIGHT, "vocab_size": 514}, "vision_config": _SIGHT,
    },
    "Dinov2Model": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2},
    "Qwen3ForCausalLM": {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 28, "num_attention_heads": 2,
        "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 266,
    },
    "Qwen2_5_VLForConditionalGeneration": {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 2, "vocab_size": 266, "rope_scaling": {"mrope_section": [1, 1, 2]},
        "vision_config": {
            "depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
            "fullatt_block_indexes": [1],
        },
    },
    "LlamaModel": {
        "hidden_size": 16, "intermediate_size": 37, "num_hidden_layers": 4, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 64,
    },
    "Gemma3ForConditionalGeneration": {
        "text_config": {
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 64,
        },
        "vision_config": {**_SIGHT, "num_hidden_layers": 1},
    },
    "Qwen2_5_VLTextModel": {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2,
        "num_key_value_heads": 2, "vocab_size": 266, "rope_scaling": {"mrope_section": [1, 1, 2]},
    },
    "HunyuanVideo15Transformer3DModel": {
        "num_attention_heads": 2, "attention_head_dim": 16, "num_layers": 2, "num_refiner_layers": 1,
        "text_embed_dim": 16, "text_embed_2_dim": 32, "image_embed_dim": 32, "rope_axes_dim": [4, 6, 6],
    },
    "AutoencoderKLHunyuanVideo15": {"block_out_channels": [32, 32, 64, 64, 64], "layers_per_block": 1},
    "Qwen3Model": {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 266,
    },
    "ZImageTransformer2DModel": {
        "dim": 32, "n_layers": 2, "n_refiner_layers": 1, "n_heads": 2, "n_kv_heads": 2, "cap_feat_dim": 16,
        "axes_dims": [8, 4, 4],
    },
    "LTX2TextConnectors": {
        "caption_channels": 16, "text_proj_in_factor": 3, "video_connector_num_attention_heads": 2,
        "video_connector_attention_head_dim": 8, "video_connector_num_layers": 1,
        "audio_connector_num_attention_heads": 2, "audio_connector_attention_head_dim": 8,
        "audio_connector_num_layers": 1, "video_hidden_dim": 16, "audio_hidden_dim": 16,
    },
    "LTX2VideoTransformer3DModel": {
        "num_attention_heads": 2, "attention_head_dim": 8, "cross_attention_dim": 16, "audio_num_attention_heads": 2,
        "audio_attention_head_dim": 8, "audio_cross_attention_dim": 16, "num_layers": 2, "caption_channels": 16,
    },
    "AutoencoderKLLTX2Video": {
        "block_out_channels": [8, 16, 32, 32], "decoder_block_out_channels": [8, 16, 16, 32],
        "layers_per_block": [1, 1, 1, 1, 1], "decoder_layers_per_block": [1, 1, 1, 1, 1],
    },
    "AutoencoderKLLTX2Audio": {"ch_mult": [1, 1, 1], "num_res_blocks": 1},
    "LTX2VocoderWithBWE": {"hidden_channels": 64, "bwe_hidden_channels": 32},
    "WanTransformer3DModel": {**_WAN, "image_dim": 32, "added_kv_proj_dim": 24},
    "WanVACETransformer3DModel": {**_WAN, "num_layers": 3, "vace_layers": [0, 2]},
    "AutoencoderKLWan": {"base_dim": 4, "decoder_base_dim": 4, "num_res_blocks": 1},
    "AutoencoderKLQwenImage": {"base_dim": 4, "num_res_blocks": 1},
    "QwenImageTransformer2DModel": {
        "num_layers": 2, "attention_head_dim": 16, "num_attention_heads": 3, "joint_attention_dim": 16,
        "axes_dims_rope": [8, 4, 4],
    },
    "Flux2Transformer2DModel": {
        "num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2,
        "joint_attention_dim": 48, "axes_dims_rope": [4, 4, 4, 4],
    },
    "FluxTransformer2DModel": {
        "num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2,
        "joint_attention_dim": 32, "pooled_projection_dim": 32, "axes_dims_rope": [4, 4, 8],
    },
    "AutoencoderKL": _IMAGE_VAE,
    "AutoencoderKLFlux2": _IMAGE_VAE,
    "AutoencoderKLTemporalDecoder": {"block_out_channels": [32, 32, 32, 32], "layers_per_block": 1},
    "AutoencoderKLHunyuanVideo": _IMAGE_VAE,
    "AutoencoderKLCogVideoX": {"block_out_channels": [8, 8, 8, 8], "layers_per_block": 1, "norm_num_groups": 2},
    "AutoencoderKLLTXVideo": {
        "block_out_channels": [8, 8, 8, 8], "decoder_block_out_channels": [8, 8, 8, 8],
        "layers_per_block": [1, 1, 1, 1, 1], "decoder_layers_per_block": [1, 1, 1, 1, 1],
    },
    "LTXVideoTransformer3DModel": {
        "num_attention_heads": 4, "attention_head_dim": 8, "cross_attention_dim": 32, "num_layers": 2,
        "caption_channels": 32,
    },
    "CogVideoXTransformer3DModel": {
        "num_attention_heads": 2, "attention_head_dim": 16, "num_layers": 2, "text_embed_dim": 32, "time_embed_dim": 2,
    },
    "HunyuanVideoFramepackTransformer3DModel": {
        "num_attention_heads": 2, "attention_head_dim": 10, "num_layers": 1, "num_single_layers": 1,
        "num_refiner_layers": 1, "text_embed_dim": 16, "pooled_projection_dim": 32, "rope_axes_dim": [2, 4, 4],
        "image_proj_dim": 32,
    },
    "UNetSpatioTemporalConditionModel": {
        "block_out_channels": [32, 32, 32, 32], "layers_per_block": 1, "num_attention_heads": [2, 2, 2, 2],
        "cross_attention_dim": 32, "addition_time_embed_dim": 32, "projection_class_embeddings_input_dim": 96,
    },
    "MotionAdapter": {
        "block_out_channels": [16, 16, 32, 32], "motion_layers_per_block": 1, "motion_norm_num_groups": 8,
    },
    "ControlNetModel": _SDXL_CONTROL,
    "ControlNetUnionModel": {
        **_SDXL_CONTROL, "num_trans_channel": 16, "num_trans_head": 2, "num_proj_channel": 16,
    },
    "SparseControlNetModel": {
        "block_out_channels": [16, 16, 32, 32], "layers_per_block": 1, "cross_attention_dim": 32, "norm_num_groups": 8,
    },
}  # fmt: skip
"""For each class, the fields that are made small. Fields that a model does not name stay unnamed."""
_UNETS: dict[int, dict[str, Any]] = {
    3: _SDXL_CONTROL,
    4: {"block_out_channels": [16, 16, 32, 32], "layers_per_block": 1, "cross_attention_dim": 32, "norm_num_groups": 8},
}  # fmt: skip
"""UNet2DConditionModel by its number of levels: SDXL and Stable Diffusion 1.5."""


def small(component: Component) -> Component:
    """Return a component that is small in widths, depths and vocabulary; tokenizers and the like as they are."""
    fields = SMALL.get(component.classname, {})
    if component.classname == "UNet2DConditionModel":
        fields = _UNETS[len(component.config["block_out_channels"])]
    return component.with_config(**_merged(component.config, fields))


def _merged(config: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the small values of those fields that a configuration has."""
    return {
        key: {**config[key], **_merged(config[key], value)} if isinstance(value, dict) else value
        for key, value in fields.items() if key in config
    }  # fmt: skip
