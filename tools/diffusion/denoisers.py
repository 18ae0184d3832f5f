"""Load the denoiser of a pipeline by itself, from a folder or one file, and store the weights of models in fewer bits.

A file holds a denoiser in the layout of its authors (.safetensors), or quantised by llama.cpp's tools (.gguf).
Dettmers et al., QLoRA (2023), for nf4; TorchAO for int8. What is computed keeps the precision of the pipeline.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_type_hints

from storage.errors import BackendError
from tools.diffusion.weights import Weights

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline, ModelMixin, PipelineQuantizationConfig

Quantisation = Literal["none", "nf4", "int8"]
"""How weights are stored: as they are, in 4 bits (bitsandbytes; needs a GPU), or in 8 bits (torchao)."""
PACKAGES: dict[str, tuple[str, ...]] = {"none": (), "nf4": ("bitsandbytes",), "int8": ("torchao",)}
"""The packages that each quantisation needs."""
GGUF = ".gguf"
_LARGE_PARTS = ("transformer", "unet", "text_encoder")
"""Beginnings of the names of components that are worth quantising."""
_SMALL_CLASSES = "CLIP"
"""Beginning of the names of classes of text encoders that are not: at most 0.7 billion weights."""


def load_denoiser(
    kind: type[DiffusionPipeline], component: str, weights: Weights, model: Path, dtype: torch.dtype, quant: str
) -> ModelMixin:
    """Load a denoiser that replaces the one of a pipeline's own checkpoint.

    Args:
        kind: The pipeline class.
        component: The name of the component, such as "transformer".
        weights: A folder, or one file.
        model: The folder of the pipeline's checkpoint, which configures a denoiser in one file.
        dtype: The precision of computing.
        quant: How its weights are stored; a .gguf file stays as it is.

    Returns:
        The denoiser.

    Raises:
        BackendError: The pipeline has no such component, or the file lacks weights of it.
    """
    denoiser = get_type_hints(kind.__init__).get(component)
    if denoiser is None:
        raise BackendError(f"{kind.__name__} has no {component}", f"leave out {component}")
    common = {"dtype": dtype, "local_files_only": True}
    config = _config(quant, dtype, "diffusers") if component.startswith(_LARGE_PARTS) else None
    if not weights.is_file:
        return denoiser.from_pretrained(
            str(weights.folder), use_safetensors=True, **common, **({"quantization_config": config} if config else {})
        )
    if weights.file.suffix == GGUF:
        from diffusers import GGUFQuantizationConfig

        config = GGUFQuantizationConfig(compute_dtype=dtype)
    try:
        return denoiser.from_single_file(
            str(weights.file), config=str(model), subfolder=component, quantization_config=config, **common
        )
    except NotImplementedError as reason:  # torch's error for a weight that was named and never given a value
        raise BackendError(
            f"{weights.file.name} lacks weights of {denoiser.__name__}", "name a file that was made for this model"
        ) from reason


def pipeline_quantisation(
    quant: str, dtype: torch.dtype, model: Path, skipped: Sequence[str]
) -> PipelineQuantizationConfig | None:
    """Return the argument of `from_pretrained` that quantises the large components of a checkpoint; None for none.

    Args:
        quant: How weights are stored.
        dtype: The precision of computing.
        model: The folder of the checkpoint.
        skipped: Components that are not loaded from it.
    """
    if quant == "none":
        return None
    from diffusers import PipelineQuantizationConfig

    index = json.loads((model / "model_index.json").read_text(encoding="utf-8"))
    parts = {
        name: _config(quant, dtype, entry[0])
        for name, entry in index.items()
        if name.startswith(_LARGE_PARTS) and name not in skipped and _is_large(entry)
    }
    return PipelineQuantizationConfig(quant_mapping=parts) if parts else None


def _is_large(entry: object) -> bool:
    """Return whether an entry of `model_index.json`, [library, class], is a component worth quantising."""
    return isinstance(entry, list) and bool(entry[1]) and not str(entry[1]).startswith(_SMALL_CLASSES)


def _config(quant: str, dtype: torch.dtype, library: str) -> Any:
    """Return the quantisation of one component for the library that loads it, diffusers or transformers."""
    import diffusers
    import transformers

    source = transformers if library == "transformers" else diffusers
    if quant == "nf4":
        return source.BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
    if quant == "int8":
        from torchao.quantization import Int8WeightOnlyConfig

        return source.TorchAoConfig(Int8WeightOnlyConfig())
    return None
