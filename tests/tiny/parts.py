"""Build tokenizers, text encoders and VAEs with random weights in memory, without reading any file."""

from __future__ import annotations

from typing import Any

CLIP_WORDS = 514


def byte_letters() -> list[str]:
    """Return the 256 printable letters that stand for bytes in byte-level BPE (GPT-2)."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in shown}
    hidden = [byte for byte in range(256) if byte not in letters]
    letters |= {byte: chr(256 + at) for at, byte in enumerate(hidden)}
    return [letters[byte] for byte in (*shown, *hidden)]


def clip_tokenizer(model_max_length: int = 77) -> Any:
    from transformers import CLIPTokenizer

    letters = byte_letters()
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: at for at, word in enumerate(words)}, merges=[], model_max_length=model_max_length
    )


def clip_text(hidden: int = 32, *, projection: int = 0) -> Any:
    """Return a CLIP text encoder; with `projection` the kind that SDXL has as its second."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=CLIP_WORDS, hidden_size=hidden, intermediate_size=hidden + 5, num_hidden_layers=2,
        num_attention_heads=4, projection_dim=projection or hidden, max_position_embeddings=77,
        # the defaults point into the 49k vocabulary, and pooling would look for a word that never comes
        bos_token_id=512, eos_token_id=513, pad_token_id=513,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()


def clip_vision(hidden: int = 32, *, projection: int = 32, size: int = 32, patch: int = 8) -> Any:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    config = CLIPVisionConfig(
        hidden_size=hidden, intermediate_size=37, projection_dim=projection, num_hidden_layers=2,
        num_attention_heads=4, image_size=size, patch_size=patch,
    )  # fmt: skip
    return CLIPVisionModelWithProjection(config).eval()


def clip_pictures(size: int = 32) -> Any:
    from transformers import CLIPImageProcessor

    return CLIPImageProcessor(crop_size={"height": size, "width": size}, size={"shortest_edge": size})


def t5_tokenizer(model_max_length: int = 64) -> Any:
    from transformers import T5Tokenizer

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    words = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -10.0), ("▁", -2.0), *((letter, -4.0) for letter in letters)]
    return T5Tokenizer(vocab=words, extra_ids=0, additional_special_tokens=None, model_max_length=model_max_length)


def t5_text(*, many_languages: bool = False) -> Any:
    """Return the encoder of T5, or of UMT5, which Wan uses."""
    from transformers import T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

    shape: dict[str, Any] = {
        "vocab_size": 128, "d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_heads": 4,
        "feed_forward_proj": "gated-gelu", "decoder_start_token_id": 0,
    }  # fmt: skip
    model = UMT5EncoderModel(UMT5Config(**shape)) if many_languages else T5EncoderModel(T5Config(**shape))
    return model.eval()


def qwen_tokenizer(model_max_length: int = 1024) -> Any:
    from transformers import Qwen2Tokenizer

    special = [
        "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
        "<|image_pad|>", "<|video_pad|>", "<think>", "</think>",
    ]  # fmt: skip
    words = [*byte_letters(), *special]
    tokenizer = Qwen2Tokenizer(
        vocab={word: at for at, word in enumerate(words)}, merges=[], model_max_length=model_max_length
    )
    tokenizer.add_special_tokens({"additional_special_tokens": special[1:]})
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    return tokenizer


def qwen_processor(min_pixels: int, max_pixels: int) -> Any:
    """Return the processor of texts and images that needs no torchvision."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from tools.diffusion.inpainters.qwen import PictureProcessor

    return PictureProcessor(qwen_tokenizer(), Qwen2VLImageProcessorPil(min_pixels=min_pixels, max_pixels=max_pixels))


def llama_tokenizer(model_max_length: int = 256) -> Any:
    from transformers import LlamaTokenizer

    letters = ["<unk>", "<s>", "</s>", "<pad>", "▁", *"abcdefghijklmnopqrstuvwxyz,.{}"]
    return LlamaTokenizer(
        vocab={word: at for at, word in enumerate(letters)}, merges=[], pad_token="<pad>",
        model_max_length=model_max_length,
    )  # fmt: skip


def byt5_tokenizer(extra_ids: int = 125) -> Any:
    """Return the tokenizer of bytes, which has no vocabulary."""
    from transformers import ByT5Tokenizer

    return ByT5Tokenizer(extra_ids=extra_ids)


def gemma_tokenizer(model_max_length: int = 256) -> Any:
    from transformers import GemmaTokenizer

    letters = ["<pad>", "<eos>", "<bos>", "<unk>", "<image_soft_token>", "▁", *"abcdefghijklmnopqrstuvwxyz,.{}"]
    return GemmaTokenizer(
        vocab={word: at for at, word in enumerate(letters)}, merges=[], model_max_length=model_max_length
    )


def vae(latent: int = 4, *, quant: bool = True, shift: float | None = None, scale: float = 0.18215) -> Any:
    """Return an image VAE that halves each side."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        in_channels=3, out_channels=3, block_out_channels=[16, 32], layers_per_block=1, norm_num_groups=8,
        down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2, latent_channels=latent,
        sample_size=64, use_quant_conv=quant, use_post_quant_conv=quant, shift_factor=shift, scaling_factor=scale,
    ).eval()  # fmt: skip
