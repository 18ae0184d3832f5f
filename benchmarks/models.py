"""Save diffusers models with random weights, full-size or tiny, to a folder. Nothing is downloaded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.tiny import checkpoint
from tests.tiny.published import Component, published


def sdxl(place: Path, tiny: bool) -> None:
    """Save SDXL for inpainting: 3.5 billion weights."""
    _save("sdxl_inpaint", place, tiny, "float16")


def klein(place: Path, tiny: bool) -> None:
    """Save FLUX.2 klein 4B: transformer and text encoder of 4 billion weights each."""
    _save("klein_inpaint", place, tiny, "bfloat16")


def wan(place: Path, tiny: bool) -> None:
    """Save Wan 2.2 TI2V 5B: transformer and text encoder of 5 to 6 billion weights each."""
    _save("wan22_5b", place, tiny, "bfloat16")


def _save(name: str, place: Path, tiny: bool, dtype: str) -> None:
    if tiny:
        shutil.copytree(checkpoint(name), place)
        return
    import diffusers
    import torch

    model = published(name)
    made = {key: _on_gpu(component, getattr(torch, dtype)) for key, component in model.components.items()}
    getattr(diffusers, model.classname)(**made, **model.arguments).save_pretrained(str(place))


def _on_gpu(component: Component, dtype: Any) -> Any:
    """Create a model on the GPU in half precision: billions of random numbers take minutes on a CPU."""
    import torch

    if component.classname.endswith("Scheduler"):  # computes with numpy, which knows no half precision
        return component.make()
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device("cuda"):
            return component.make()
    finally:
        torch.set_default_dtype(before)
