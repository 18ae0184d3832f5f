"""Load textual inversions: learned words for what prompts cannot describe (Gal et al. 2022).

A file holds the vectors of one word, which is called as the file is. Those of SDXL have vectors for both of its text
encoders, as kohya's trainers write them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from storage.errors import BackendError
from tools.diffusion.weights import Weights
from tools.options import Names

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

_ENCODERS = (("clip_l", "text_encoder", "tokenizer"), ("clip_g", "text_encoder_2", "tokenizer_2"))
"""The vectors in a file for SDXL, and the components of the pipeline that they belong to."""


def parse_embeddings(names: Names) -> tuple[Weights, ...]:
    """Return the embeddings that an option names: one text or several, "" for none."""
    return tuple(Weights(name) for name in ([names] if isinstance(names, str) else names) if name)


def load_embeddings(pipe: DiffusionPipeline, embeddings: Sequence[Weights]) -> None:
    """Teach the text encoders of an SDXL pipeline the words of embeddings; it has none without its text encoders.

    Raises BackendError if a file holds no embedding for SDXL.
    """
    from safetensors.torch import load_file

    for weights in embeddings:
        path = weights.file
        vectors = load_file(path)
        if set(vectors) != {key for key, _, _ in _ENCODERS}:
            raise BackendError(f"{path.name} holds no embedding for SDXL", "name a file with clip_l and clip_g")
        for key, encoder, tokenizer in _ENCODERS:
            pipe.load_textual_inversion(
                vectors[key], token=path.stem, text_encoder=getattr(pipe, encoder), tokenizer=getattr(pipe, tokenizer)
            )
