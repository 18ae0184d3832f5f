"""A learned word changes what SDXL paints where the prompt says it, and nothing elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends
from tools.diffusion.embeddings import parse_embeddings
from tools.plates import Image


def learned(folder: Path, **sizes: int) -> str:
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(0)
    vectors = {key: torch.randn(2, size, generator=generator) for key, size in sizes.items()}
    save_file(vectors, str(folder / "mikaface.safetensors"))
    return f"{folder}:mikaface.safetensors"


def redrawn(prompt: str, **options: Any) -> Image:
    backend: Any = backends.load_backend(
        "redraw", "sdxl_inpaint", model=str(checkpoint("sdxl_any")), steps=2, megapixels=0.006, **options
    )
    if options:
        assert backend.prompt_encoder is None, "the words belong to text encoders that are loaded with the model"
    mask = np.full((64, 96), 255, np.uint8)
    made: Image = backend.redraw(lines(96, 64), mask, prompt=prompt, references=(), seed=1)
    return made


def test_a_learned_word_is_a_word_of_prompts(tmp_path: Path) -> None:
    name = learned(tmp_path, clip_l=32, clip_g=32)
    assert (redrawn("a mikaface smiles", embeddings=[name]) != redrawn("a mikaface smiles")).any()
    assert (redrawn("a girl smiles", embeddings=name) == redrawn("a girl smiles")).mean() > 0.99
    assert parse_embeddings("") == ()


def test_an_embedding_for_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        redrawn("a mikaface", embeddings=learned(tmp_path, clip_l=32))
